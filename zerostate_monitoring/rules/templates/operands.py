"""The values of pipelines, commands and operands.

Source of the rules: ``text/template/exec.go`` of Go 1.26.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates import dates
from zerostate_monitoring.rules.templates.functions import SHORT_CIRCUIT
from zerostate_monitoring.rules.templates.nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    Nil,
    Node,
    Number,
    Operand,
    Pipeline,
    Text,
    Variable,
)
from zerostate_monitoring.rules.templates.running import Running
from zerostate_monitoring.rules.templates.values import (
    Anything,
    Callee,
    Data,
    Refusal,
    Sample,
    Strings,
    Value,
    fits,
    is_true,
    type_name,
)

_NOTHING: Final = ("nothing",)
"""No value comes from the command before."""

_OF_DATA: Final = {
    "Labels": "labels",
    "Value": "value",
    "ExternalLabels": "external_labels",
    "ExternalURL": "external_url",
}
_OF_SAMPLE: Final = {"Labels": "labels", "Value": "value"}
_CHARACTERS_OF_A_STEP: Final = 64
_CHARACTERS_OF_A_REGEX_STEP: Final = 4
_STEPS_OF_A_REGEX: Final = 50
_REGEX: Final = frozenset({"match", "reReplaceAll"})
_WORDS: Final = {
    "string": "a string",
    "int": "an integer",
    "sample": "a sample",
    "vector": "what a query gives",
    "moment": "a time",
    "length": "a length of time",
}


class Operands:
    """Works out values with ``functions``."""

    def __init__(self, running: Running, functions: Mapping[str, Callee]) -> None:
        self._running: Final = running
        self._functions: Final = functions

    def pipeline(self, pipeline: Pipeline, dot: Value) -> Value:
        """The value of a pipeline; its variables are declared or changed.

        Raises:
            TemplateError: it has none.
        """
        self._running.step(pipeline)
        value: Value = _NOTHING
        with self._running.deeper(pipeline):
            for command in pipeline.commands:
                value = self._command(command, dot, value)
        if isinstance(value, str):
            self._running.check_size(len(value), pipeline)
        for name in pipeline.variables:
            (self._running.assign if pipeline.assigns else self._running.push)(name, value)
        return value

    # -- commands --------------------------------------------------------------

    def _command(self, command: Command, dot: Value, final: Value) -> Value:
        first, *arguments = command.operands
        match first:
            case Function(name=name):
                return self._call(first, name, arguments, dot, final)
            case Field(names=names):
                return self._fields(first, dot, names, arguments, dot, final)
            case Chain(base=base, fields=fields):
                value = self.operand(base, dot)
                return self._fields(first, value, fields, arguments, dot, final)
            case Variable(fields=fields) if fields:
                value = self._running.variable(first.name)
                return self._fields(first, value, fields, arguments, dot, final)
        if arguments or final is not _NOTHING:
            _fail("This is no function: it takes no arguments.", first)
        if isinstance(first, Nil):
            _fail("nil alone says nothing.", first)
        return self.operand(first, dot)

    def operand(self, operand: Operand, dot: Value) -> Value:
        """The value of one operand.

        Raises:
            TemplateError: it has none.
        """
        value: Value = _NOTHING
        match operand:
            case Dot():
                value = dot
            case Nil():
                value = None
            case Bool(value=literal) | Text(value=literal):
                value = literal
            case Number():
                value = _constant(operand)
            case Pipeline():
                value = self.pipeline(operand, dot)
            case Variable(name=name, fields=()):
                value = self._running.variable(name)
        if value is not _NOTHING:
            return value
        return self._command(Command(operand.start, operand.end, (operand,)), dot, _NOTHING)

    # -- fields ----------------------------------------------------------------

    def _fields(
        self,
        node: Node,
        value: Value,
        names: Sequence[str],
        arguments: Sequence[Operand],
        dot: Value,
        final: Value,
    ) -> Value:
        for name in names[:-1]:
            value = self._field(node, value, name, (), dot, _NOTHING)
        return self._field(node, value, names[-1], arguments, dot, final)

    def _field(
        self,
        node: Node,
        value: Value,
        name: str,
        arguments: Sequence[Operand],
        dot: Value,
        final: Value,
    ) -> Value:
        if value is None:
            return None
        if (method := dates.method(value, name)) is not None:
            bound = Callee(lambda *given: method.call(value, *given), method.parameters)
            return self._apply(node, name, bound, arguments, dot, final)
        if isinstance(value, Strings | Anything):
            found = value.get(name, "" if isinstance(value, Strings) else None)
        else:
            found = _attribute(node, value, name)
        if arguments or final is not _NOTHING:
            _fail(f"{name} is no function: it takes no arguments.", node)
        return found

    # -- calls -----------------------------------------------------------------

    def _call(
        self, node: Node, name: str, arguments: Sequence[Operand], dot: Value, final: Value
    ) -> Value:
        callee = self._functions[name]
        if name in SHORT_CIRCUIT:
            _check_count(node, name, callee, len(arguments) + (final is not _NOTHING))
            return self._short_circuit(name, arguments, dot, final)
        return self._apply(node, name, callee, arguments, dot, final)

    def _short_circuit(
        self, name: str, arguments: Sequence[Operand], dot: Value, final: Value
    ) -> Value:
        value: Value = None
        for argument in arguments:
            value = self.operand(argument, dot)
            if is_true(value) == (name == "or"):
                return value
        return value if final is _NOTHING else final

    def _apply(
        self,
        node: Node,
        name: str,
        callee: Callee,
        arguments: Sequence[Operand],
        dot: Value,
        final: Value,
    ) -> Value:
        count = len(arguments) + (final is not _NOTHING)
        _check_count(node, name, callee, count)
        values = [
            self._argument(argument, dot, _parameter(callee, place), name)
            for place, argument in enumerate(arguments)
        ]
        if final is not _NOTHING:
            wanted = _parameter(callee, len(arguments))
            _check_type(node, name, final, wanted)
            values.append(final)
        self._running.step(node, _cost(name, values))
        try:
            result = callee.call(*values)
        except Refusal as refusal:
            raise TemplateError(f"{name}: {refusal}.", node.start, node.end) from refusal
        if isinstance(result, str):
            self._running.check_size(len(result), node)
        return result

    def _argument(self, operand: Operand, dot: Value, wanted: str, name: str) -> Value:
        if wanted == "int" and isinstance(operand, Number) and operand.integer is not None:
            return operand.integer
        value = self.operand(operand, dot)
        _check_type(operand, name, value, wanted)
        return value


def _cost(name: str, values: Sequence[Value]) -> int:
    """Steps that a call counts as: long texts take longer, and regular expressions more so."""
    size = sum(len(value) for value in values if isinstance(value, str))
    if name in _REGEX:
        return _STEPS_OF_A_REGEX + size // _CHARACTERS_OF_A_REGEX_STEP
    return 1 + size // _CHARACTERS_OF_A_STEP


def _parameter(callee: Callee, place: int) -> str:
    return callee.parameters[min(place, len(callee.parameters) - 1)]


def _check_count(node: Node, name: str, callee: Callee, count: int) -> None:
    most = len(callee.parameters)
    least = most - callee.repeats
    if least <= count and (count <= most or callee.repeats):
        return
    wanted = f"{least} or more" if callee.repeats else str(most)
    noun = "argument" if wanted == "1" else "arguments"
    _fail(f"{name} takes {wanted} {noun}, not {count}.", node)


def _check_type(node: Node, name: str, value: Value, wanted: str) -> None:
    if not fits(value, wanted):
        given = "nil" if value is None else f"a {type_name(value)}"
        _fail(f"{name} takes {_WORDS[wanted]} here, not {given}.", node)


def _constant(number: Number) -> float | int:
    if number.integer is not None and not number.floating:
        return number.integer
    return 0.0 if number.floating_value is None else number.floating_value


def _attribute(node: Node, value: Value, name: str) -> Value:
    if not isinstance(value, Data | Sample):
        _fail(f"A {type_name(value)} has no field {name}.", node)
    names = _OF_DATA if isinstance(value, Data) else _OF_SAMPLE
    if name not in names:
        known = ", ".join(f".{known}" for known in names)
        _fail(f"There is no .{name} here; there is {known}.", node)
    return getattr(value, names[name])


def _fail(message: str, node: Node) -> NoReturn:
    raise TemplateError(message, node.start, node.end)
