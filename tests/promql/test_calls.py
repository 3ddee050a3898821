"""No function, aggregation, operator, matcher or modifier of PromQL is without a case."""

from __future__ import annotations

import pytest

from tests.promql.cases import (
    aggregating,
    dates,
    elementwise,
    histograms,
    matching,
    operators,
    over_time,
    rates,
    relabelling,
    selecting,
)
from zerostate_monitoring.promql import calls, functions
from zerostate_monitoring.promql.arguments import Arguments
from zerostate_monitoring.promql.lexer import NAME, tokenize
from zerostate_monitoring.promql.nodes import Number, Span, ValueType
from zerostate_monitoring.promql.operators import ARITHMETIC, COMPARISONS, SETS

ALL = (
    aggregating,
    dates,
    elementwise,
    histograms,
    matching,
    operators,
    over_time,
    rates,
    relabelling,
    selecting,
)
WORDS = {
    token.keyword or token.text if token.kind == NAME else token.kind
    for subject in ALL
    for case in subject.CASES
    for token in tokenize(case.query)
}
"""All that is said in any query of any case."""


@pytest.mark.parametrize("name", sorted(functions.FUNCTIONS))
def test_cases__there_is_one_for_each_function(name):
    """By name."""
    assert name in WORDS


@pytest.mark.parametrize("name", sorted(functions.AGGREGATIONS))
def test_cases__there_is_one_for_each_aggregation(name):
    """By name."""
    assert name in WORDS


@pytest.mark.parametrize("op", sorted({*ARITHMETIC, *COMPARISONS, *SETS}))
def test_cases__there_is_one_for_each_operator(op):
    """Between numbers or vectors."""
    assert op in WORDS


@pytest.mark.parametrize(
    "word",
    [
        *("=", "!=", "=~", "!~", "[", ":", "@", "offset", "by", "without", "bool"),
        *("on", "ignoring", "group_left", "group_right"),
    ],
)
def test_cases__there_is_one_for_each_matcher_and_modifier(word):
    """As it is written; ``@ start()`` and ``@ end()`` have tests of their own."""
    assert word in WORDS


def test_functions__each_that_parses_is_implemented():
    """Those that give a number are worked out with the numbers."""
    numbers = {f.name for f in functions.FUNCTIONS.values() if f.gives is ValueType.SCALAR}
    assert calls.FUNCTIONS.keys() == functions.FUNCTIONS.keys() - numbers


def test_arguments__know_their_places():
    """Values by kind, and where they stand in the text."""
    nodes = [Number(1.0, span=Span(3, 5)), Number(2.0), Number(3.0)]
    arguments = Arguments(nodes, ["a", "b", "c"], Span(0, 9))
    assert (len(arguments), arguments.span(0), arguments.whole) == (3, Span(3, 5), Span(0, 9))
    assert arguments.texts(1) == ["b", "c"]
