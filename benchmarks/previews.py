"""What a preview costs: the built-in rules over an hour of the example network.

``preview_1h`` is the median over the built-in alerting rules of the seconds from asking to the
answer, over all slots of that hour, in a process that has read this hour before, as a web
process has that showed a graph; the slowest rule, and the first preview of a process, stand
beside it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.history import COLUMNS, INTERVAL, live_through, platform
from benchmarks.measuring import headline
from benchmarks.servers import installation
from zerostate_monitoring.alerting.preview import Preview, preview
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import Origin, RuleKind
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.storage.store import current_store

ROUNDS: Final = 3


def figures(columns: int = COLUMNS, rounds: int = ROUNDS) -> Iterator[tuple[str, Any]]:
    """What ``python -m benchmarks`` collects."""
    with (
        tempfile.TemporaryDirectory(prefix="zs-preview-") as directory,
        platform(directory),
        installation(PLATFORM_DATABASE="platform", NODE_TIMEOUT_SECONDS=10, BUILT_IN_RULES=True),
    ):
        live_through(Path(directory), columns)
        yield from headline("preview_1h", measured(columns, rounds), "seconds")


def measured(columns: int, rounds: int) -> dict[str, Any]:
    """Each rule some times; of the first one the very first, too."""
    rows = Rule.objects.filter(kind=RuleKind.ALERTING, origin=Origin.SHIPPED)
    rules = list(rows.select_related("group").order_by("pk"))
    first = timed(rules[0], columns)[0]
    found = {rule.name: [timed(rule, columns) for _ in range(rounds)] for rule in rules}
    seconds = {name: statistics.median(one for one, _ in runs) for name, runs in found.items()}
    slowest = max(seconds, key=lambda name: seconds[name])
    return {
        "seconds": statistics.median(seconds.values()),
        "first_seconds": first,
        "slowest_seconds": seconds[slowest],
        "slowest": slowest,
        "rules": len(seconds),
        "slots": max(said.steps for runs in found.values() for _, said in runs),
        "incidents": sum(len(runs[0][1].incidents) for runs in found.values()),
    }


def timed(rule: Rule, columns: int) -> tuple[float, Preview]:
    """Seconds of a preview over all columns, and what it says."""
    definition = rule.group.definition().labelled(rule.definition())
    if not isinstance(definition, AlertingRule):
        raise TypeError(rule.name)
    end_ms = current_store().timeline().head().last
    span_ms = (columns - 1) * INTERVAL * 1000
    began = time.perf_counter()
    said = preview(definition, interval_ms=rule.group.interval_ms, end_ms=end_ms, span_ms=span_ms)
    seconds = time.perf_counter() - began
    if said.problem:
        raise ValueError(f"{rule.name}: {said.problem}")
    return seconds, said
