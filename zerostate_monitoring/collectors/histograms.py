"""Histograms out of totals: one key per series and bound, with the bound it first fits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from prometheus_client.core import HistogramMetricFamily

from zerostate_monitoring.catalogue.definition import Definition
from zerostate_monitoring.collectors.tallies import Key

_SUM: Final = "sum"
_INF: Final = "+Inf"


def observed(
    definition: Definition, what: str, value: str, seconds: float
) -> Iterator[tuple[Key, float]]:
    """What one observation adds to the totals; ``value`` is that of the family's only label."""
    bound = next((_spelt(one) for one in definition.buckets if seconds <= one), _INF)
    yield (what, value, bound), 1
    yield (what, value, _SUM), seconds


def histogram(
    definition: Definition, what: str, totals: Mapping[Key, float], values: Collection[str] = ()
) -> HistogramMetricFamily:
    """The family; series of ``values`` stand from 0 on."""
    family = HistogramMetricFamily(definition.name, definition.help, labels=definition.labels)
    seen = {key[1] for key in totals if key[0] == what}
    for value in sorted(seen | {*values}):
        count, buckets = 0.0, []
        for bound in (*map(_spelt, definition.buckets), _INF):
            count += totals.get((what, value, bound), 0)
            buckets.append((bound, count))
        family.add_metric([value], buckets, totals.get((what, value, _SUM), 0.0))
    return family


def _spelt(bound: float) -> str:
    return repr(float(bound))
