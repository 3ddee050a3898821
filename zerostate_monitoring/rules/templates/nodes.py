"""The syntax tree of a template: values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a template; ``start`` and ``end`` are its place in the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dot(Node):
    """``.``: what the template, a range or a with is at."""


@dataclass(frozen=True, slots=True)
class Nil(Node):
    """``nil``."""


@dataclass(frozen=True, slots=True)
class Bool(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string, unquoted."""

    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number: its integer where it is one, its float where it is one.

    ``floating`` says that it is written as a float, so that it is one where both would do.
    """

    integer: int | None
    floating_value: float | None
    floating: bool
    written: str


@dataclass(frozen=True, slots=True)
class Field(Node):
    """``.A.B``: fields of the dot."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """``$name.A.B``."""

    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function(Node):
    """The name of a function."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """``(pipeline).A.B``, or a function's."""

    base: Operand
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command(Node):
    """An operand, or a function with its arguments."""

    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    """Commands, each of which gets what the one before gave; then variables that keep it."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False


Operand = Dot | Nil | Bool | Text | Number | Field | Variable | Function | Chain | Pipeline


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """What stands outside of braces."""

    text: str


@dataclass(frozen=True, slots=True)
class Action(Node):
    """``{{ pipeline }}``."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class If(Node):
    """``{{ if }}``, or ``{{ with }}``, which moves the dot."""

    pipeline: Pipeline
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    moves_dot: bool


@dataclass(frozen=True, slots=True)
class Range(Node):
    """``{{ range }}``; ``otherwise`` stands for nothing to go through."""

    pipeline: Pipeline
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Leave(Node):
    """``{{ break }}`` or ``{{ continue }}``."""

    goes_on: bool


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    """``{{ template "name" pipeline }}``."""

    name: str
    pipeline: Pipeline | None


Statement = Literal | Action | If | Range | Leave | Invoke


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed text: what it says, and the templates that it defines."""

    body: tuple[Statement, ...]
    definitions: Mapping[str, tuple[Statement, ...]]
