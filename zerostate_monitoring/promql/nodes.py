"""The syntax tree of PromQL: values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal


class ValueType(StrEnum):
    """What an expression gives; Prometheus's words."""

    SCALAR = "scalar"
    STRING = "string"
    VECTOR = "vector"
    MATRIX = "matrix"


class Card(StrEnum):
    """How many series of one side of an operator meet how many of the other."""

    ONE_TO_ONE = "one-to-one"
    MANY_TO_ONE = "many-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the query's text: positions in characters, ``end`` is exclusive."""

    start: int
    end: int


NOWHERE: Final = Span(0, 0)
Operator = Literal["=", "!=", "=~", "!~"]
At = int | Literal["start", "end"]
"""What ``@`` names: milliseconds since 1970, or an end of the query's range."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition of a selector. A missing label is one with an empty value."""

    name: str
    op: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Function:
    """The signature of a function.

    ``arguments`` are the types of all that can be named; the last ``optional`` of them may
    be left out. With ``repeats`` the last may stand any number of times, or not at all.
    """

    name: str
    arguments: tuple[ValueType, ...]
    gives: ValueType
    optional: int = 0
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors find each other."""

    card: Card = Card.ONE_TO_ONE
    on: bool = False
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


# Spans do not take part in comparisons: equal queries are equal wherever they stand.
@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Number(_Node):
    """A number, or a duration in its place (``is_duration``), in seconds."""

    value: float
    is_duration: bool = False

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return ValueType.SCALAR


@dataclass(frozen=True, slots=True)
class String(_Node):
    """A string, unquoted."""

    value: str

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return ValueType.STRING


@dataclass(frozen=True, slots=True)
class Duration(_Node):
    """A duration that is computed, such as ``(2 * step())``.

    ``op`` is an operator, with one or two operands, ``()`` around one, ``min_of`` or
    ``max_of`` with two, or ``step`` or ``range`` with none.
    """

    op: str
    operands: tuple[Length, ...] = ()


Length = Number | Duration
"""A duration where one is expected: a number of seconds, or what gives one."""


# Where a duration is computed it stands in the attribute that ends in ``expr``, and that which
# ends in ``ms`` says nothing; ``resolving.resolved`` makes a tree that has numbers alone.
@dataclass(frozen=True, slots=True)
class VectorSelector(_Node):
    """``name{matchers} offset 5m @ 17``.

    ``matchers`` are all conditions, as they were written, with that on ``__name__``
    behind them where ``name`` stands before the braces. ``name`` is empty otherwise.
    """

    name: str
    matchers: tuple[Matcher, ...]
    offset_ms: int = 0
    at: At | None = None
    offset_expr: Duration | None = None

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return ValueType.VECTOR


@dataclass(frozen=True, slots=True)
class MatrixSelector(_Node):
    """``selector[5m]``; offset and ``@`` stand in the selector."""

    selector: VectorSelector
    range_ms: int
    range_expr: Duration | None = None

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return ValueType.MATRIX


@dataclass(frozen=True, slots=True)
class Subquery(_Node):
    """``expr[1h:5m] offset 5m @ 17``; ``step_ms`` is ``None`` where it was left out."""

    expr: Expr
    range_ms: int
    step_ms: int | None = None
    offset_ms: int = 0
    at: At | None = None
    range_expr: Duration | None = None
    step_expr: Duration | None = None
    offset_expr: Duration | None = None

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return ValueType.MATRIX


@dataclass(frozen=True, slots=True)
class Paren(_Node):
    """An expression in parentheses."""

    expr: Expr

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return self.expr.type


@dataclass(frozen=True, slots=True)
class Unary(_Node):
    """``-expr`` or ``+expr``."""

    op: Literal["+", "-"]
    expr: Expr

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return self.expr.type


@dataclass(frozen=True, slots=True)
class Binary(_Node):
    """Two expressions with an operator: arithmetic, comparison, or set (and, or, unless).

    ``matching`` is ``None`` unless both sides are vectors. ``returns_bool`` stands for the
    word ``bool`` behind a comparison.
    """

    op: str
    left: Expr
    right: Expr
    returns_bool: bool = False
    matching: Matching | None = None

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        if self.left.type is self.right.type is ValueType.SCALAR:
            return ValueType.SCALAR
        return ValueType.VECTOR


@dataclass(frozen=True, slots=True)
class Aggregation(_Node):
    """``op by (grouping) (parameter, expr)``; ``without`` turns the meaning of grouping."""

    op: str
    expr: Expr
    parameter: Expr | None = None
    grouping: tuple[str, ...] = ()
    without: bool = False

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return ValueType.VECTOR


@dataclass(frozen=True, slots=True)
class Call(_Node):
    """A function with its arguments."""

    function: Function
    arguments: tuple[Expr, ...] = ()

    @property
    def type(self) -> ValueType:
        """The type of what it gives."""
        return self.function.gives


Expr = (
    Number
    | String
    | VectorSelector
    | MatrixSelector
    | Subquery
    | Paren
    | Unary
    | Binary
    | Aggregation
    | Call
)


def children(node: Expr) -> tuple[Expr, ...]:
    """The expressions that stand directly inside ``node``, in the order of evaluation."""
    match node:
        case Aggregation():
            return (node.expr,) if node.parameter is None else (node.expr, node.parameter)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.arguments
        case MatrixSelector():
            return (node.selector,)
        case Subquery() | Paren() | Unary():
            return (node.expr,)
    return ()


def durations(node: Expr) -> tuple[Duration, ...]:
    """The durations that are computed and belong to ``node`` or to the selector in a range."""
    match node:
        case VectorSelector():
            found = [node.offset_expr]
        case MatrixSelector():
            found = [node.range_expr, node.selector.offset_expr]
        case Subquery():
            found = [node.range_expr, node.step_expr, node.offset_expr]
        case _:
            return ()
    return tuple([duration for duration in found if duration is not None])
