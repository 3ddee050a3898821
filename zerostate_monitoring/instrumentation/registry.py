"""Instruments that all processes count together, declared once.

``counter``, ``gauge``, ``histogram`` and ``summary`` give ordinary prometheus_client
instruments, whose series are capped. The same declaration again gives the same instrument.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from prometheus_client import CollectorRegistry

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.buckets import DURATION
from zerostate_monitoring.catalogue.definition import Definition, Kind
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.instrumentation import capped, cells
from zerostate_monitoring.instrumentation.capped import (
    DROPPED,
    Capped,
    Counter,
    Gauge,
    Histogram,
    Summary,
    reported,
)

__all__ = [
    "DROPPED",
    "REGISTRY",
    "Counter",
    "Gauge",
    "Histogram",
    "Summary",
    "counter",
    "forked",
    "gauge",
    "histogram",
    "instrument",
    "reported",
    "summary",
]

REGISTRY: Final = CollectorRegistry(auto_describe=False)
"""This app's instruments, and a project's own that are declared here."""

_PACKAGE: Final = __name__.rpartition(".")[0]
_QUANTILES: Final = (
    "quantiles of several processes cannot be summed; declare a histogram, whose buckets can"
)
# A colon is for recorded series; other characters would have to be quoted on the page.
_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_lock = threading.RLock()
_declared: Final[dict[str, tuple[Any, tuple[object, ...], str]]] = {}
_of_catalogue: Final[dict[str, Any]] = {}
"""The catalogue's instruments by name, for those events that need them every time."""


def counter(
    name: str,
    text: str,
    labels: Sequence[str] = (),
    *,
    unbounded: Sequence[str] = (),
    max_series: int = 1000,
) -> Counter:
    """Declare a counter; see ``declare`` for errors."""
    made = _maker(Counter, name, text, labels)
    return _declare(made, "counter", name, labels, (), unbounded, max_series)


def gauge(
    name: str,
    text: str,
    labels: Sequence[str] = (),
    *,
    multiprocess_mode: str = "sum",
    unbounded: Sequence[str] = (),
    max_series: int = 1000,
) -> Gauge:
    """Declare a gauge; its values leave with their process."""
    made = _maker(Gauge, name, text, labels, multiprocess_mode=multiprocess_mode)
    return _declare(made, "gauge", name, labels, (multiprocess_mode,), unbounded, max_series)


def histogram(
    name: str,
    text: str,
    labels: Sequence[str] = (),
    *,
    buckets: Sequence[float] = DURATION,
    unbounded: Sequence[str] = (),
    max_series: int = 1000,
) -> Histogram:
    """Declare a histogram; ``buckets`` are upper bounds, +Inf is implied."""
    made = _maker(Histogram, name, text, labels, buckets=tuple(buckets))
    bounds = tuple(map(float, buckets))
    return _declare(made, "histogram", name, labels, bounds, unbounded, max_series)


def summary(
    name: str,
    text: str,
    labels: Sequence[str] = (),
    *,
    quantiles: Sequence[float] = (),
    unbounded: Sequence[str] = (),
    max_series: int = 1000,
) -> Summary:
    """Declare a summary: count and sum. Quantiles are refused, for they cannot be summed."""
    if quantiles or "quantile" in labels:
        raise DefinitionError(f"{name}: {_QUANTILES}")
    made = _maker(Summary, name, text, labels)
    return _declare(made, "summary", name, labels, (), unbounded, max_series)


def instrument(definition: Definition) -> Any:
    """The instrument of a family of the catalogue, made at its first use.

    A counter has its known series from the start, at 0.
    """
    d = definition
    ready = _of_catalogue.get(d.name)
    if ready is not None and ready is _declared.get(d.name, (None,))[0]:
        return ready
    further: dict[str, Any] = {}
    form: tuple[object, ...] = ()
    if d.kind is Kind.GAUGE:
        further, form = {"multiprocess_mode": d.across}, (d.across,)
    elif d.kind is Kind.HISTOGRAM:
        further, form = {"buckets": d.buckets}, d.buckets
    make = _maker(_CLASSES[d.kind], d.name, d.help, d.labels, **further)
    with _lock:
        is_new = d.name not in _declared
        made = _declare(make, d.kind.value, d.name, d.labels, form, d.unbounded, d.max_series)
        if is_new and d.labels:
            for values in d.known_series:
                made.labels(*values)
        _of_catalogue[d.name] = made
    return made


_CLASSES: Final[dict[Kind, Any]] = {
    Kind.COUNTER: Counter,
    Kind.GAUGE: Gauge,
    Kind.HISTOGRAM: Histogram,
    Kind.SUMMARY: Summary,
}

_T = TypeVar("_T")


def _maker(
    kind: type[_T], name: str, text: str, labels: Sequence[str], **more: Any
) -> Callable[[], _T]:
    def make() -> _T:
        return kind(name, text, tuple(labels), registry=REGISTRY, **more)  # type: ignore[call-arg]

    return make


def _declare(
    make: Callable[[], _T],
    kind: str,
    name: str,
    labels: Sequence[str],
    form: Sequence[object],
    unbounded: Sequence[str],
    max_series: int,
) -> _T:
    """Make an instrument, or give the one that was declared alike before.

    Raises:
        DefinitionError: the name is declared with another type, other labels or other
            buckets; the message names both places. Or a part of the declaration is wrong.
    """
    shape = (kind, tuple(labels), tuple(form))
    place = _place()
    if strange := [text for text in (name, *labels) if not _NAME.match(text)]:
        raise DefinitionError(f"{name!r}, declared in {place}: {strange[0]!r} is no name")
    if unknown := sorted(set(unbounded) - set(labels)):
        raise DefinitionError(f"{name}: {unknown} are unbounded, and not among its labels")
    with _lock:
        before = _declared.get(name)
        if before is not None:
            if before[1] != shape:
                raise DefinitionError(_differs(name, before, shape, place))
            found: _T = before[0]
            return found
        _check_catalogue(name, kind, tuple(labels), tuple(form), place)
        try:
            made: Any = make()
        except ValueError as error:
            raise DefinitionError(f"{name}, declared in {place}: {error}") from error
        made.bound(max_series, tuple(unbounded), name)
        _declared[name] = (made, shape, place)
        result: _T = made
        return result


def _differs(
    name: str, before: tuple[Any, tuple[object, ...], str], shape: tuple[object, ...], place: str
) -> str:
    words = ("type", "labels", "buckets or mode")
    differences = [
        f"{word} {_shown(old)} and {_shown(new)}"
        for word, old, new in zip(words, before[1], shape, strict=True)
        if old != new
    ]
    return f"{name} is declared in {before[2]} and in {place}: {', '.join(differences)}"


def _shown(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _check_catalogue(
    name: str, kind: str, labels: tuple[str, ...], form: tuple[object, ...], place: str
) -> None:
    """A name of the catalogue may only be declared as the catalogue has it."""
    definition = CATALOGUE.find(name)
    if definition is None:
        return
    same = (definition.name, definition.kind.value, definition.labels) == (name, kind, labels)
    if same and (kind != "histogram" or form == definition.buckets):
        return
    known = f"the catalogue ({CATALOGUE.place(definition.name)})"
    shape = f"{definition.name}, {definition.kind.value}, labels {list(definition.labels)}"
    raise DefinitionError(f"{name}, declared in {place}, is in {known} as {shape}")


def _place() -> str:
    """Where the declaration stands: the nearest line outside this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - as warnings and logging do
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__', '?')}:{frame.f_lineno}"


def forked() -> None:
    """A child must not wait for a lock that only a thread of its parent could release.

    The registry's own lock is renewed with those of its instruments: ``cells.forked``. What
    such a thread had registered and not yet declared would be in the way for ever.
    """
    global _lock  # noqa: PLW0603
    _lock = threading.RLock()
    declared = {id(made) for made, _, _ in _declared.values()}
    cells.withdraw(REGISTRY, lambda made: isinstance(made, Capped) and id(made) not in declared)
    capped.forked()
