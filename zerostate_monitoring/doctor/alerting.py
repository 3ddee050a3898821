"""Are rules evaluated, and is what they say delivered?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.collectors.deliveries import oldest_due
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, warning
from zerostate_monitoring.models import AlertEvent, Message, ReceiverState, Rule, RuleGroup, Tally
from zerostate_monitoring.models.outbox import MessageState
from zerostate_monitoring.models.tally import CLOCK
from zerostate_monitoring.models.words import ALERTMANAGER

LATE_INTERVALS: Final = 4
LATE: Final = timedelta(minutes=2)
_NAMED: Final = 5
_RECENT: Final = 200
RECENT: Final = timedelta(days=1)

_EVALUATE: Final = gettext_noop(
    "Beat must send zerostate_monitoring.evaluate (take beat_schedule() into "
    "CELERY_BEAT_SCHEDULE), and a worker take its queue: celery -A PROJECT worker -Q %(queue)s. "
    "Groups stand on columns of history: see the finding on history, too."
)
_DELIVER: Final = gettext_noop(
    "Beat must send zerostate_monitoring.deliver, and a worker take its queue: celery -A PROJECT "
    "worker -Q %(queue)s. Then look for receivers that hang, in admin under Messages."
)
_OFF: Final = gettext_noop("switched off (ZEROSTATE_MONITORING_EVALUATE is False)")
_TELL: Final = gettext_noop(
    "Set it, and give Alertmanager the receiver that stands in docs/prometheus.md; or let rules "
    "be evaluated here: ZEROSTATE_MONITORING_EVALUATE = True."
)
_DEAD: Final = gettext_noop(
    "Look at them in admin under Messages: mend the receiver, and send them again."
)
_FAILING: Final = gettext_noop(
    "Look at the last error in admin under Receivers, and send a test message."
)

_CLOCKS: Final = gettext_noop(
    "Let each host of web, workers, beat, database and store keep its time by NTP, in small "
    "steps. If it comes back again and again, one host's clock is wrong: compare `date -u` of all."
)


def examine_evaluation() -> Iterator[Finding]:
    """Whether each group of rules is evaluated."""
    if not conf.EVALUATE:
        yield judge_told(is_open=bool(conf.WEBHOOK_TOKEN), last=_last_told())
        return
    rules = Rule.objects.filter(group=OuterRef("pk"), enabled=True)
    groups = RuleGroup.objects.filter(Exists(rules), enabled=True).order_by("pk")
    rows = groups.values_list("name", "interval_seconds", "state__evaluated_at")
    ages = {name: (interval, at) for name, interval, at in rows}
    yield judge_evaluation(ages, timezone.now(), conf.EVALUATE_QUEUE)


def _last_told() -> datetime | None:
    """The time of the newest change of which an Alertmanager told, among recent events."""
    recent = AlertEvent.objects.order_by("-pk").values_list("at", "detail")[:_RECENT]
    return next((at for at, detail in recent if detail.get("source") == ALERTMANAGER), None)


def judge_told(*, is_open: bool, last: datetime | None) -> Finding:
    """Whether an Alertmanager can tell of alerts where nobody evaluates here."""
    if not is_open:
        said = _(
            "%(off)s, and no Alertmanager may tell of alerts: ZEROSTATE_MONITORING_WEBHOOK_TOKEN "
            "is empty"
        )
        return warning("evaluation", said % {"off": _(_OFF)}, _(_TELL))
    if last is None:
        said = _("%(off)s; no Alertmanager has told of an alert yet")
        return ok("evaluation", said % {"off": _(_OFF)})
    said = _("%(off)s; the last change that was told is of %(at)s UTC")
    return ok("evaluation", said % {"off": _(_OFF), "at": f"{last:%Y-%m-%d %H:%M}"})


def judge_evaluation(
    groups: Mapping[str, tuple[float, datetime | None]], now: datetime, queue: str
) -> Finding:
    """Whether groups, each with its interval (s) and its last evaluation, are in time."""
    advice = _(_EVALUATE) % {"queue": queue}
    if not groups:
        return ok("evaluation", _("there are no rules"))
    late = [name for name, (interval, at) in groups.items() if _is_late(interval, at, now)]
    times = [at for _interval, at in groups.values() if at is not None]
    if not times:
        return error("evaluation", _("no group of rules has been evaluated yet"), advice)
    age = max(0.0, (now - max(times)).total_seconds())
    if len(late) == len(groups):
        said = _("no group was evaluated for %(age).0f s") % {"age": age}
        return error("evaluation", said, advice)
    if late:
        said = ngettext(
            "%(late)d of %(groups)d groups is late: %(names)s",
            "%(late)d of %(groups)d groups are late: %(names)s",
            len(late),
        )
        named = ", ".join(sorted(late)[:_NAMED])
        values = {"late": len(late), "groups": len(groups), "names": named}
        slow = _("Look for slow rules in them.")
        return warning("evaluation", said % values, f"{slow} {advice}")
    said = ngettext(
        "%(n)d group, the last %(age).0f s ago",
        "%(n)d groups, the last %(age).0f s ago",
        len(groups),
    )
    return ok("evaluation", said % {"n": len(groups), "age": age})


def _is_late(interval: float, at: datetime | None, now: datetime) -> bool:
    return at is None or now - at > max(LATE, timedelta(seconds=LATE_INTERVALS * interval))


def examine_clocks() -> Iterator[Finding]:
    """Whether a clock ran ahead and came back of late."""
    row = Tally.objects.filter(name=CLOCK).first()
    if row is not None and row.counted_until is not None:
        rows = {json.loads(key)[0]: int(count) for key, count in row.totals.items()}
        yield from judge_clocks(row.counted_until, rows, timezone.now())


def judge_clocks(last: datetime, rows: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    """What was brought back from the future, so far, and when that was last."""
    if now - last > RECENT:
        return
    each = _("%(n)d of %(name)s")
    what = ", ".join(each % {"n": count, "name": name} for name, count in sorted(rows.items()))
    said = _(
        "a clock ran ahead and came back at %(at)s UTC: since the installation so many rows were "
        "brought back from the future: %(what)s"
    )
    values = {"at": f"{last:%Y-%m-%d %H:%M:%S}", "what": what}
    yield warning("clocks", said % values, _(_CLOCKS))


def examine_delivery() -> Iterator[Finding]:
    """Whether messages leave, and whether some could not."""
    now = timezone.now()
    dead = Message.objects.filter(state=MessageState.DEAD, closed_at=None).count()
    failing = ReceiverState.objects.filter(receiver__enabled=True, failing_since__isnull=False)
    names = list(failing.order_by("receiver__name").values_list("receiver__name", flat=True))
    yield judge_delivery(oldest_due(now), now, conf.DELIVER_QUEUE)
    if dead:
        said = ngettext(
            "%(n)d message could not be delivered", "%(n)d messages could not be delivered", dead
        )
        yield warning("dead letters", said % {"n": dead}, _(_DEAD))
    if names:
        said = ngettext("%(names)s fails", "%(names)s fail", len(names))
        yield warning("receivers", said % {"names": ", ".join(names[:_NAMED])}, _(_FAILING))


def judge_delivery(oldest: datetime | None, now: datetime, queue: str) -> Finding:
    """Whether somebody takes what is due; ``oldest`` is since when it waits."""
    if oldest is None or now - oldest <= LATE:
        return ok(
            "delivery", _("nothing waits") if oldest is None else _("what is due is being taken")
        )
    said = _("a message has been due for %(age).0f s and nobody takes it")
    message = said % {"age": (now - oldest).total_seconds()}
    return error("delivery", message, _(_DELIVER) % {"queue": queue})
