"""A node's page as client_golang prints it.

prometheus_client cannot stand in for it: it appends ``_total`` to every counter, and the
Go node has counters without and gauges with that suffix.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product

from example_project.network.nodes.family import Family

Key = tuple[str, ...]


class Series:
    """The samples of one label set; ``counts`` are those of a histogram's buckets."""

    __slots__ = ("count", "counts", "value")

    def __init__(self, buckets: int) -> None:
        self.value = 0.0
        self.count = 0
        self.counts = [0] * buckets


class Exposition:
    """All families of one node process. What the profile lacks is silently not kept."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = {family.name: family for family in families}
        self._series: dict[str, dict[Key, Series]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget every value, as a process that was started anew."""
        self._series = {name: {} for name in self._families}
        for name, family in self._families.items():
            for key in product(*(values for _, values in family.labels)):
                self._series[name][key] = Series(len(family.buckets))

    def inc(self, name: str, by: float = 1.0, **labels: str) -> None:
        """Add ``by`` to a counter or gauge."""
        if (series := self._find(name, labels)) is not None:
            series.value += float(by)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Let a gauge read ``value``."""
        if (series := self._find(name, labels)) is not None:
            series.value = float(value)

    def observe(self, name: str, value: float, count: int = 1, **labels: str) -> None:
        """Count ``value`` in a histogram or summary ``count`` times."""
        if (series := self._find(name, labels)) is None:
            return
        series.value += value * count
        series.count += count
        for index, bound in enumerate(self._families[name].buckets):
            if value <= bound:
                series.counts[index] += count
                break

    def forget(self, label: str, value: str) -> None:
        """Drop every series whose ``label`` is ``value``: its object has ended."""
        for name, family in self._families.items():
            names = [known for known, _ in family.labels]
            if label in names:
                place = names.index(label)
                kept = {k: s for k, s in self._series[name].items() if k[place] != value}
                self._series[name] = kept

    def forget_where(self, name: str, label: str, prefix: str) -> None:
        """Drop the series of one family whose ``label`` begins with ``prefix``."""
        family = self._families.get(name)
        if family is None:
            return
        place = [known for known, _ in family.labels].index(label)
        kept = {k: s for k, s in self._series[name].items() if not k[place].startswith(prefix)}
        self._series[name] = kept

    def value(self, name: str, **labels: str) -> float:
        """What a sample reads, 0 where there is none (of a histogram: its sum)."""
        wanted = set(labels.items())
        family = self._families.get(name)
        if family is None:
            return 0.0
        names = [label for label, _ in family.labels]
        return sum(
            series.value
            for key, series in self._series[name].items()
            if wanted <= set(zip(names, key, strict=True))
        )

    def render(self) -> str:
        """The page in the text format."""
        return "".join(
            f"{line}\n"
            for name, family in self._families.items()
            if self._series[name]
            for line in self._lines(family)
        )

    def _find(self, name: str, labels: dict[str, str]) -> Series | None:
        family = self._families.get(name)
        if family is None:
            return None
        key = tuple(labels[label] for label, _ in family.labels)
        kept = self._series[name]
        if key not in kept:
            kept[key] = Series(len(family.buckets))
        return kept[key]

    def _lines(self, family: Family) -> Iterator[str]:
        words = family.name.replace("_", " ")
        yield f"# HELP {family.name} The node's {words}."
        yield f"# TYPE {family.name} {family.type}"
        names = [label for label, _ in family.labels]
        for key, series in sorted(self._series[family.name].items()):
            pairs = [f'{n}="{_escaped(v)}"' for n, v in zip(names, key, strict=True)]
            yield from _samples(family, pairs, series)


def _samples(family: Family, pairs: list[str], series: Series) -> Iterator[str]:
    if family.type not in {"histogram", "summary"}:
        yield f"{family.name}{_braces(pairs)} {go_float(series.value)}"
        return
    total = 0
    for bound, count in zip(family.buckets, series.counts, strict=True):
        total += count
        yield f"{family.name}_bucket{_braces([*pairs, _le(bound)])} {total}"
    if family.type == "histogram":
        yield f"{family.name}_bucket{_braces([*pairs, _le(math.inf)])} {series.count}"
    yield f"{family.name}_sum{_braces(pairs)} {go_float(series.value)}"
    yield f"{family.name}_count{_braces(pairs)} {series.count}"


def _le(bound: float) -> str:
    return f'le="{go_float(bound)}"'


def _braces(pairs: list[str]) -> str:
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def go_float(value: float) -> str:
    """Spell ``value`` as Go's ``strconv.FormatFloat(value, 'g', -1, 64)`` does."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if not value:
        return "0"
    sign, digits, _ = Decimal(repr(value)).normalize().as_tuple()
    exponent = Decimal(repr(value)).adjusted()
    minus = "-" if sign else ""
    if -4 <= exponent < 6:
        return f"{minus}{Decimal(repr(abs(value))).normalize():f}"
    text = "".join(map(str, digits))
    mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
    return f"{minus}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
