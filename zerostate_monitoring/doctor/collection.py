"""Do collectors and nodes give their numbers?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.node_names import NOTE
from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.doctor.finding import Finding, error, ok, some, unknown, warning
from zerostate_monitoring.doctor.titles import COLLECTOR
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.models import Collector, Node
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.store import current_store

STALE_INTERVALS: Final = 3
_LISTED: Final = 5

ADVICE: Final[Mapping[str, str]] = {
    "timeout": gettext_noop("It is too slow or hangs; look at its load, or raise the timeout."),
    "refused": gettext_noop(
        "Nothing listens there; see that it runs and that no firewall is between."
    ),
    "unauthorized": gettext_noop("Correct the token or the password."),
    "forbidden_address": gettext_noop(
        "Its address lies in ZEROSTATE_MONITORING_NODE_REFUSED_NETWORKS."
    ),
    "redirect": gettext_noop("Enter the address that it redirects to."),
    "too_large": gettext_noop(
        "Raise ZEROSTATE_MONITORING_NODE_MAX_BYTES or NODE_MAX_SERIES, if it is right."
    ),
    "invalid": gettext_noop("What it answers is not an exposition; open its address in a browser."),
    "missing": gettext_noop("Tables or columns are missing; see the message."),
    "late": gettext_noop(
        "Workers do not keep up: start more, and see the findings on beat, worker and queue."
    ),
    "lost": gettext_noop(
        "Its worker was killed in the middle: look for a lack of memory, or its time limit. "
        "Or it hangs in a pool that cannot end it: restart the worker, and use prefork."
    ),
    "store": gettext_noop("The store did not take the numbers; see the finding on the store."),
    "tls": gettext_noop("Enter the CA certificate of the node, or correct the client certificate."),
    "configuration": gettext_noop(
        "A setting or a row names something that is not there; see the message."
    ),
    "definition": gettext_noop(
        "The collector yields samples that do not fit their family; correct its code."
    ),
    "error": gettext_noop(
        "An error in the collector's own code; the worker's log has the traceback."
    ),
}
"""What to do next, by kind of error."""


def advice_on(kind: str) -> str:
    """What to do about an error of a kind, in the language of who asks."""
    return _(ADVICE.get(kind, ADVICE["error"]))


def examine_collectors() -> Iterator[Finding]:
    """How each collector's last run went."""
    now = timezone.now()
    rows = {row.name: row for row in Collector.objects.all()}
    for name, definition in COLLECTORS.items():
        row = rows.get(name)
        if reason := definition.idle():
            yield ok(f"{COLLECTOR}{name}", _("idle: %(reason)s") % {"reason": _(reason)})
        elif row is None:
            yield _never_run(name)
        else:
            yield judge_collector(row, now)


def judge_collector(row: Collector, now: datetime) -> Finding:
    """Whether a collector is fresh, and what its last error was if not."""
    name = f"{COLLECTOR}{row.name}"
    if not row.enabled:
        return ok(name, _("disabled by an operator"))
    if row.failures_in_a_row:
        said = ngettext(
            "failed: %(error)s", "failed %(n)d times in a row: %(error)s", row.failures_in_a_row
        )
        message = said % {"n": row.failures_in_a_row, "error": in_words(row.last_error)}
        return error(name, message, advice_on(row.last_error_kind))
    if row.last_success_at is None:
        return _never_run(row.name)
    return _judge_run(row, name, (now - row.last_success_at).total_seconds())


def _judge_run(row: Collector, name: str, age: float) -> Finding:
    """Of a collector whose last run went well, ``age`` seconds ago."""
    said = ngettext("%(n)d sample, %(age).0f s ago", "%(n)d samples, %(age).0f s ago", row.samples)
    message = said % {"n": row.samples, "age": max(age, 0)}
    if age > STALE_INTERVALS * row.interval_seconds:
        advice = _("Look at beat and worker; a run is due but none was made.")
        return error(name, _("stale: %(run)s") % {"run": message}, advice)
    if row.absent:
        said = _("%(run)s; absent: %(names)s (%(reason)s)")
        reason = in_words(next(iter(row.absent.values())))
        values = {"run": message, "names": _some(sorted(row.absent)), "reason": reason}
        return warning(name, said % values, _(_ABSENT))
    return ok(name, message)


def _never_run(name: str) -> Finding:
    advice = _("Run: %(command)s") % {"command": f"manage.py monitoring_collect {name}"}
    return warning(f"{COLLECTOR}{name}", _("has never run"), advice)


def examine_nodes() -> Iterator[Finding]:
    """How many nodes answer, and what the others suffer from."""
    if is_disabled(NODES):
        said = _("not scraped: the collector %(name)s is disabled by an operator")
        yield ok("nodes", said % {"name": NODES})
        return
    names = set(Node.objects.filter(enabled=True).values_list("name", flat=True))
    if not names:
        yield ok("nodes", _("no node is enabled; add them in admin or with monitoring_nodes"))
        return
    try:
        notes = current_store().notes(NOTE)
    except StoreError:
        said = _("%(n)d enabled; the store does not answer")
        yield unknown("nodes", said % {"n": len(names)})
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
    message = _("%(up)d of %(nodes)d up") % {"up": len(up), "nodes": len(names - left)}
    message += _(", %(n)d left (ephemeral)") % {"n": len(left)} if left else ""
    message += _(", %(n)d not scraped yet") % {"n": unseen} if unseen else ""
    if not down:
        return ok("nodes", message) if not unseen else warning("nodes", message, _(_UNSCRAPED))
    kinds = Counter(str(there[name].get("error_kind") or "error") for name in down)
    worst = kinds.most_common(1)[0][0]
    told = ", ".join(f"{kind} {count}×" for kind, count in kinds.most_common())
    message += _("; down: %(names)s (%(kinds)s)") % {"names": _some(down), "kinds": told}
    level = warning if up else error
    return level("nodes", message, advice_on(worst))


_ABSENT: Final = gettext_noop(
    "The source lacks what these are made of; the reason says what to bring."
)
_UNSCRAPED: Final = gettext_noop("Wait one interval, or run: manage.py monitoring_collect p2p")


def _some(names: list[str]) -> str:
    return some(names, _LISTED)
