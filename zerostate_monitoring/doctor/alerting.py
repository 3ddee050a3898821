"""Are rules evaluated, and is what they say delivered?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from zerostate_monitoring.collectors.deliveries import oldest_due
from zerostate_monitoring.conf import PREFIX, conf
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

_EVALUATE: Final = (
    "Beat must send zerostate_monitoring.evaluate (take beat_schedule() into "
    "CELERY_BEAT_SCHEDULE), and a worker take its queue: celery -A PROJECT worker -Q {queue}. "
    "Groups stand on columns of history: see the finding on history, too."
)
_DELIVER: Final = (
    "Beat must send zerostate_monitoring.deliver, and a worker take its queue: celery -A PROJECT "
    "worker -Q {queue}. Then look for receivers that hang, in admin under Messages."
)
_OFF: Final = f"switched off ({PREFIX}EVALUATE is False)"
_TELL: Final = (
    "Set it, and give Alertmanager the receiver that stands in docs/prometheus.md; or let rules "
    f"be evaluated here: {PREFIX}EVALUATE = True."
)
_DEAD: Final = "Look at them in admin under Messages: mend the receiver, and send them again."
_FAILING: Final = "Look at the last error in admin under Receivers, and send a test message."

_CLOCKS: Final = (
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
        message = f"{_OFF}, and no Alertmanager may tell of alerts: {PREFIX}WEBHOOK_TOKEN is empty"
        return warning("evaluation", message, _TELL)
    if last is None:
        return ok("evaluation", f"{_OFF}; no Alertmanager has told of an alert yet")
    return ok(
        "evaluation", f"{_OFF}; the last change that was told is of {last:%Y-%m-%d %H:%M} UTC"
    )


def judge_evaluation(
    groups: Mapping[str, tuple[float, datetime | None]], now: datetime, queue: str
) -> Finding:
    """Whether groups, each with its interval (s) and its last evaluation, are in time."""
    advice = _EVALUATE.format(queue=queue)
    if not groups:
        return ok("evaluation", "there are no rules")
    late = [name for name, (interval, at) in groups.items() if _is_late(interval, at, now)]
    times = [at for _, at in groups.values() if at is not None]
    if not times:
        return error("evaluation", "no group of rules has been evaluated yet", advice)
    age = max(0.0, (now - max(times)).total_seconds())
    if len(late) == len(groups):
        return error("evaluation", f"no group was evaluated for {age:.0f} s", advice)
    if late:
        named = ", ".join(sorted(late)[:_NAMED])
        message = f"{len(late)} of {len(groups)} groups are late: {named}"
        return warning("evaluation", message, "Look for slow rules in them; " + advice)
    return ok("evaluation", f"{len(groups)} groups, the last {age:.0f} s ago")


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
    what = ", ".join(f"{count} of {name}" for name, count in sorted(rows.items()))
    message = f"a clock ran ahead and came back at {last:%Y-%m-%d %H:%M:%S} UTC: since the "
    message += f"installation so many rows were brought back from the future: {what}"
    yield warning("clocks", message, _CLOCKS)


def examine_delivery() -> Iterator[Finding]:
    """Whether messages leave, and whether some could not."""
    now = timezone.now()
    dead = Message.objects.filter(state=MessageState.DEAD, closed_at=None).count()
    failing = ReceiverState.objects.filter(receiver__enabled=True, failing_since__isnull=False)
    names = list(failing.order_by("receiver__name").values_list("receiver__name", flat=True))
    yield judge_delivery(oldest_due(now), now, conf.DELIVER_QUEUE)
    if dead:
        yield warning("dead letters", f"{dead} messages could not be delivered", _DEAD)
    if names:
        yield warning("receivers", f"{', '.join(names[:_NAMED])} fail", _FAILING)


def judge_delivery(oldest: datetime | None, now: datetime, queue: str) -> Finding:
    """Whether somebody takes what is due; ``oldest`` is since when it waits."""
    if oldest is None or now - oldest <= LATE:
        return ok("delivery", "nothing waits" if oldest is None else "what is due is being taken")
    waits = (now - oldest).total_seconds()
    message = f"a message has been due for {waits:.0f} s and nobody takes it"
    return error("delivery", message, _DELIVER.format(queue=queue))
