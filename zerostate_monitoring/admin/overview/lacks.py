"""What monitoring itself lacks: each part with how it stands and where its remedy is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.collector_state import idle_reason, state_of
from zerostate_monitoring.admin.overview.counting import Counted, Standing
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.collection import advice_on
from zerostate_monitoring.models import Collector
from zerostate_monitoring.models.words import Health

_FIELDS: Final = (
    "name", "enabled", "failures_in_a_row", "last_error_kind", "last_success_at",
    "interval_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign:
    """One part: its tone and word, what there is to say, and the page with the remedy.

    ``page`` is the name of a page of admin, ``arg`` its key, ``query`` what follows; ``model``
    is what one must be allowed to view. ``remedy`` says what one does there.
    """

    title: str
    tone: str
    word: str
    text: str = ""
    page: str = ""
    arg: object = None
    query: str = ""
    model: str = ""
    remedy: str = ""
    is_usual: bool = False
    """Whether it is worth a look and no fault."""

    @property
    def badge(self) -> SafeString:
        """The word with its sign."""
        return display.badge(self.tone, self.word)

    @property
    def is_trouble(self) -> bool:
        """Whether somebody is to do something."""
        return self.tone in {"bad", "warn"} and not self.is_usual


def signs(
    counted: Counted, alerts: Iterable[Standing], dropped: float | None, now: datetime
) -> list[Sign]:
    """All parts: those with a fault first, then in the order in which numbers become messages."""
    standings = list(alerts)
    found = [
        *_collectors(now),
        _evaluation(counted, now),
        _missed(counted),
        _rules(counted),
        _routes(counted, standings),
        *_observed(standings),
        _messages(counted),
        _receivers(counted),
        _logs(dropped),
        _silences(counted),
    ]
    return sorted(found, key=lambda sign: not sign.is_trouble)


def blindness(counted: Counted, now: datetime) -> str:
    """Why alerts say nothing of the network now; empty where they do."""
    if not conf.ENABLED:
        return _("it is switched off (ZEROSTATE_MONITORING_ENABLED).")
    if not conf.EVALUATE:
        return ""
    newest = counted["newest slot"].count
    if not newest:
        return _("no rule was evaluated yet.")
    if counted["late"].count and now.timestamp() - newest / 1000 > _BLIND_SECONDS:
        age = display.age(now.timestamp() - newest / 1000)
        return _("rules were last evaluated %s ago.") % age
    return ""


_BLIND_SECONDS: Final = 300
_FEW: Final = 3
"""So many collectors have a line each; more have one together."""


def _collectors(now: datetime) -> Iterator[Sign]:
    """Those that are late or fail, each with its remedy; one line where all are well."""
    rows = [row for row in Collector.objects.only(*_FIELDS) if row.enabled]
    states = [(row, *state_of(row, now.timestamp())) for row in rows]
    late = [one for one in states if one[1] not in {"good", "off"} and not idle_reason(one[0])]
    where: dict[str, Any] = {"page": "collector_changelist", "model": "collector"}
    if 0 < len(late) <= _FEW:
        yield from (_collector(row, tone, word, now) for row, tone, word in late)
    elif late:
        names = display.some([row.name for row, _tone, _word in late])
        word = _("%(n)d late or failing") % {"n": len(late)}
        remedy = _("See their errors, run them")
        yield Sign(_("Collectors"), "bad", word, names, remedy=remedy, **where)
    else:
        text = ngettext("%(n)d collector.", "%(n)d collectors.", len(rows)) % {"n": len(rows)}
        tone, word = ("good", _("ok")) if rows else ("none", _("none yet"))
        yield Sign(_("Collectors"), tone, word, text, **where)


def _collector(row: Collector, tone: str, word: str, now: datetime) -> Sign:
    since = row.last_success_at
    age = display.age(max((now - since).total_seconds(), 0)) if since else ""
    said = _("Its last numbers are %s old.") % age if age else _("It has not run yet.")
    advice = advice_on(row.last_error_kind) if row.failures_in_a_row else ""
    return Sign(
        _("Collector %s") % row.name,
        "warn" if tone == "none" else tone,
        word,
        f"{said} {advice}".strip(),
        page="collector_change",
        arg=row.pk,
        model="collector",
        remedy=_("See its error, run it"),
    )


def _evaluation(counted: Counted, now: datetime) -> Sign:
    title, late = _("Evaluation"), counted["late"]
    if not conf.EVALUATE:
        text = _("Rules are not evaluated here (ZEROSTATE_MONITORING_EVALUATE).")
        return Sign(title, "off", _("elsewhere"), text)
    newest = counted["newest slot"].count
    where: dict[str, Any] = {"page": "rulegroup_changelist", "model": "rulegroup"}
    if not newest:
        said = _("No slot was evaluated yet: are beat and the worker of the queue %s running?")
        return _asking_doctor(title, "bad", _("never"), said % conf.EVALUATE_QUEUE)
    age = display.age(max(now.timestamp() - newest / 1000, 0))
    text = _("The newest slot is %s old.") % age
    if late.count:
        names = _("Late: %s.") % display.some(late.names)
        return _asking_doctor(title, "bad", _("%(n)d late") % {"n": late.count}, f"{text} {names}")
    return Sign(title, "good", _("ok"), text, **where)


def _asking_doctor(title: str, tone: str, word: str, text: str) -> Sign:
    return Sign(
        title, tone, word, text, page="doctor", model="collector", remedy=_("Ask the doctor")
    )


def _missed(counted: Counted) -> Sign:
    missed = counted["missed"].count
    where: dict[str, Any] = {"page": "evaluation_changelist", "model": "evaluation"}
    title = _("Slots in the last hour")
    if not missed:
        return Sign(title, "good", _("none missed"), **where)
    said = _("What began and ended in between was not seen: workers were too few, or away.")
    word = _("%(n)d missed") % {"n": missed}
    return Sign(title, "warn", word, said, remedy=_("See which, and when"), **where)


def _rules(counted: Counted) -> Sign:
    named = ("no_data", "stale", "dormant", "waiting")
    said = [_("%(n)d enabled") % {"n": counted["rules"].count}]
    said += [f"{Health(one).label}: {counted[one].count}" for one in named if counted[one].count]
    title, text, error = _("Rules"), ", ".join(said) + ".", counted["error"].count
    where: dict[str, Any] = {"page": "rule_changelist", "model": "rule"}
    if not error:
        return Sign(title, "good", _("ok"), text, **where)
    word = _("%(n)d in error") % {"n": error}
    return Sign(
        title, "bad", word, text, query="health=error", remedy=_("See their errors"), **where
    )


def _routes(counted: Counted, standings: Sequence[Standing]) -> Sign:
    count = sum(one.unrouted for one in standings)
    if not count and not counted["ways out"].count and conf.EVALUATE:
        said = _("No route leads to a receiver: nobody is told anything.")
        where: dict[str, Any] = {"page": "route_changelist", "model": "route"}
        return Sign(_("Routes"), "warn", _("none"), said, remedy=_("Add a route"), **where)
    if not count:
        return Sign(_("Routes"), "good", _("ok"), _("Each alert has a receiver."))
    return Sign(
        _("Routes"),
        "bad",
        _("%(n)d without receiver") % {"n": count},
        _("No route takes them: add one."),
        page="alert_changelist",
        query="show=unrouted",
        model="alert",
        remedy=_("See which alerts"),
    )


def _observed(standings: Sequence[Standing]) -> Iterator[Sign]:
    """Alerts that nobody is told of, for their rules are only observed; nothing where none are."""
    count = sum(one.observed for one in standings)
    if count:
        text = _("Their rules are observed for a while: nobody is told. See the rules.")
        word = _("%(n)d firing") % {"n": count}
        yield Sign(_("Observed"), "off", word, text, page="rule_changelist", model="rule")


def _messages(counted: Counted) -> Sign:
    dead, title = counted["dead"].count, _("Messages")
    text = _("%(n)d on their way.") % {"n": counted["under way"].count}
    where: dict[str, Any] = {"page": "message_changelist", "model": "message"}
    if not dead:
        return Sign(title, "good", _("ok"), text, **where)
    word = ngettext("%(n)d dead letter", "%(n)d dead letters", dead) % {"n": dead}
    remedy = _("Read the answers, send again")
    return Sign(title, "bad", word, text, query="state__exact=dead", remedy=remedy, **where)


def _receivers(counted: Counted) -> Sign:
    failing, refusing, title = counted["failing"], counted["refusing"], _("Receivers")
    rows = [*failing.rows, *refusing.rows]
    if not rows:
        return Sign(title, "good", _("ok"), page="receiver_changelist", model="receiver")
    is_one = len(rows) == 1
    said = [_("%(n)d failing") % {"n": failing.count}] if failing.count else []
    if refusing.count:
        said.append(_("%(n)d refused the last message") % {"n": refusing.count})
    return Sign(
        title,
        "bad",
        ", ".join(said),
        display.some([*failing.names, *refusing.names]),
        page="receiver_change" if is_one else "receiver_changelist",
        arg=rows[0][0] if is_one else None,
        model="receiver",
        remedy=_("See the answer, try it out"),
    )


def _logs(dropped: float | None) -> Sign:
    where: dict[str, Any] = {"page": "loglevel_changelist", "model": "loglevel"}
    title = _("Log lines in the last hour")
    if dropped is None:
        return Sign(title, "none", _("unknown"), _("Nobody has counted them."), **where)
    if round(dropped) < 1:
        return Sign(title, "good", _("none left out"), **where)
    word = _("%s left out") % display.number(round(dropped))
    said = _("Sampling leaves out what a logger says too often; the counts are whole.")
    return Sign(title, "warn", word, said, remedy=_("Set a level"), is_usual=True, **where)


def _silences(counted: Counted) -> Sign:
    active = counted["silences"].count
    word = _("%(n)d active") % {"n": active} if active else _("none")
    return Sign(
        _("Silences"),
        "off" if active else "none",
        word,
        page="silence_changelist",
        query="state=active" if active else "",
        model="silence",
    )
