"""Colours of lines are told apart: on light and dark pages, and without red and green."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from tests.charts.colours import contrast, difference, lab, linear, without_green
from zerostate_monitoring.charts.lines import ALARM, COLOURS

AT_A_GLANCE, BESIDE = 11, 22


def test_difference__is_that_of_the_standard():
    """The first pair of Sharma, Wu and Dalal's data."""
    pair = (50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)
    assert difference(*pair) == pytest.approx(2.0425, abs=1e-4)


@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_colours__are_seen_on_every_page(page):
    """Three times the contrast of the page, as WCAG asks of what must be seen."""
    assert min(contrast(one, page) for one in COLOURS) >= 3


@pytest.mark.parametrize("seen", [list, without_green])
def test_colours__are_told_apart(seen):
    """Any two of them at a glance, and those that follow each other, which are seen most, better.

    Orange and olive were 13 apart, and 3 without green.
    """
    known = [lab(seen(linear(one))) for one in COLOURS]
    assert min(difference(*pair) for pair in combinations(known, 2)) >= AT_A_GLANCE
    assert min(difference(*pair) for pair in pairwise(known)) >= BESIDE


def test_colours__none_looks_like_the_limit():
    """A threshold is red, and nothing else is."""
    assert min(difference(lab(linear(ALARM)), lab(linear(one))) for one in COLOURS) >= AT_A_GLANCE
