"""Which answers are held against another one's order."""

from __future__ import annotations

import pytest

from tests.promql.answers import Answer, Ask, difference
from tests.promql.ordering import order_of

LABELS = (("__name__", "up"), ("job", "a"), ("zone", "b"))


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("sort(up)", ()),
        ("(sort_desc(up))", ()),
        ("topk(2, up)", ()),
        ("bottomk by (job) (2, up)", (("job", "a"),)),
        ("topk without (job) (2, up)", (("zone", "b"),)),
    ],
)
def test_order__is_within_a_group(text, group):
    """All series of sort; those of one group of topk."""
    order = order_of(Ask(text, 0, 0))
    assert order is not None
    assert order(LABELS) == group


@pytest.mark.parametrize(
    "ask", [Ask("-sort(up)", 0, 0), Ask("topk(1, up)", 0, 9, 1), Ask("(", 0, 0)]
)
def test_order__is_nowhere_else(ask):
    """Not inside, not in a range, not in an error."""
    assert order_of(ask) is None


def rows(*pairs):
    return Answer("vector", tuple(((("job", job),), ((0, value),)) for job, value in pairs))


def test_difference__sees_another_order_of_other_values():
    """Series of equal values may change places, and so may groups."""
    one, other = rows(("a", 1.0), ("b", 2.0)), rows(("b", 2.0), ("a", 1.0))
    assert "another order" in difference(one, other, 0.0, order=lambda labels: ())
    assert difference(one, other, 0.0, order=lambda labels: labels) == ""
    equal = rows(("a", 1.0), ("b", 1.0)), rows(("b", 1.0), ("a", 1.0))
    assert difference(*equal, 0.0, order=lambda labels: ()) == ""
