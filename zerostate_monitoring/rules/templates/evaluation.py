"""A template filled in.

Source of the rules: ``text/template/exec.go`` of Go 1.26.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates.functions import functions
from zerostate_monitoring.rules.templates.nodes import (
    Action,
    If,
    Invoke,
    Leave,
    Literal,
    Node,
    Range,
    Statement,
    Tree,
)
from zerostate_monitoring.rules.templates.operands import Operands
from zerostate_monitoring.rules.templates.running import Running
from zerostate_monitoring.rules.templates.values import (
    Anything,
    Context,
    Data,
    Refusal,
    Sample,
    Strings,
    Value,
    Vector,
    is_true,
    ordered,
    type_name,
)
from zerostate_monitoring.rules.templates.verbs import shown

VARIABLES: Final = ("$labels", "$externalLabels", "$externalURL", "$value")


def render(tree: Tree, context: Context) -> str:
    """The text that ``tree`` makes of ``context``.

    Raises:
        TemplateError: it makes none, or reaches one of the limits of ``running``.
    """
    return _Evaluation(tree, context).run()


class _Left(Exception):  # noqa: N818 -- no error: a range is left.
    def __init__(self, *, goes_on: bool) -> None:
        super().__init__()
        self.goes_on = goes_on


class _Evaluation:
    def __init__(self, tree: Tree, context: Context) -> None:
        self._tree: Final = tree
        self._running: Final = Running()
        self._operands: Final = Operands(self._running, functions(context))
        self._data: Final = Data(
            Strings(context.labels),
            Strings(context.external_labels),
            context.external_url,
            float(context.value),
        )

    def run(self) -> str:
        data = self._data
        values = data.labels, data.external_labels, data.external_url, data.value
        for name, value in zip(("$", *VARIABLES), (data, *values), strict=True):
            self._running.push(name, value)
        self._walk(self._tree.body, data)
        return self._running.text

    def _walk(self, body: Sequence[Statement], dot: Value) -> None:
        for statement in body:
            self._running.step(statement)
            match statement:
                case Literal(text=text):
                    self._running.write(text, statement)
                case Action():
                    self._print(statement, dot)
                case If():
                    self._choose(statement, dot)
                case Range():
                    self._repeat(statement, dot)
                case Leave(goes_on=goes_on):
                    raise _Left(goes_on=goes_on)
                case Invoke():
                    self._invoke(statement, dot)

    def _print(self, action: Action, dot: Value) -> None:
        value = self._operands.pipeline(action.pipeline, dot)
        if action.pipeline.variables:
            return
        self._running.write(_printed(value, action), action)

    def _choose(self, node: If, dot: Value) -> None:
        with self._running.scope(), self._running.deeper(node):
            value = self._operands.pipeline(node.pipeline, dot)
            if is_true(value):
                self._walk(node.body, value if node.moves_dot else dot)
            else:
                self._walk(node.otherwise, dot)

    def _invoke(self, node: Invoke, dot: Value) -> None:
        body = self._tree.definitions.get(node.name)
        if body is None:
            raise TemplateError(f"There is no template “{node.name}”.", node.start, node.end)
        given = None if node.pipeline is None else self._operands.pipeline(node.pipeline, dot)
        with self._running.deeper(node), self._running.own_variables(given):
            self._walk(body, given)

    # -- ranges ----------------------------------------------------------------

    def _repeat(self, node: Range, dot: Value) -> None:
        with self._running.scope(), self._running.deeper(node):
            value = self._operands.pipeline(node.pipeline, dot)
            empty = True
            for key, item in _items(value, node):
                empty = False
                if not self._once(node, key, item):
                    return
            if empty:
                self._walk(node.otherwise, dot)

    def _once(self, node: Range, key: Value, item: Value) -> bool:
        self._running.step(node)
        names = node.pipeline.variables
        values = (item,) if len(names) == 1 else (key, item)
        for name, value in zip(names, values, strict=False):
            self._running.assign(name, value)
        try:
            with self._running.scope():
                self._walk(node.body, item)
        except _Left as left:
            return left.goes_on
        return True


def _printed(value: Value, node: Node) -> str:
    if value is None:
        return "<no value>"
    try:
        return shown(value).removeprefix("&") if isinstance(value, Sample) else shown(value)
    except Refusal as refusal:
        message = f"{str(refusal)[0].upper()}{str(refusal)[1:]}."
        raise TemplateError(message, node.start, node.end) from refusal


def _items(value: Value, node: Range) -> Iterator[tuple[Value, Value]]:
    if value is None:
        return
    if isinstance(value, Strings | Anything):
        yield from ordered(value)
    elif isinstance(value, Vector):
        yield from enumerate(value)
    elif type_name(value) == "int":
        if len(node.pipeline.variables) > 1:
            raise TemplateError(
                "A range over a number has one variable.", node.pipeline.start, node.pipeline.end
            )
        yield from ((None, number) for number in range(value))
    else:
        raise TemplateError(
            f"A range goes over labels or over what a query gives, not over a {type_name(value)}.",
            node.pipeline.start,
            node.pipeline.end,
        )
