"""The values that go with a picture."""

from __future__ import annotations

import json
import math
import random

from zerostate_monitoring.charts.lines import Frame, Line
from zerostate_monitoring.charts.packing import packed

STEP = 15_000


def unpacked(found):
    """As the script reads them."""
    for one in found["series"]:
        points = []
        for first, steps, values in one["runs"]:
            at = first
            for place, value in enumerate(values):
                if place:
                    at += steps[place - 1] if isinstance(steps, list) else steps
                points.append((found["start"] + at * found["unit_ms"], value))
        yield points


def frame(n):
    return Frame(60_000, 60_000 + (n - 1) * STEP, STEP)


def wander(n, seed=1):
    rng, value = random.Random(seed), 1234.5678
    for k in range(n):
        value += rng.gauss(0, 20)
        yield 60_000 + k * STEP, value


def test_packed__gives_back_what_went_in():
    """Times exactly, values to six digits, gaps as gaps."""
    points = [(at, value) for at, value in wander(200) if not 50 <= at // STEP < 60]
    [found] = unpacked(packed([Line("a", points)], frame(200)))
    assert [at for at, _ in found] == [at for at, _ in points]
    assert all(
        math.isclose(a, b, rel_tol=1e-5) for (_, a), (_, b) in zip(found, points, strict=True)
    )


def test_packed__ten_thousand_points_are_small():
    """As JSON less than 150 kB, one series or eight, and no peak is lost."""
    many = list(wander(10_000))
    many[7_123] = (many[7_123][0], 99_999.0)
    for series in ([Line("a", many)], [Line(str(k), list(wander(5_000, k))) for k in range(8)]):
        found = packed(series, frame(10_000))
        assert len(json.dumps(found)) < 150_000
        counts = sum(len(run[2]) for one in found["series"] for run in one["runs"])
        assert counts <= 10_000
    whole = packed([Line("a", many * 1)], frame(10_000))
    assert any(99_999 in run[2] for run in whole["series"][0]["runs"])


def test_packed__names_of_10_kb_are_cut():
    """What is outside may be as long as it wants to be."""
    found = packed([Line("x" * 10_000, [(60_000, 1.0)])], frame(2))
    assert len(json.dumps(found)) < 2_000


def test_packed__what_is_no_number_is_not_sent():
    """JSON has no word for it."""
    points = [(60_000, math.nan), (75_000, 1.0), (90_000, math.inf), (105_000, 2.0)]
    text = json.dumps(packed([Line("a", points)], frame(4)), allow_nan=False)
    assert "1" in text
