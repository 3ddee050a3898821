"""Which metrics there are: what the lint knows without a server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from zerostate_monitoring.catalogue.definition import OVERFLOW, Definition, Feed, Kind

NODE_LABELS: Final = ("node", "node_role", "site")
"""Labels that series of nodes may carry beside those of their family."""

_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class MetricType(StrEnum):
    """What the values of one name are."""

    COUNTER = "counter"
    GAUGE = "gauge"
    BUCKET = "bucket"
    """Of a histogram, a counter by ``le``."""
    UNKNOWN = "unknown"

    @property
    def counts(self) -> bool:
        """Whether it only grows, but for resets."""
        return self in {MetricType.COUNTER, MetricType.BUCKET}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One name as it stands in expressions: a histogram has three of them.

    ``labels`` are those that a series may carry, ``None`` where any; ``always`` those that
    each carries. ``values`` are the known values of labels. ``buckets`` are the finite bounds
    of a histogram, ``interval_s`` the seconds between two samples, ``None`` where unknown.
    """

    name: str
    type: MetricType = MetricType.UNKNOWN
    labels: frozenset[str] | None = None
    always: frozenset[str] = frozenset()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING, hash=False)
    buckets: tuple[float, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    interval_s: float | None = None


class Schema(Protocol):
    """Metrics by name."""

    def metric(self, name: str) -> Metric | None:
        """The metric of this name; ``None`` where there is none."""

    def names(self) -> Collection[str]:
        """The names of all metrics."""


class Metrics:
    """A schema of given metrics; of two with one name the first is taken."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._by_name: Final[dict[str, Metric]] = {}
        for metric in metrics:
            self._by_name.setdefault(metric.name, metric)

    def metric(self, name: str) -> Metric | None:
        """The metric of this name."""
        return self._by_name.get(name)

    def names(self) -> Collection[str]:
        """The names of all metrics."""
        return self._by_name.keys()


class Joined:
    """Several schemas in one; of two with one name the first is taken."""

    def __init__(self, *schemas: Schema) -> None:
        self._schemas: Final = schemas

    def metric(self, name: str) -> Metric | None:
        """The metric of this name."""
        return next((m for schema in self._schemas if (m := schema.metric(name))), None)

    def names(self) -> Collection[str]:
        """The names of all metrics."""
        return {name for schema in self._schemas for name in schema.names()}


def of_definitions(
    definitions: Iterable[Definition],
    *,
    node_labels: Collection[str] = NODE_LABELS,
    interval_s: Mapping[Feed, float] | None = None,
) -> Metrics:
    """The metrics of families: the catalogue's, or a project's own.

    ``node_labels`` are those that series of nodes carry beside. ``interval_s`` says how
    often each kind of producer feeds; of several that could, the fastest counts.
    """
    found: list[Metric] = []
    for definition in definitions:
        found += _metrics_of(definition, frozenset(node_labels), interval_s or {})
    return Metrics(found)


ALERTS: Final = Metrics(
    [
        Metric(name="ALERTS", type=MetricType.GAUGE),
        Metric(name="ALERTS_FOR_STATE", type=MetricType.GAUGE),
    ]
)
"""What the evaluation of rules writes itself; labels are those of the rules."""

PROMETHEUS: Final = Metrics(
    [
        Metric(name="up", type=MetricType.GAUGE, lowest=0, highest=1),
        *(
            Metric(name=f"scrape_{name}", type=MetricType.GAUGE)
            for name in (
                *("duration_seconds", "samples_scraped", "samples_post_metric_relabeling"),
                "series_added",
            )
        ),
    ]
)
"""What a Prometheus says of its own scrapes; for rules that it evaluates, not for ours."""


def _metrics_of(
    definition: Definition, node_labels: frozenset[str], intervals: Mapping[Feed, float]
) -> Iterator[Metric]:
    own = frozenset(definition.labels)
    labels = own | node_labels if Feed.NODE in definition.feeds else own
    known = [intervals[feed] for feed in definition.feeds if feed in intervals]
    base = Metric(
        name=definition.name,
        labels=None if definition.open_labels else labels,
        always=own,
        values=dict(_values(definition)),
        interval_s=min(known) if known else None,
    )
    for suffix, type_, label in _PARTS[definition.kind]:
        yield _part(definition, base, suffix, type_, label)


_PARTS: Final[Mapping[Kind, tuple[tuple[str, MetricType, str], ...]]] = {
    Kind.COUNTER: (("", MetricType.COUNTER, ""),),
    Kind.GAUGE: (("", MetricType.GAUGE, ""),),
    Kind.HISTOGRAM: (
        ("_bucket", MetricType.BUCKET, "le"),
        ("_sum", MetricType.COUNTER, ""),
        ("_count", MetricType.COUNTER, ""),
    ),
    Kind.SUMMARY: (
        ("", MetricType.GAUGE, "quantile"),
        ("_sum", MetricType.COUNTER, ""),
        ("_count", MetricType.COUNTER, ""),
    ),
}


def _part(
    definition: Definition, base: Metric, suffix: str, type_: MetricType, label: str
) -> Metric:
    extra = frozenset({label} if label else ())
    # By Prometheus's custom what ends in _up is 1 or 0.
    from_0_to_1 = definition.unit == "ratio" or definition.name.endswith("_up")
    bounded = definition.kind is Kind.GAUGE and from_0_to_1
    return Metric(
        name=definition.name + suffix,
        type=type_,
        labels=None if base.labels is None else base.labels | extra,
        always=base.always | extra,
        values=base.values,
        buckets=definition.buckets if type_ is MetricType.BUCKET else (),
        lowest=0 if type_.counts or bounded else None,
        highest=1 if bounded else None,
        interval_s=base.interval_s,
    )


def _values(definition: Definition) -> Iterator[tuple[str, tuple[str, ...]]]:
    for label, values in definition.values.items():
        # Where the family is full an unbounded label becomes this.
        overflow = (OVERFLOW,) if label in definition.unbounded else ()
        yield label, (*values, *overflow)
