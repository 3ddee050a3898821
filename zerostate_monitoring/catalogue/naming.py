"""The rules that names of families follow, and the names that may break them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Kind

OURS: Final = "zerostate_"
THEIRS: Final = ("go_", "process_")
"""Families of the Go runtime and of client libraries; their authors named them."""

EXCEPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "zerostate_metrics_registered_total": (
            "a gauge that ends in _total: the name is given by the network's first version"
        ),
    }
)
"""Names that break a rule, and why they stand nevertheless."""

_RESERVED: Final = ("_bucket", "_count", "_sum", "_created", "_gcount", "_gsum")
_TYPES: Final = frozenset({"counter", "gauge", "histogram", "summary", "metric"})
_NOT_BASE: Final = frozenset(
    {
        *("ns", "us", "ms", "nanoseconds", "microseconds", "milliseconds"),
        *("sec", "minutes", "hours", "days", "weeks"),
        *("bits", "kb", "mb", "gb", "kib", "mib", "gib", "kilobytes", "megabytes", "gigabytes"),
        *("pct", "percent", "percentage"),
    }
)
_SCRAPERS_OWN: Final = frozenset({"job", "instance", "env", "region", "service"})
_SPELLED_OUT: Final = frozenset({"seconds", "bytes"})


def violations(definition: Definition) -> tuple[str, ...]:
    """Every rule that the names in ``definition`` break, as sentences; exceptions too."""
    return tuple(f"{definition.name}: {fault}" for rule in _RULES for fault in rule(definition))


def _has_a_prefix(definition: Definition) -> Iterator[str]:
    if not definition.name.startswith((OURS, *THEIRS)):
        yield f"its name does not start with {OURS}"


def _total_is_for_counters(definition: Definition) -> Iterator[str]:
    if definition.kind is not Kind.COUNTER and definition.name.endswith("_total"):
        yield f"a {definition.kind} ends in _total"


def _suffixes_are_for_samples(definition: Definition) -> Iterator[str]:
    if definition.name.endswith(_RESERVED):
        yield "it ends like a sample of a histogram or summary"


def _base_units(definition: Definition) -> Iterator[str]:
    if definition.name.startswith(THEIRS):
        return
    words = definition.name.split("_")
    for word in _NOT_BASE.intersection(words):
        yield f"{word} is not a base unit"
    if definition.unit in _SPELLED_OUT and definition.unit not in words:
        yield f"its name does not say {definition.unit}"


def _no_types_or_labels_in_names(definition: Definition) -> Iterator[str]:
    words = definition.name.removeprefix(OURS).split("_")
    for word in _TYPES.intersection(words):
        yield f"{word} is a type, not a part of a name"
    if "by" in words:
        yield "what it is divided by belongs in a label"


def _labels(definition: Definition) -> Iterator[str]:
    for label in definition.labels:
        if label in _SCRAPERS_OWN:
            yield f"the label {label} belongs to whoever scrapes"
        if label.startswith("__"):
            yield f"the label {label} is Prometheus' own"


_RULES: Final[tuple[Callable[[Definition], Iterator[str]], ...]] = (
    _has_a_prefix,
    _total_is_for_counters,
    _suffixes_are_for_samples,
    _base_units,
    _no_types_or_labels_in_names,
    _labels,
)
