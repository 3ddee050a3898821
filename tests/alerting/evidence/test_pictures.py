"""Evidence as pictures: few enough to be looked at, and each says something of its own."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part
from zerostate_monitoring.alerting.evidence.pictures import draw


def part(expr, *values):
    return Part(expr, tuple(Line({"n": str(n)}, (0, 1), one) for n, one in enumerate(values)))


def pack(*parts):
    return Pack(0, 1, 1, parts)


RISING = (1.0, 2.0)


@pytest.mark.parametrize(
    ("counts", "shown"), [((1,), [1]), ((9,), [4]), ((1, 9, 9, 2, 1), [1, 4, 4, 0, 0])]
)
def test_draw__is_bounded_for_a_picture_and_for_all(counts, shown):
    """Four lines of a picture and three pictures; those left out are counted."""
    drawn = draw(pack(*(part(f"m{n}", *[RISING] * count) for n, count in enumerate(counts))))
    assert [len(one.lines) for one in drawn] == shown
    assert [len(one.lines) + one.more for one in drawn] == list(counts)


@pytest.mark.parametrize(
    ("texts", "drawn"),
    [
        (("a > 1", "a"), ["a"]),
        (("a > 1 and b > 2", "a > 1", "b > 2", "a", "b"), ["a", "b"]),
        (("(a / b > 1 and b > 2) or c > 3", "c > 3", "a / b", "b", "c"), ["a / b", "b", "c"]),
        (("a > 1", "b"), ["a > 1", "b"]),
        (("a > 1 or b > 2", "a"), ["a", "a > 1 or b > 2"]),
        (("a > bool 1", "a"), ["a > bool 1", "a"]),
        (("a > b", "a", "b"), ["a", "b"]),
        (("a / b", "a", "b"), ["a / b", "a", "b"]),
    ],
)
def test_draw__what_only_filters_is_not_drawn_twice(texts, drawn):
    """The picture of what is compared has all of its values, and the limit."""
    assert [one.expr for one in draw(pack(*(part(text, RISING) for text in texts)))] == drawn


def test_draw__has_the_limit_of_what_is_compared():
    """Of each side of a condition its own."""
    texts = ("a > 1 and 2 < b", "a", "b")
    drawn = draw(pack(*(part(text, RISING) for text in texts)))
    assert [(one.expr, one.limit) for one in drawn] == [("a", 1.0), ("b", 2.0)]


def test_draw__what_gives_the_value_comes_first():
    """Whatever else is asked; a condition whose operand was not kept has its own limit."""
    texts = ("a > 1 and b > 2 or c > 3", "a > 1 and b > 2", "c > 3", "b", "a")
    drawn = draw(pack(*(part(text, RISING) for text in texts)))
    assert (drawn[0].expr, drawn[0].limit) == ("a", 1.0)
    assert ("c > 3", 3.0) in [(one.expr, one.limit) for one in drawn]


def test_draw__what_never_changed_is_said_and_not_drawn():
    """Unless it is held to a limit, or was there for some of the time only."""
    limited, level = draw(pack(part("a > 1", RISING), part("b", (5.0, 5.0)), part("a", (2.0, 2.0))))
    assert (level.expr, level.level, level.lines) == ("b", (5.0,), ())
    assert (limited.limit, len(limited.lines)) == (1.0, 1)
    gone = Pack(0, 100, 1, (part("b", (5.0, 5.0)),))
    assert draw(gone)[0].lines
