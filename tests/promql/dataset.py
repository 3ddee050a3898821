"""Invented series for comparisons: of every shape that a scrape can leave behind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Final

from tests.promql.sequences import STALE
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME

Row = tuple[Labels, list[int], list[float]]

BASE: Final = 1_699_999_980_000
"""When the series begin (ms); a whole minute."""
SCRAPE: Final = 15_000
SCRAPES: Final = 160
END: Final = BASE + SCRAPE * SCRAPES

PHASES: Final = (0, 0, 137, 411)
"""Where in a second a family is scraped."""
OFF_PHASES: Final = (137, 411, 873)
"""The same where no sample may stand on a whole second."""

JOBS: Final = ("api", "db", "web")
ZONES: Final = ("zürich", "東京", 'quo"te', "back\\slash", "new\nline", "a.b", "")
LE: Final = ("0.005", "0.1", "0.5", "1", "2.5", "10", "+Inf")


def dataset(seed: int, *, off_seconds: bool = False) -> list[Row]:
    """All series of one seed; with ``off_seconds`` none has a sample on a whole second."""
    return list(_Maker(Random(seed), OFF_PHASES if off_seconds else PHASES).rows())


class _Maker:
    def __init__(self, random: Random, phases: tuple[int, ...]) -> None:
        self._random = random
        self._phases = phases

    def rows(self) -> Iterator[Row]:
        for family in (
            self._gauges,
            self._counters,
            self._histograms,
            self._infos,
            self._specials,
            self._partial,
        ):
            yield from family()

    def _times(self, every: int = 1) -> list[int]:
        phase = self._random.choice(self._phases)
        return [BASE + phase + SCRAPE * number for number in range(0, SCRAPES, every)]

    def _row(
        self, name: str, labels: dict[str, str], times: list[int], value: Callable[[], float]
    ) -> Row:
        pairs = {**labels, NAME: name}
        kept = tuple(sorted((key, text) for key, text in pairs.items() if text))
        return kept, times, [value() for _ in times]

    def _gaps(self, row: Row) -> Row:
        """Scrapes that failed: now one, now many in a row; each gap with or without a marker."""
        labels, times, values = row
        kept: list[tuple[int, float]] = []
        missing = 0
        for time, value in zip(times, values, strict=True):
            if missing:
                missing -= 1
                continue
            if self._random.random() < 0.04:
                missing = self._random.choice((0, 1, 5, 25))
                if self._random.random() < 0.6:
                    kept.append((time, STALE))
                continue
            kept.append((time, value))
        return labels, [time for time, _ in kept], [value for _, value in kept]

    def _gauges(self) -> Iterator[Row]:
        uniform, gauss = self._random.uniform, self._random.gauss
        for job in JOBS:
            for instance in "012":
                labels = {"job": job, "instance": instance}
                zone = {"zone": self._random.choice(ZONES)}
                times = self._times()
                yield self._gaps(self._row("load", labels | zone, times, lambda: gauss(0, 3)))
                if instance != "2":
                    row = self._row("memory", labels, times, lambda: uniform(1e8, 4e9))
                    yield self._gaps(row)
                whole = self._row("queue", labels, self._times(), lambda: gauss(3, 4) // 1)
                yield whole
        for instance in "0123":
            row = self._row("sparse", {"instance": instance}, self._times(19), lambda: gauss(0, 1))
            yield row

    def _counter(self, step: Callable[[], float]) -> Callable[[], float]:
        total = self._random.choice((0.0, 0.0, 17.0, 1e9))

        def value() -> float:
            nonlocal total
            total = 0.0 if self._random.random() < 0.02 else total + step()
            return total

        return value

    def _counters(self) -> Iterator[Row]:
        random = self._random
        for job in JOBS:
            for instance in "01":
                labels = {"job": job, "instance": instance}
                times = self._times()
                for code in ("200", "404", "500")[: random.randint(1, 3)]:
                    step = self._counter(lambda: random.randint(0, 40))
                    yield self._gaps(
                        self._row("requests_total", labels | {"code": code}, times, step)
                    )
                step = self._counter(lambda: random.expovariate(2))
                yield self._gaps(self._row("seconds_total", labels, self._times(), step))

    def _histograms(self) -> Iterator[Row]:
        random = self._random
        for job in JOBS:
            times = self._times()
            counts = [[0.0] * len(times) for _ in LE]
            for number, row in enumerate(counts):
                total = 0.0
                for place in range(len(times)):
                    total += random.randint(0, 9)
                    below = counts[number - 1][place] if number else 0.0
                    row[place] = below + total
            for le, row in zip(LE, counts, strict=True):
                values = iter(row)
                labels = {"job": job, "le": le}
                yield self._row("size_bucket", labels, times, partial(next, values))
            # Not what a histogram should be: it falls, it lacks its last bucket, it repeats.
            odd = [*LE[: random.randint(1, 7)], "1.0", "none"]
            for le in odd[random.randint(0, 2) :]:
                values = iter([random.gauss(50, 40) for _ in times])
                labels = {"job": job, "le": le}
                yield self._row("odd_bucket", labels, times, partial(next, values))

    def _infos(self) -> Iterator[Row]:
        for job in JOBS:
            version = f"{self._random.randint(1, 3)}.{self._random.randint(0, 9)}"
            labels = {"job": job, "version": version}
            yield self._row("build_info", labels, self._times(), lambda: 1.0)
        for instance in "012":
            yield self._row("same", {"instance": instance}, self._times(), lambda: 7.5)

    def _specials(self) -> Iterator[Row]:
        odd = (math.nan, math.inf, -math.inf, -0.0, 0.0, 1.0, -1.0, 5e-324, 1e308, -1e308, 1e-9)
        choice, gauss = self._random.choice, self._random.gauss
        for kind, values in enumerate((odd, odd[:1], (math.inf, 1.0), odd[3:7], (math.nan, 2.0))):
            labels = {"kind": str(kind)}
            yield self._row("odd", labels, self._times(), partial(choice, values))
        for power in (-300, -12, 12, 300):
            labels = {"power": str(power)}
            scale = 10.0**power
            yield self._row("huge", labels, self._times(), partial(gauss, scale, scale))
        for instance in "012":
            near = self._random.uniform(1, 10)
            labels = {"instance": instance}
            yield self._row("near", labels, self._times(), partial(gauss, near, 1e-7))

    def _partial(self) -> Iterator[Row]:
        """Series that begin and end inside, scraped a little early or late."""
        random = self._random
        for instance in "01234":
            labels = {"job": random.choice(JOBS), "instance": instance}
            first = random.randint(0, 120)
            wobble = [BASE + SCRAPE * n + random.randint(-80, 80) * 10 for n in range(SCRAPES)]
            times = [time + 3 for time in wobble[first : first + random.randint(1, 90)]]
            row = self._row("brief", labels, times, self._counter(lambda: random.randint(0, 3)))
            if random.random() < 0.5:
                row = (row[0], [*times, times[-1] + SCRAPE], [*row[2], STALE])
            yield row
