"""Sentences that say why, from values alone."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting.explain.reasons import reasons
from zerostate_monitoring.alerting.explain.values import Values
from zerostate_monitoring.alerting.operands import operands
from zerostate_monitoring.promql.data import Sample
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse

SERIES = {
    ("fail", "a"): 0.12,
    ("fail", "b"): 0.5,
    ("most", "a"): 0.2,
    ("most", "b"): 0.2,
    ("total", ""): 7.0,
}


@pytest.fixture(scope="module")
def querier():
    rows = [
        ((("__name__", name), *((("node", node),) if node else ())), [1000], [value])
        for (name, node), value in SERIES.items()
    ]
    return EmbeddedQuerier(MemoryStorage(rows))


def told(querier, text):
    expr = parse(text).expr
    parts = {}
    for part in (text, *operands(expr)):
        value = querier.instant(part, 1000).value
        samples = getattr(value, "samples", None)
        parts[part] = (Sample((), value.value),) if samples is None else samples
    parts.setdefault(format_expr(expr), parts[text])
    return list(reasons(expr, Values(parts[text], parts, "history")))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "fail > 0.2",
            [
                'fail {node="b"}: 0.5 is above 0.2.',
                'fail {node="a"}: 0.12 is not above 0.2.',
            ],
        ),
        ("total <= 5", ["total: 7 is not at most 5."]),
        ("total == 7", ["total: 7 is equal to 7."]),
        ("5 < total", ["5: 5 is below 7 (total)."]),
        (
            "fail > most",
            [
                'fail {node="b"}: 0.5 is above 0.2 (most).',
                'fail {node="a"}: 0.12 is not above 0.2 (most).',
            ],
        ),
        ("fail > total", ["No series of fail has the labels of one of total: the two never meet."]),
        (
            "fail > on () group_left () total",
            [
                'fail {node="a"}: 0.12 is not above 7 (total).',
                'fail {node="b"}: 0.5 is not above 7 (total).',
            ],
        ),
        ("gone > 1", ["gone finds nothing."]),
        ("gone / total > 1", ["gone / total finds nothing.", "gone finds nothing."]),
        (
            "fail > 9 and gone < 1",
            [
                "Both sides of “and” must give a series with the same labels.",
                'fail {node="a"}: 0.12 is not above 9.',
                'fail {node="b"}: 0.5 is not above 9.',
                "gone finds nothing.",
            ],
        ),
        ("absent(total)", ["absent(total) finds nothing."]),
        ("absent(gone)", ["absent(gone) is 1."]),
        ("total", ["total is 7."]),
        ("1 > bool 2", ["1: 1 is not above 2."]),
        ("total > scalar(total)", ["total: 7 is not above 7 (scalar(total))."]),
    ],
)
def test_reasons__say_what_is_and_what_is_not(querier, text, lines):
    """Each comparison with both values, what finds nothing by its name."""
    assert told(querier, text) == lines


def test_reasons__what_was_not_asked_says_nothing():
    """A part whose values are not known is no part that finds nothing."""
    assert reasons(parse("x > 1").expr, Values(None, {})) == ()


def test_reasons__are_few():
    """Of a thousand series a handful is told, those first for which it holds."""
    samples = tuple(Sample((("node", str(n)),), float(n)) for n in range(1000))
    lines = reasons(parse("x > 998").expr, Values((), {"x": samples}))
    assert lines[0] == 'x {node="999"}: 999 is above 998.'
    assert lines[-1] == "… and 995 more of x."
    assert len(lines) == 6
