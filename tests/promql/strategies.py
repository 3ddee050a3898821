"""Random syntax trees, as the parser would make them."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from zerostate_monitoring.promql.checking import COMPARISONS, SETS
from zerostate_monitoring.promql.functions import FUNCTIONS, PARAMETERS
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.matchers import in_order
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Duration,
    Matcher,
    Matching,
    MatrixSelector,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)

ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"]

# Any character that UTF-8 can carry, but the one that stands for those it cannot.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=8)
plain_names = st.sampled_from(
    ["up", "a:b", "_x", "sum", "SUM", "by", "offset", "or", "start", "fill", "step", "without"]
)
labels = st.one_of(
    st.sampled_from(["a", "job", "by", "sum", "without", "inf", "NaN", "bool"]),
    texts.filter(bool),
)
milliseconds = st.integers(1, 10**12)
offsets = st.one_of(st.just(0), st.integers(-(10**12), 10**12))
times = st.one_of(st.none(), st.sampled_from(["start", "end"]), st.integers(-(10**14), 10**14))
matchers = st.one_of(
    st.builds(Matcher, labels, st.sampled_from(["=", "!="]), texts),
    st.builds(Matcher, labels, st.sampled_from(["=~", "!~"]), st.sampled_from([".*", "a|b", "x+"])),
)


plain_durations = st.builds(
    lambda ms: Number(ms // 1000 + ms % 1000 / 1000, True), st.integers(0, 10**12)
)
numbers = st.one_of(
    st.builds(Number, st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0])),
    st.builds(Number, st.floats(allow_nan=False)),
    plain_durations,
)


# -- durations that are computed -----------------------------------------------

_words = st.sampled_from([Duration("step"), Duration("range")])
_counts = st.builds(Number, st.floats(-1e9, 1e9))


def _operand(length):
    """``length`` as an operand, in parentheses where it could bind otherwise."""
    needed = isinstance(length, Duration) and length.op in {*ARITHMETIC}
    return Duration("()", (length,)) if needed else length


@st.composite
def _operations(draw, lengths):
    op = draw(st.sampled_from([*ARITHMETIC[:-1], "min_of", "max_of", "-", "()"]))
    left, right = draw(lengths), draw(lengths)
    if op in {"min_of", "max_of"}:
        return Duration(op, (left, right))
    if op in {"()", "-"} and draw(st.booleans()):
        only = left if isinstance(left, Duration) else draw(_words)
        if op == "()":
            return Duration(op, only.operands if only.op == "()" else (only,))
        return Duration(op, (_operand(only),))
    if op == "()":
        return draw(_words)
    zero = op in {"/", "%"} and isinstance(right, Number) and right.value == 0
    return Duration(op, (_operand(left), Number(1.0) if zero else _operand(right)))


_lengths = st.recursive(_words | plain_durations | _counts, _operations, max_leaves=5)
computed = _lengths.filter(lambda length: isinstance(length, Duration))
maybe_computed = st.none() | computed


@st.composite
def moves(draw):
    """An offset: a number, or one that is computed."""
    if length := draw(maybe_computed):
        signed = length.op == "()" and draw(st.booleans())
        return {"offset_expr": Duration("+", (length,)) if signed else length}
    return {"offset_ms": draw(offsets)}


@st.composite
def ranges(draw):
    """A range: a number, or one that is computed."""
    if length := draw(maybe_computed):
        return {"range_ms": 0, "range_expr": length}
    return {"range_ms": draw(milliseconds)}


# -- expressions ---------------------------------------------------------------


@st.composite
def vector_selectors(draw):
    """Selectors with a name before the braces, or with a matcher that refuses nothing."""
    found = [m for m in draw(st.lists(matchers, max_size=3)) if m.name != METRIC_NAME]
    modifiers = {"at": draw(times), **draw(moves())}
    if draw(st.booleans()):
        name = draw(plain_names)
        named = (*in_order(found), Matcher(METRIC_NAME, "=", name))
        return VectorSelector(name, named, **modifiers)
    metric = Matcher(METRIC_NAME, "=", draw(texts.filter(bool)))
    return VectorSelector("", in_order([*found, metric]), **modifiers)


strings = st.builds(String, texts)


def wrapped(expr):
    """``expr`` as an operand: whatever could bind otherwise stands in parentheses."""
    negative = isinstance(expr, Number) and math.copysign(1, expr.value) < 0
    node = expr.selector if isinstance(expr, MatrixSelector) else expr
    moved = isinstance(node, VectorSelector | Subquery) and node.offset_expr is not None
    return Paren(expr) if negative or moved or isinstance(expr, Binary | Unary) else expr


@st.composite
def _matchings(draw, op):
    on, found = draw(st.booleans()), draw(st.lists(labels, max_size=2))
    if op in SETS:
        return Matching(Card.MANY_TO_MANY, on, tuple(found))
    card = draw(st.sampled_from([Card.ONE_TO_ONE, Card.MANY_TO_ONE, Card.ONE_TO_MANY]))
    include = draw(st.lists(labels, max_size=2)) if card is not Card.ONE_TO_ONE else []
    return Matching(card, on, tuple(found), tuple(i for i in include if i not in found))


@st.composite
def _binaries(draw, exprs):
    left, right = draw(exprs), draw(exprs)
    vectors = left.type is right.type is ValueType.VECTOR
    scalars = left.type is right.type is ValueType.SCALAR
    ops = [*ARITHMETIC, *sorted(COMPARISONS), *(sorted(SETS) if vectors else [])]
    op = draw(st.sampled_from(ops))
    returns_bool = op in COMPARISONS and (scalars or draw(st.booleans()))
    matching = draw(_matchings(op)) if vectors else None
    return Binary(op, wrapped(left), wrapped(right), returns_bool, matching)


@st.composite
def _subqueries(draw, exprs):
    expr = draw(exprs.filter(lambda expr: expr.type is ValueType.VECTOR))
    lengths = draw(ranges())
    if length := draw(maybe_computed):
        lengths |= {"step_ms": 0, "step_expr": length}
    else:
        lengths["step_ms"] = draw(st.none() | milliseconds)
    return Subquery(wrapped(expr), **lengths, **draw(moves()), at=draw(times))


@st.composite
def _aggregations(draw, exprs):
    op = draw(st.sampled_from(["sum", "group", "topk", "quantile", "count_values"]))
    parameter = {ValueType.SCALAR: numbers, ValueType.STRING: st.builds(String, labels)}
    wanted = PARAMETERS.get(op)
    return Aggregation(
        op,
        draw(exprs.filter(lambda expr: expr.type is ValueType.VECTOR)),
        draw(parameter[wanted]) if wanted else None,
        tuple(draw(st.lists(labels, max_size=2))),
        draw(st.booleans()),
    )


@st.composite
def _calls(draw, exprs):
    of_type = {
        ValueType.SCALAR: numbers,
        ValueType.STRING: strings,
        ValueType.VECTOR: exprs.filter(lambda expr: expr.type is ValueType.VECTOR),
        ValueType.MATRIX: matrix_selectors | _subqueries(exprs),
    }
    function = draw(st.sampled_from(sorted(FUNCTIONS.values(), key=lambda f: f.name)))
    wanted = list(function.arguments)
    if function.repeats:
        wanted = wanted[:-1] + wanted[-1:] * draw(st.integers(0, 3))
    elif function.optional and draw(st.booleans()):
        wanted = wanted[: -function.optional]
    return Call(function, tuple(draw(of_type[kind]) for kind in wanted))


def _unaries(exprs):
    operands = exprs.filter(lambda expr: not isinstance(expr, Number)).map(wrapped)
    return st.builds(Unary, st.sampled_from(["+", "-"]), operands)


matrix_selectors = st.builds(
    lambda selector, lengths: MatrixSelector(selector, **lengths), vector_selectors(), ranges()
)
_leaves = vector_selectors() | numbers


def _inner(exprs):
    vectors = _leaves | exprs
    return st.one_of(
        _binaries(vectors), _aggregations(vectors), _calls(vectors), _unaries(vectors)
    ) | exprs.map(Paren)


_operands = st.recursive(_leaves, _inner, max_leaves=6)
exprs = st.one_of(_inner(_operands), strings, matrix_selectors, _subqueries(_leaves | _operands))
