"""Random series and expressions over them, and storages that hand the same out in other ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from hypothesis import strategies as st

from tests.promql.sequences import STALE
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock, Block, Part, Series
from zerostate_monitoring.promql.matchers import compile_matcher
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.nodes import Matcher

STEP: Final = 15_000
SAMPLES: Final = 30

EXPRESSIONS: Final = (
    *("g", "g offset 1m", "g offset -1m", "g @ 200", "g @ start()", "g @ end() offset 30s"),
    *('g{k=~"a|b"}', 'g{k!="a"}', "timestamp(g)", "timestamp(g offset 20s)", "timestamp(-g)"),
    *("rate(c_total[1m])", "increase(c_total[77s])", "irate(c_total[1m])", "delta(g[2m])"),
    *("idelta(g[1m])", "deriv(g[2m])", "predict_linear(g[2m], 60)", "resets(c_total[3m])"),
    *("changes(g[3m])", "sum_over_time(g[1m])", "avg_over_time(g[90s])", "min_over_time(g[2m])"),
    *("max_over_time(g[2m])", "stddev_over_time(g[2m])", "stdvar_over_time(g[2m])"),
    *("count_over_time(g[1m] offset 1m)", "present_over_time(g[20s])", "last_over_time(g[1m])"),
    *("first_over_time(g[1m])", "quantile_over_time(0.3, g[3m])", "absent_over_time(g[20s])"),
    *("absent(g)", 'absent(g{k="z"})', "abs(g)", "clamp(g, -1, 3)", "round(g, 2)", "-g"),
    *("sum(g)", "sum by (k) (rate(c_total[1m]))", "avg without (k) (g)", "count(g)", "min(g)"),
    *("max by (j) (g)", "stddev(g)", "group(g)", "quantile(0.7, g)", 'count_values("v", g)'),
    *(
        "sum(topk(2, g))",
        "bottomk by (j) (2, g)",
        "sum(topk(scalar(count(g) or vector(0)), c_total))",
        "scalar(sum(g))",
    ),
    *("g + c_total", "g > 2", "g > bool c_total", "g and c_total", "g or c_total", "2 ^ g"),
    *("g unless c_total", "g * on(j) group_left sum by (j) (c_total)", "vector(time()) - g"),
    *("sum_over_time(g[2m:20s])", "rate(c_total[2m:])", "max_over_time(sum(g)[1m:30s] offset 1m)"),
    *("sum_over_time((g @ 200)[1m:30s])", "histogram_quantile(0.6, h)", "hour() + minute()"),
    *("histogram_fraction(0, 2, h)", 'label_replace(g, "j", "$1", "k", "(.)")', "1 + 2 < bool 4"),
    *('label_join(g, "jk", "-", "j", "k")', "sum(g) / count(g) - avg(g)", "day_of_week(g)"),
)
"""No two of their results can have the same labels."""

_NAMES: Final = (
    *[{"__name__": "g", "k": k, "j": j} for k, j in ("ax", "bx", "cy")],
    *[{"__name__": "c_total", "k": k, "j": j} for k, j in ("ax", "bx", "cy")],
    *[{"__name__": "h", "le": le} for le in ("1", "3", "+Inf")],
)

_values = st.integers(-5, 9).map(float)
_samples = st.one_of(
    _values, _values, _values, st.just(None), st.sampled_from([STALE, np.nan, np.inf])
)
_Given = tuple[Labels, list[int], list[float]]


@st.composite
def series(draw) -> list[_Given]:
    """All series with gaps, markers, resets and values that are no numbers, from time 0 on."""
    found = []
    for pairs in _NAMES:
        phase = draw(st.sampled_from([0, 0, 0, 137]))
        values = draw(st.lists(_samples, min_size=SAMPLES, max_size=SAMPLES))
        kept = [(n * STEP + phase, value) for n, value in enumerate(values) if value is not None]
        labels = tuple(sorted(pairs.items()))
        found.append((labels, [at for at, _ in kept], [value for _, value in kept]))
    return found


class OneByOne:
    """Each series in a dense block of its own, but for its markers."""

    def __init__(self, given: Iterable[_Given]) -> None:
        self._storages = [MemoryStorage([one]) for one in given]

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[AnyBlock]:
        """What each storage gives."""
        return [
            block
            for storage in self._storages
            for block in storage.select(matchers, start_ms, end_ms)
        ]


class OneGrid:
    """All series in one block with masks, of which parts are handed out, uncut in time."""

    def __init__(self, given: Sequence[_Given]) -> None:
        times = np.unique(np.concatenate([np.array(at, np.int64) for _, at, _ in given]))
        values = np.full((len(times), len(given)), 1e300)
        present, stale = np.zeros((2, *values.shape), bool)
        for column, (_, at, numbers) in enumerate(given):
            rows = np.searchsorted(times, at)
            ended = np.array(numbers).view(np.int64) == np.array([STALE]).view(np.int64)
            values[rows, column] = np.where(ended, 1e300, numbers)
            present[rows, column], stale[rows, column] = ~ended, ended
        names = Series(labels for labels, _, _ in given)
        self.whole = Block(names, times, values, present, stale)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[AnyBlock]:
        """One part, or nothing."""
        tests = [(matcher.name, compile_matcher(matcher)) for matcher in matchers]
        labels = self.whole.series.labels
        columns = [
            place
            for place, own in enumerate(labels)
            if all(test(dict(own).get(name, "")) for name, test in tests)
        ]
        if not columns:
            return []
        found = Series(labels[column] for column in columns)
        return [Part(found, self.whole, np.array(columns, np.intp))]
