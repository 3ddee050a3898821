"""What must be known of prometheus_client's inside to record fast and to read exactly.

The one place that touches its private names; ``tests/instrumentation/test_cells.py`` fails
when they move. Read with prometheus_client 0.23 to 0.26.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.samples import Exemplar

from zerostate_monitoring.storage.publication import Moment
from zerostate_monitoring.tracing import exemplar_labels, has_begun

TOTALS: Final = frozenset({"counter", "histogram", "summary"})
GAUGES: Final = frozenset({"gauge", "info", "stateset"})

Numbers = tuple[float, ...]
Cell = Callable[[float], None]


def instruments(registry: CollectorRegistry) -> list[MetricWrapperBase]:
    """The instruments that a registry holds, without custom collectors: those would run."""
    held = list(registry._collector_to_names)
    return [c for c in held if isinstance(c, MetricWrapperBase) and c._type in TOTALS | GAUGES]


def children(instrument: MetricWrapperBase) -> dict[tuple[str, ...], MetricWrapperBase]:
    """The series of an instrument by label values."""
    if not instrument._labelnames:
        return {(): instrument}
    # A copy is one step for the interpreter: no lock that a fork could have left locked.
    return dict(instrument._metrics)  # type: ignore[arg-type]


def name_of(instrument: MetricWrapperBase) -> str:
    """The OpenMetrics name of a family."""
    return str(instrument._name)


def type_of(instrument: MetricWrapperBase) -> str:
    """Its type, in OpenMetrics' words."""
    return str(instrument._type)


def label_names(instrument: MetricWrapperBase) -> tuple[str, ...]:
    """The names of its labels."""
    return tuple(instrument._labelnames)


def label_values(child: MetricWrapperBase) -> tuple[str, ...]:
    """The label values of a series."""
    return tuple(child._labelvalues)


def drop(instrument: MetricWrapperBase, labels: tuple[str, ...]) -> None:
    """Remove a series from an instrument, if it is there."""
    # Not by remove(), which warns where values live in files; one step, so without a lock.
    instrument._metrics.pop(labels, None)


def holds(instrument: MetricWrapperBase, labels: tuple[str, ...], child: object) -> bool:
    """Whether this is the series that the instrument has now."""
    return children(instrument).get(labels) is child


def withdraw(registry: CollectorRegistry, unwanted: Callable[[object], bool]) -> None:
    """Take collectors out of a registry, also those that a fork has left half registered.

    Without its lock, which the same fork may have left locked.
    """
    for name, collector in list(registry._names_to_collectors.items()):
        if unwanted(collector):
            del registry._names_to_collectors[name]
            registry._collector_to_names.pop(collector, None)


# -- recording -----------------------------------------------------------------


def adder(child: Any) -> Cell:
    """``inc`` of a counter or gauge, without the checks that its caller has made."""
    add: Cell = child._value.inc
    return add


def counter(child: Any) -> Cell:
    """``inc`` of a counter, with the trace in which it happened once there are traces."""
    value = child._value
    add: Cell = value.inc
    if not has_begun():
        return add

    def count(amount: float) -> None:
        add(amount)
        if (labels := exemplar_labels()) is not None:
            value.set_exemplar(Exemplar(labels, amount, time.time()))

    return count


def observer(child: Any) -> Cell:
    """``observe`` of a histogram: one look-up instead of a walk through the buckets."""
    bounds: list[float] = child._upper_bounds
    buckets = child._buckets
    counts = [bucket.inc for bucket in buckets]
    add = child._sum.inc

    def plainly(amount: float) -> None:
        add(amount)
        counts[bisect_left(bounds, amount)](1)

    def observe(amount: float) -> None:
        add(amount)
        place = bisect_left(bounds, amount)
        counts[place](1)
        if (labels := exemplar_labels()) is not None:
            buckets[place].set_exemplar(Exemplar(labels, amount, time.time()))

    return observe if has_begun() else plainly


def setter(child: Any) -> Cell:
    """``set`` of a gauge that remembers when it was set."""
    put = child._value.set

    def set_to(value: float) -> None:
        now = time.time()
        put(value, timestamp=now)
        child._set_at = now

    return set_to


# -- reading -------------------------------------------------------------------


def numbers(child: Any) -> Numbers:
    """What a counter, summary or histogram has counted: buckets apart, then the sum."""
    match child._type:
        case "counter":
            return (_value(child._value),)
        case "summary":
            return (_value(child._count), _value(child._sum))
        case _:
            return (*map(_value, child._buckets), _value(child._sum))


def inherited(child: Any) -> Numbers:
    """What a forked child found when it began; what is no number is nothing."""
    values = [_value(value) for value in _values(child)]
    return tuple(value if math.isfinite(value) else 0.0 for value in values)


def _values(child: Any) -> list[Any]:
    match child._type:
        case "counter" | "gauge":
            return [child._value]
        case "summary":
            return [child._count, child._sum]
        case "histogram":
            return [*child._buckets, child._sum]
        case _:
            return []


def _value(value: Any) -> float:
    # Without its lock, which a fork may have left locked; one read is one step anyway.
    if value._multiprocess and id(value._file) in _parents_files:
        # The parent's; prometheus_client begins anew in a file of this process with the next
        # event.
        return 0.0
    return float(value._value)


# -- forking -------------------------------------------------------------------

_parents_files: Final[dict[int, Any]] = {}
"""Files of multiprocess mode that belong to the parent, by id; held, so that no other has it."""


def forked(registries: Iterable[CollectorRegistry]) -> None:
    """In a child: take away what only a thread of the parent could release, or has counted.

    Locks are new ones. Gauges that are summed begin at 0, as in multiprocess mode.
    """
    for registry in registries:
        registry._lock = Lock()
        for instrument in instruments(registry):
            instrument._lock = Lock()
            for child in children(instrument).values():
                _renew_child(child)


def _renew_child(child: Any) -> None:
    child._lock = Lock()
    for value in _values(child):
        _renew(value)
    if child._type == "gauge" and gauge_mode(child) == "sum":
        child._value._value = 0.0


def _renew(value: Any) -> None:
    if value._multiprocess:
        _parents_files[id(value._file)] = value._file
    else:
        value._lock = Lock()


def exemplars(child: Any) -> Iterator[tuple[int, Any]]:
    """The exemplars of a series, each with its place among ``numbers``."""
    counter = [child._value] if child._type == "counter" else []
    for place, value in enumerate(child._buckets if child._type == "histogram" else counter):
        found = None if value._multiprocess else value._exemplar
        if found is not None:
            yield place, found


def moment(exemplar: Any) -> Moment:
    """An exemplar of prometheus_client in this app's words."""
    labels: Mapping[str, str] = exemplar.labels
    return Moment(labels, float(exemplar.value), exemplar.timestamp)


def gauge_mode(instrument: Any) -> str:
    """How several processes' values are merged; ``live`` says nothing here."""
    if instrument._type != "gauge":
        return {"info": "max", "stateset": "mostrecent"}[instrument._type]
    return str(instrument._multiprocess_mode).removeprefix("live")


def gauge_samples(child: Any) -> list[tuple[str, Mapping[str, str], float]]:
    """Suffix, own labels and value of each sample of a gauge, info or stateset."""
    return [(sample.name, sample.labels, float(sample.value)) for sample in child._child_samples()]


def unset(child: Any) -> Numbers:
    """What a gauge, info or stateset says that nobody has set."""
    if child._type == "stateset":
        return (1.0, *(0.0 for _ in child._states[1:]))
    return (0.0,) if child._type == "gauge" else ()


def set_at(child: Any) -> float:
    """When a gauge was last set, in unix seconds; 0 if that is not known."""
    value = getattr(child, "_value", None)
    return float(getattr(child, "_set_at", 0.0) or getattr(value, "_timestamp", 0.0))


def forget_set_at(child: Any) -> None:
    """Nobody has set this gauge in this process yet."""
    child._set_at = 0.0


def bounds_of(instrument: Any) -> tuple[int, tuple[str, ...]]:
    """The largest number of series and the unbounded labels; 0 where it was not declared here."""
    return int(getattr(instrument, "_most", 0)), tuple(getattr(instrument, "_unbounded", ()))


def described(instrument: Any) -> tuple[str, str, str, str, tuple[str, ...], tuple[float, ...]]:
    """Name, type, help, unit, label names and bucket bounds of an instrument."""
    buckets = tuple(instrument._upper_bounds) if instrument._type == "histogram" else ()
    return (
        instrument._name,
        instrument._type,
        instrument._documentation,
        instrument._unit,
        tuple(instrument._labelnames),
        buckets,
    )
