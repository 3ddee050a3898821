"""What a template reads: which labels, the value, which functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from zerostate_monitoring.rules.templates.nodes import (
    Action,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    If,
    Invoke,
    Node,
    Operand,
    Pipeline,
    Range,
    Statement,
    Text,
    Tree,
    Variable,
)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Uses:
    """What a template reads.

    ``labels`` and ``functions`` are names with the place of their first use, ``start`` and
    ``end`` in characters. ``all_labels`` says that the labels are read as a whole, or by
    names that are worked out. ``value`` is the first place that reads ``$value``.
    """

    labels: Mapping[str, Place]
    functions: Mapping[str, Place]
    all_labels: bool
    value: Place | None

    @property
    def queries(self) -> bool:
        """Whether it asks a query of its own."""
        return "query" in self.functions


class _Kind(Enum):
    DATA = auto()
    LABELS = auto()
    VALUE = auto()
    OTHER = auto()


_FIELDS: Final = {"Labels": _Kind.LABELS, "Value": _Kind.VALUE}
_VARIABLES: Final = {"$": _Kind.DATA, "$labels": _Kind.LABELS, "$value": _Kind.VALUE}


def uses_of(tree: Tree) -> Uses:
    """What ``tree`` reads; where that is open it says that it does."""
    reader = _Reader(tree.definitions)
    reader.body(tree.body, _Kind.DATA)
    return Uses(reader.labels, reader.functions, reader.all_labels, reader.value)


class _Reader:
    def __init__(self, definitions: Mapping[str, Sequence[Statement]]) -> None:
        self._definitions: Final = definitions
        self._seen: Final[set[tuple[str, _Kind]]] = set()
        self._variables: dict[str, _Kind] = dict(_VARIABLES)
        self.labels: Final[dict[str, Place]] = {}
        self.functions: Final[dict[str, Place]] = {}
        self.all_labels = False
        self.value: Place | None = None

    # -- statements ------------------------------------------------------------

    def body(self, statements: Sequence[Statement], dot: _Kind) -> None:
        for statement in statements:
            self._statement(statement, dot)

    def _statement(self, statement: Statement, dot: _Kind) -> None:
        match statement:
            case Action(pipeline=pipeline):
                kind = self._pipeline(pipeline, dot)
                if not pipeline.variables:
                    self._read_whole(kind, pipeline)
            case If():
                self._if(statement, dot)
            case Range():
                # What it goes through are all labels, or no labels at all.
                self._read_whole(self._pipeline(statement.pipeline, dot), statement.pipeline)
                self.body(statement.body, _Kind.OTHER)
                self.body(statement.otherwise, dot)
            case Invoke():
                self._invoke(statement, dot)

    def _if(self, statement: If, dot: _Kind) -> None:
        kind = self._pipeline(statement.pipeline, dot)
        if kind is _Kind.VALUE:
            self._read_whole(kind, statement.pipeline)
        self.body(statement.body, kind if statement.moves_dot else dot)
        self.body(statement.otherwise, dot)

    def _invoke(self, statement: Invoke, dot: _Kind) -> None:
        given = _Kind.OTHER
        if statement.pipeline is not None:
            given = self._pipeline(statement.pipeline, dot)
        if (statement.name, given) in self._seen or statement.name not in self._definitions:
            return
        self._seen.add((statement.name, given))
        kept, self._variables = self._variables, {"$": given}
        self.body(self._definitions[statement.name], given)
        self._variables = kept

    # -- values ----------------------------------------------------------------

    def _pipeline(self, pipeline: Pipeline, dot: _Kind) -> _Kind:
        kind = _Kind.OTHER
        for place, command in enumerate(pipeline.commands):
            if place:
                self._read_whole(kind, pipeline)
            kind = self._command(command, dot)
        for name in pipeline.variables:
            self._variables[name] = kind
        return kind

    def _command(self, command: Command, dot: _Kind) -> _Kind:
        first, *arguments = command.operands
        if isinstance(first, Function) and first.name == "index" and len(arguments) > 1:
            return self._index(first, arguments, dot)
        kind = self._operand(first, dot)
        for argument in arguments:
            self._read_whole(self._operand(argument, dot), argument)
        return kind

    def _index(self, function: Function, arguments: Sequence[Operand], dot: _Kind) -> _Kind:
        self.functions.setdefault(function.name, (function.start, function.end))
        kind = self._operand(arguments[0], dot)
        key = arguments[1]
        if kind is _Kind.LABELS and isinstance(key, Text):
            self.labels.setdefault(key.value, (key.start, key.end))
            return _Kind.OTHER
        for argument in arguments[1:]:
            self._read_whole(self._operand(argument, dot), argument)
        self._read_whole(kind, arguments[0])
        return _Kind.OTHER

    def _operand(self, operand: Operand, dot: _Kind) -> _Kind:
        match operand:
            case Dot():
                return dot
            case Field(names=names):
                return self._fields(operand, dot, names)
            case Variable(name=name, fields=fields):
                return self._fields(operand, self._variables.get(name, _Kind.OTHER), fields)
            case Chain(base=base, fields=fields):
                return self._fields(operand, self._operand(base, dot), fields)
            case Pipeline():
                return self._pipeline(operand, dot)
            case Function(name=name):
                self.functions.setdefault(name, (operand.start, operand.end))
        return _Kind.OTHER

    def _fields(self, node: Node, kind: _Kind, names: Sequence[str]) -> _Kind:
        for name in names:
            if kind is _Kind.LABELS:
                self.labels.setdefault(name, (node.start, node.end))
            kind = _FIELDS.get(name, _Kind.OTHER) if kind is _Kind.DATA else _Kind.OTHER
        return kind

    def _read_whole(self, kind: _Kind, node: Node) -> None:
        if kind in {_Kind.LABELS, _Kind.DATA}:
            self.all_labels = True
        if kind in {_Kind.VALUE, _Kind.DATA} and self.value is None:
            self.value = node.start, node.end
