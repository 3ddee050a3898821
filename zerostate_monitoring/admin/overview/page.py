"""All that the overview shows, for whoever looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.alerts.standing import held_text
from zerostate_monitoring.admin.live import Live
from zerostate_monitoring.admin.overview import lacks
from zerostate_monitoring.admin.overview.counting import (
    Counted,
    Standing,
    alerts_by_severity,
    count,
    firing_alerts,
)
from zerostate_monitoring.admin.overview.figures import (
    DROPPED,
    FIGURES,
    STEP_MS,
    Figure,
    Shown,
    ask,
)
from zerostate_monitoring.admin.overview.nodes import Nodes, nodes_by_state
from zerostate_monitoring.admin.overview.verdict import Facts, verdict_of
from zerostate_monitoring.admin.words import GRAVE
from zerostate_monitoring.alerting.suppression import Reason, load
from zerostate_monitoring.charts.spark import spark
from zerostate_monitoring.collectors.nodes import NOTE
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import Severity, in_words
from zerostate_monitoring.storage.store import current_store

MOST: Final = 500
"""So many firing alerts are looked at one by one: whether something holds them back."""
_LISTED: Final = 10
_APP: Final = "zerostate_monitoring"
_SEEN: Final = ("alert", "node", "collector", "metric", "rule", "message", "receiver", "rulegroup")

May = Callable[[str], bool]


class Addresses:
    """Addresses of pages of this app's admin; none where the project's site lacks the page."""

    def __init__(self, site: str) -> None:
        self._site = site

    def __call__(self, page: str, *args: object, query: str = "") -> str:
        try:
            address = reverse(f"{self._site}:{_APP}_{page}", args=args)
        except NoReverseMatch:
            return ""
        return f"{address}?{query}" if query else address


def may_see(request: HttpRequest) -> bool:
    """Whether there is anything on the page for whoever asks."""
    may = _views(request)
    return any(may(model) for model in _SEEN)


def _views(request: HttpRequest) -> May:
    return lambda model: bool(request.user.has_perm(f"{_APP}.view_{model}"))


def overview_context(request: HttpRequest, now: datetime, site: str) -> dict[str, Any]:
    """Everything; a constant number of queries, and two questions to whoever has history."""
    may, to = _views(request), Addresses(site)
    notes, away = _notes()
    shown = Shown(problem=away) if away and not conf.PROMETHEUS_URL else ask()
    counted = count(now)
    standings = alerts_by_severity() if may("alert") else {}
    firing = _firing(now) if may("alert") else []
    nodes = nodes_by_state(notes) if may("node") else Nodes()
    signs = lacks.signs(counted, standings.values(), shown.now(DROPPED.key), now)
    trouble = sum(sign.is_trouble for sign in signs)
    facts = _facts(standings, firing, nodes)
    blind = lacks.blindness(counted, now) or _blind(away)
    facts = replace(facts, blind=blind, lacks=trouble, watches=_watches(counted, shown))
    verdict = verdict_of(facts)
    return {
        "at": now,
        "live": Live(up=not away, enabled=conf.ENABLED),
        "verdict": verdict,
        "sign": display.SIGNS[verdict.tone],
        "script_words": script_words(),
        "sees": {model: may(model) for model in _SEEN},
        "table": _table(standings, to) if may("alert") else [],
        "firing": [_row(one, reason, now, to) for one, reason in firing[:_LISTED]],
        "firing_total": sum(one.firing for name, one in standings.items() if name != Severity.NONE),
        "may_acknowledge": request.user.has_perm(f"{_APP}.acknowledge_alert"),
        "may_silence": request.user.has_perm(f"{_APP}.silence_alert"),
        "knows_yesterday": bool(shown.yesterday),
        "figures": [_figure(one, shown, to if may("metric") else None) for one in FIGURES],
        "figures_problem": shown.problem,
        "nodes": nodes,
        "signs": [_sign(sign, may, to) for sign in signs],
        "trouble": trouble,
    }


def _notes() -> tuple[Mapping[str, Mapping[str, Any]], str]:
    """What nodes' last scrapes left word of, and why the store does not answer."""
    if not conf.ENABLED:
        return {}, ""
    try:
        return current_store().notes(NOTE), ""
    except MonitoringError as error:
        return {}, in_words(str(error))


def _watches(counted: Counted, shown: Shown) -> bool:
    """Whether anything of the network is looked at: processes may tell of it, too."""
    has_figures = any(shown.now(figure.key) is not None for figure in FIGURES)
    return has_figures or bool(counted["nodes"].count or conf.PLATFORM_DATABASE)


def _blind(away: str) -> str:
    return _("the store does not answer.") if away else ""


def script_words() -> dict[str, str]:
    """What the script says; ``{age}`` is filled in there."""
    return {
        "age": _("{age} old"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "pause": _("Stop refreshing"),
        "go": _("Refresh by itself"),
        "failed": _("It cannot be refreshed: {why}. What is shown is {age} old."),
        "status": _("the server answered {status}"),
        "unreachable": _("the server does not answer"),
        "login": _("you are logged out; reload to log in"),
        "back": _("Refreshed again."),
    }


# -- alerts -----------------------------------------------------------------------


def _firing(now: datetime) -> list[tuple[Alert, Reason | None]]:
    """What fires, and what holds each back; what somebody must act on comes first."""
    alerts = firing_alerts(MOST)
    held = load(now) if alerts else None
    found = [(alert, held.reason_for(alert) if held else None) for alert in alerts]
    return sorted(found, key=lambda one: one[1] is not None)


def _facts(
    standings: Mapping[str, Standing], firing: Sequence[tuple[Alert, Reason | None]], nodes: Nodes
) -> Facts:
    """How much is open. What is acknowledged or held back has a reason."""
    handled = [alert for alert, reason in firing if reason is not None]
    first = next((alert for alert, reason in firing if reason is None), None)

    def still(severity: str) -> int:
        every = standings.get(severity, Standing()).firing
        return every - sum(alert.severity == severity for alert in handled)

    return Facts(
        critical_open=still(Severity.CRITICAL),
        warning_open=still(Severity.WARNING),
        handled=sum(alert.severity in GRAVE for alert in handled),
        gravest=str(first or ""),
        nodes_up=nodes.up,
        nodes_down=nodes.down_count,
    )


def _table(standings: Mapping[str, Standing], to: Addresses) -> list[dict[str, Any]]:
    """A line for each severity: the known ones always, others where there are some."""
    known = [str(severity) for severity in Severity if severity != Severity.NONE]
    others = sorted(set(standings) - {*known, str(Severity.NONE)})
    order = [*known, *others]
    return [_line(name, standings.get(name, Standing()), to) for name in order]


def _line(severity: str, one: Standing, to: Addresses) -> dict[str, Any]:
    query = urlencode({"severity": severity}) if severity else ""
    return {
        "severity": severity or _("none"),
        "query": query,
        "url": to("alert_changelist", query=query),
        "firing": one.firing,
        "acknowledged": one.acknowledged,
        "pending": one.pending,
        "unrouted": one.unrouted,
        "acts": one.firing > one.acknowledged and severity in GRAVE,
    }


def _row(alert: Alert, reason: Reason | None, now: datetime, to: Addresses) -> dict[str, Any]:
    is_taken = alert.acknowledged_at is not None
    return {
        "pk": alert.pk,
        "name": alert.rule_name,
        "url": to("alert_change", alert.pk),
        "labels": words.what_of(alert),
        "severity": words.severity_badge(alert.severity),
        "since": words.ago(alert.fired_at, now),
        "value": words.value(alert.value, words.unit_of_alert(alert)),
        "held": held_text(reason) if reason and not is_taken else "",
        "wants": alert.severity in GRAVE,
        "taken_by": (alert.acknowledged_by or display.EMPTY) if is_taken else "",
    }


# -- figures ----------------------------------------------------------------------


def _figure(figure: Figure, shown: Shown, to: Addresses | None) -> dict[str, Any]:
    points, value = shown.points.get(figure.key, ()), shown.now(figure.key)
    before = shown.yesterday.get(figure.key)
    heard = _("%(title)s in the last hour") % {"title": figure.title}
    # Made of numbers and an escaped name alone.
    picture = mark_safe(spark(points, name=heard, step_ms=STEP_MS)) if points else ""  # noqa: S308
    return {
        "title": figure.title,
        "value": _number(value, figure),
        "unit": figure.unit if value is not None else "",
        "spark": picture,
        "yesterday": _number(before, figure) if before is not None else "",
        "change": _change(value, before, figure),
        "url": to("metric_changelist", query=urlencode({"q": figure.family})) if to else "",
    }


def _number(value: float | None, figure: Figure) -> str:
    if value is None:
        return display.EMPTY
    if figure.is_share:
        return f"{display.number(round(value * 100, 1))} %"
    return display.number(round(value, 2 if abs(value) < 100 else 0))


def _change(value: float | None, before: float | None, figure: Figure) -> str:
    """How much more or less than yesterday, with a sign."""
    if value is None or before is None or not (before or figure.is_share):
        return ""
    if figure.is_share:
        points = round((value - before) * 100, 1)
        return (_("%+.1f points") % points).replace("-", "−") if points else _("the same")
    percent = round((value - before) / abs(before) * 100)
    return f"{percent:+d}\u00a0%".replace("-", "−") if percent else _("the same")


# -- signs, and where things are -----------------------------------------------------


def _sign(sign: lacks.Sign, may: May, to: Addresses) -> dict[str, Any]:
    """A link only for whoever may follow it."""
    args = () if sign.arg is None else (sign.arg,)
    url = to(sign.page, *args, query=sign.query) if sign.page and may(sign.model) else ""
    return {
        "title": sign.title,
        "badge": sign.badge,
        "text": sign.text,
        "url": url,
        "remedy": sign.remedy if url else "",
        "trouble": sign.is_trouble,
    }
