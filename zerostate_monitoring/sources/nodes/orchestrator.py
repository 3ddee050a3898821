"""The orchestrator's JSON of a node with the role api.

``GET /api/v1/orchestrator/metrics`` (bearer token) and the public
``/api/v1/runtime-registry``. The API allows 100 requests a minute and address; a node
is asked for both once a minute, however many workers there are: what it said is a value
that the caller keeps between scrapes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring.catalogue.definition import Definition
from zerostate_monitoring.catalogue.nodes import (
    ORCHESTRATOR_DURATION,
    ORCHESTRATOR_TASKS,
    ORCHESTRATOR_WORKERS,
    RUNTIME_AGENTS,
)
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.text import encodable
from zerostate_monitoring.sources.nodes.client import ACCEPT_JSON, NodeClient, ok
from zerostate_monitoring.sources.nodes.target import Target

METRICS_PATH: Final = "/api/v1/orchestrator/metrics"
REGISTRY_PATH: Final = "/api/v1/runtime-registry"
ROLE: Final = "api"
_EVERY_SECONDS: Final = 60.0
_MAX_STATUS: Final = 200
_OUTCOMES: Final = {
    "succeeded": "tasks_succeeded",
    "failed": "tasks_failed",
    "timed_out": "tasks_timed_out",
}

Figure = tuple[Definition, Mapping[str, str], float]
Refusal = Callable[[Definition], str]


_DEFINITIONS: Final = {
    definition.name: definition
    for definition in (
        ORCHESTRATOR_DURATION,
        ORCHESTRATOR_TASKS,
        ORCHESTRATOR_WORKERS,
        RUNTIME_AGENTS,
    )
}


@dataclass(frozen=True, slots=True)
class Report:
    """What the orchestrator last said; ``errors`` maps a path to why it gave nothing."""

    asked_at: float
    figures: Sequence[Figure]
    errors: Mapping[str, str]

    def frame(self, refusal: Refusal, at: float) -> Frame:
        """The figures of families that ``refusal`` has no reason against."""
        builder = FrameBuilder()
        for definition, labels, value in self.figures:
            if not refusal(definition):
                name, unit = definition.family, definition.om_unit
                builder.declare(name, definition.kind, definition.help, unit)
                builder.add(name, labels, value, suffix=definition.suffix)
        return builder.build(at)

    def as_note(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        figures = [[d.name, dict(labels), value] for d, labels, value in self.figures]
        return {"asked_at": self.asked_at, "figures": figures, "errors": dict(self.errors)}

    @classmethod
    def of_note(cls, note: Mapping[str, Any]) -> Report:
        """Read what ``as_note`` gave; families that are no longer known are left out."""
        figures = [
            (_DEFINITIONS[name], labels, value)
            for name, labels, value in note["figures"]
            if name in _DEFINITIONS
        ]
        return cls(note["asked_at"], figures, note["errors"])


def report(
    client: NodeClient, target: Target, known: Report | None, *, now: float, deadline: float
) -> Report | None:
    """``known``, or a new report where that is a minute old; ``None`` but for the role api."""
    if target.role != ROLE:
        return None
    if known is not None and 0 <= now - known.asked_at < _EVERY_SECONDS:
        return known
    figures: list[Figure] = []
    errors: dict[str, str] = {}
    for path, read in ((METRICS_PATH, read_metrics), (REGISTRY_PATH, read_registry)):
        try:
            answer = ok(client.get(target, path, accept=ACCEPT_JSON, deadline=deadline))
            figures += read(answer.body)
        except SourceError as error:
            errors[path] = f"{error.kind}: {error}"
    return Report(now, figures, errors)


def read_metrics(body: bytes) -> list[Figure]:
    """Figures of /orchestrator/metrics; a number that is none (NaN when idle) is left out.

    Raises:
        SourceError: ``invalid``; it is no JSON object.
    """
    document = _object(body)
    figures: list[Figure] = [
        (ORCHESTRATOR_TASKS, {"outcome": outcome}, value)
        for outcome, key in _OUTCOMES.items()
        if (value := _number(document.get(key))) is not None
    ]
    workers = _number(document.get("active_workers"))
    if workers is not None:
        figures.append((ORCHESTRATOR_WORKERS, {}, workers))
    mean = _number(document.get("avg_execution_ms"))
    if mean is not None:
        figures.append((ORCHESTRATOR_DURATION, {}, mean / 1000))
    return figures


def read_registry(body: bytes) -> list[Figure]:
    """Agents by status, of /runtime-registry; what exceeds the family's limit is ``other``.

    Raises:
        SourceError: ``invalid``; it is no JSON object with the counts.
    """
    stats = _object(body).get("stats")
    counts = stats.get("status_counts") if isinstance(stats, dict) else None
    if not isinstance(counts, dict):
        raise SourceError("the answer lacks stats.status_counts", kind="invalid")
    totals: dict[str, float] = {}
    for key, count in sorted(counts.items()):
        status, value = encodable(key)[:_MAX_STATUS], _number(count)
        if value is not None:
            # Two keys may be one status: what no encoding can carry is replaced.
            free = status in totals or len(totals) < RUNTIME_AGENTS.max_series - 1
            name = status if free else "other"
            totals[name] = totals.get(name, 0.0) + value
    return [(RUNTIME_AGENTS, {"status": status}, value) for status, value in totals.items()]


def _object(body: bytes) -> dict[str, Any]:
    # json and not orjson: an idle orchestrator writes NaN, which only the former reads.
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the answer is no JSON: {error}"[:200], kind="invalid") from error
    if not isinstance(document, dict):
        raise SourceError("the answer is no JSON object", kind="invalid")
    return document


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
