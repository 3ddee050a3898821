"""Evaluation of the syntax tree, node by node, at all steps at once."""

from __future__ import annotations

import numpy as np

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql import elementwise
from zerostate_monitoring.promql.aggregating import aggregate, count_values
from zerostate_monitoring.promql.arguments import Arguments, Value
from zerostate_monitoring.promql.calls import FUNCTIONS
from zerostate_monitoring.promql.data import Block, Floats, Series
from zerostate_monitoring.promql.grids import Grid, drop_names, merged
from zerostate_monitoring.promql.label_sets import unnamed
from zerostate_monitoring.promql.matching import set_operation, vector_operation
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from zerostate_monitoring.promql.operators import ARITHMETIC, COMPARISONS, SETS, compute
from zerostate_monitoring.promql.quantiles import check_extreme_quantiles
from zerostate_monitoring.promql.selecting import (
    blocks_for,
    ends,
    select_instants,
    select_times,
)
from zerostate_monitoring.promql.steps import Answer, Steps, instants
from zerostate_monitoring.promql.tree import is_constant, unwrapped
from zerostate_monitoring.promql.windows import Windows


def vector(steps: Steps, node: Expr) -> Grid:
    """Evaluate an expression that gives an instant vector.

    Raises:
        QueryError: it cannot be answered, or takes too much.
    """
    steps.budget.check_time()
    if steps.is_range and is_constant(node):
        return vector(steps.first(), node).repeated(len(steps))
    key = steps.keys.get(id(node))
    if key is None:
        return _evaluated(steps, node)
    known = steps.answers.get(key)
    if known is not None:
        steps.repeat(known.remarks, node.span.start)
        return known.grid
    said = len(steps.remarks)
    grid = _evaluated(steps, node)
    told = len(steps.remarks) > said
    remarks = steps.said_since(said, node.span.start) if told else ()
    steps.answers[key] = Answer(grid, remarks)
    return grid


def _evaluated(steps: Steps, node: Expr) -> Grid:
    match node:
        case VectorSelector():
            grid = select_instants(steps, node)
        case Paren():
            return vector(steps, node.expr)
        case Unary():
            grid = _unary(vector(steps, node.expr), node.op)
        case Aggregation():
            grid = _aggregation(steps, node)
        case Binary():
            grid = _binary(steps, node)
        case Call():
            grid = _call(steps, node)
        case _:
            raise QueryError(f"a {node.type} stands where an instant vector is wanted")
    steps.budget.take(grid.values.size)
    return grid


def scalar(steps: Steps, node: Expr) -> Floats:
    """Evaluate an expression that gives a number: one for each step (N)."""
    match node:
        case Number():
            return np.full(len(steps), node.value)
        case Paren():
            return scalar(steps, node.expr)
        case Unary():
            return -scalar(steps, node.expr) if node.op == "-" else scalar(steps, node.expr)
        case Binary():
            return compute(node.op, scalar(steps, node.left), scalar(steps, node.right))
        case Call():
            return _scalar_call(steps, node)
    raise QueryError(f"a {node.type} stands where a number is wanted")


def _scalar_call(steps: Steps, node: Call) -> Floats:
    match node.function.name:
        case "time":
            return steps.times / 1000
        case "pi":
            return np.full(len(steps), np.pi)
        case "scalar":
            return elementwise.scalar_of(vector(steps, node.arguments[0]))
    raise QueryError(f"{node.function.name} is not implemented")


def string(node: Expr) -> str:
    """The text of a string literal."""
    node = unwrapped(node)
    if isinstance(node, String):
        return node.value
    raise QueryError(f"a {node.type} stands where a string is wanted")


# -- operators -----------------------------------------------------------------


def _unary(grid: Grid, op: str) -> Grid:
    if op == "+":
        return grid
    return merged(Grid(unnamed(grid.series), -grid.values, grid.present))


def _binary(steps: Steps, node: Binary) -> Grid:
    if node.left.type is ValueType.SCALAR:
        numbers = _column(steps, node.left)
        return _with_scalar(node, vector(steps, node.right), numbers, reverse=True)
    left = vector(steps, node.left)
    if node.right.type is ValueType.SCALAR:
        return _with_scalar(node, left, _column(steps, node.right), reverse=False)
    right = vector(steps, node.right)
    if node.op in SETS:
        return set_operation(node, left, right)
    return vector_operation(node, left, right, steps.budget)


def _column(steps: Steps, node: Expr) -> Floats | float:
    """A number for each step (N, 1), or one for all."""
    return node.value if isinstance(node, Number) else scalar(steps, node)[:, None]


def _with_scalar(node: Binary, grid: Grid, numbers: Floats | float, *, reverse: bool) -> Grid:
    """A vector with a number on its right, or with ``reverse`` on its left."""
    x, y = (numbers, grid.values) if reverse else (grid.values, numbers)
    if node.op in ARITHMETIC or node.returns_bool:
        return drop_names(grid.with_values(compute(node.op, x, y)))
    return grid.where(COMPARISONS[node.op](x, y))


def _aggregation(steps: Steps, node: Aggregation) -> Grid:
    if node.parameter is None:
        return aggregate(node, vector(steps, node.expr), np.empty(0))
    if node.op == "count_values":
        grid, label = vector(steps, node.expr), string(node.parameter)
        return count_values(node, grid, label, steps.budget)
    parameter = scalar(steps, node.parameter)
    if node.op == "quantile":
        check_extreme_quantiles(steps, parameter, node.parameter.span)
    return aggregate(node, vector(steps, node.expr), parameter)


def _call(steps: Steps, node: Call) -> Grid:
    nodes = [unwrapped(argument) for argument in node.arguments]
    if node.function.name == "timestamp" and isinstance(nodes[0], VectorSelector):
        values: list[Value] = [select_times(steps, nodes[0])]
    else:
        values = [_argument(steps, argument) for argument in nodes]
    return FUNCTIONS[node.function.name](steps, Arguments(nodes, values, node.span))


def _argument(steps: Steps, node: Expr) -> Value:
    match node.type:
        case ValueType.SCALAR:
            return scalar(steps, node)
        case ValueType.STRING:
            return string(node)
        case ValueType.MATRIX:
            return windows_of(steps, node)
    return vector(steps, node)


# -- ranges --------------------------------------------------------------------


def windows_of(steps: Steps, node: Expr) -> list[Windows]:
    """The samples of a range before each step.

    Raises:
        QueryError: the expression gives no range.
    """
    node = unwrapped(node)
    match node:
        case MatrixSelector():
            selector = node.selector
            until = ends(steps, selector.offset_ms, selector.at)
            blocks = blocks_for(steps, selector, node.range_ms)
        case Subquery():
            until = ends(steps, node.offset_ms, node.at)
            blocks = [_subquery(steps, node, int(until.min()), int(until.max()))]
        case _:
            raise QueryError(f"a {node.type} stands where a range vector is wanted")
    return [Windows(block, steps.times, until, node.range_ms) for block in blocks]


def _subquery(steps: Steps, node: Subquery, first_ms: int, last_ms: int) -> Block:
    """The inner expression at the multiples of the subquery's step."""
    step = node.step_ms or steps.subquery_step_ms
    start = (first_ms - node.range_ms) // step * step + step
    steps.budget.foresee((last_ms - start) // step + 1)
    times = instants(start, last_ms, step)
    if not len(times):
        return Block(Series(()), times, np.empty((0, 0)))
    grid = vector(steps.at(times, is_range=start != last_ms), node.expr)
    steps.budget.foresee(len(steps) * len(grid.series))
    return Block(grid.series, times, grid.values, grid.present)
