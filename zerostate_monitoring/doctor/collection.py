"""Do collectors and nodes give their numbers?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _noop

from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.nodes import NOTE
from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.doctor.finding import Finding, error, ok, unknown, warning
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.models import Collector, Node
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.store import current_store

STALE_INTERVALS: Final = 3
_LISTED: Final = 5

ADVICE: Final[Mapping[str, str]] = {
    "timeout": _noop("It is too slow or hangs; look at its load, or raise the timeout."),
    "refused": _noop("Nothing listens there; see that it runs and that no firewall is between."),
    "unauthorized": _noop("Correct the token or the password."),
    "forbidden_address": _noop("Its address lies in ZEROSTATE_MONITORING_NODE_REFUSED_NETWORKS."),
    "redirect": _noop("Enter the address that it redirects to."),
    "too_large": _noop(
        "Raise ZEROSTATE_MONITORING_NODE_MAX_BYTES or NODE_MAX_SERIES, if it is right."
    ),
    "invalid": _noop("What it answers is not an exposition; open its address in a browser."),
    "missing": _noop("Tables or columns are missing; see the message."),
    "late": _noop(
        "Workers do not keep up: start more, and see the findings on beat, worker and queue."
    ),
    "lost": _noop(
        "Its worker was killed in the middle: look for a lack of memory, or its time limit. "
        "Or it hangs in a pool that cannot end it: restart the worker, and use prefork."
    ),
    "store": _noop("The store did not take the numbers; see the finding on the store."),
    "tls": _noop("Enter the CA certificate of the node, or correct the client certificate."),
    "configuration": _noop(
        "A setting or a row names something that is not there; see the message."
    ),
    "definition": _noop(
        "The collector yields samples that do not fit their family; correct its code."
    ),
    "error": _noop("An error in the collector's own code; the worker's log has the traceback."),
}
"""What to do next, by kind of error."""


def advice_on(kind: str) -> str:
    """What to do about an error of a kind, in the language of who asks."""
    return gettext(ADVICE.get(kind, ADVICE["error"]))


def examine_collectors() -> Iterator[Finding]:
    """How each collector's last run went."""
    now = timezone.now()
    rows = {row.name: row for row in Collector.objects.all()}
    for name, definition in COLLECTORS.items():
        row = rows.get(name)
        title = f"collector {name}"
        if reason := definition.idle():
            yield ok(title, f"idle: {reason}")
        elif row is None:
            yield warning(title, "has never run", f"Run: manage.py monitoring_collect {name}")
        else:
            yield judge_collector(row, now)


def judge_collector(row: Collector, now: datetime) -> Finding:
    """Whether a collector is fresh, and what its last error was if not."""
    title = f"collector {row.name}"
    if not row.enabled:
        return ok(title, "disabled by an operator")
    if row.failures_in_a_row:
        message = f"failed {row.failures_in_a_row} times in a row: {row.last_error}"
        return error(title, message, advice_on(row.last_error_kind))
    if row.last_success_at is None:
        return warning(title, "has never run", f"Run: manage.py monitoring_collect {row.name}")
    age = (now - row.last_success_at).total_seconds()
    message = f"{row.samples} samples, {max(age, 0):.0f} s ago"
    if age > STALE_INTERVALS * row.interval_seconds:
        advice = "Look at beat and worker; a run is due but none was made."
        return error(title, f"stale: {message}", advice)
    if row.absent:
        names = _some(sorted(row.absent))
        reason = next(iter(row.absent.values()))
        return warning(title, f"{message}; absent: {names} ({reason})", _ABSENT)
    return ok(title, message)


def examine_nodes() -> Iterator[Finding]:
    """How many nodes answer, and what the others suffer from."""
    if is_disabled(NODES):
        yield ok("nodes", f"not scraped: the collector {NODES} is disabled by an operator")
        return
    names = set(Node.objects.filter(enabled=True).values_list("name", flat=True))
    if not names:
        yield ok("nodes", "no node is enabled; add them in admin or with monitoring_nodes")
        return
    try:
        notes = current_store().notes(NOTE)
    except StoreError:
        yield unknown("nodes", f"{len(names)} enabled; the store does not answer")
        return
    yield judge_nodes(names, {name: note for name, note in notes.items() if name in names})


def judge_nodes(names: set[str], notes: Mapping[str, Mapping[str, Any]]) -> Finding:
    """How many of the enabled nodes are up, by their notes.

    Ephemeral nodes that left are counted, and not missed.
    """
    left = {name for name, note in notes.items() if note.get("left")}
    there = {name: note for name, note in notes.items() if name not in left}
    up = {name for name, note in there.items() if note.get("up")}
    down = sorted(there.keys() - up)
    unseen = len(names - notes.keys())
    message = f"{len(up)} of {len(names - left)} up"
    message += f", {len(left)} left (ephemeral)" if left else ""
    message += f", {unseen} not scraped yet" if unseen else ""
    if not down:
        return ok("nodes", message) if not unseen else warning("nodes", message, _UNSCRAPED)
    kinds = Counter(str(there[name].get("error_kind") or "error") for name in down)
    worst = kinds.most_common(1)[0][0]
    message += f"; down: {_some(down)} ({', '.join(f'{k} {n}×' for k, n in kinds.most_common())})"
    level = warning if up else error
    return level("nodes", message, advice_on(worst))


_ABSENT: Final = "The source lacks what these are made of; the reason says what to bring."
_UNSCRAPED: Final = "Wait one interval, or run: manage.py monitoring_collect p2p"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
