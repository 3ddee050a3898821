"""What stands inside braces: commands, their operands, and variables.

Source of the rules: ``pipeline``, ``command`` and ``operand`` in
``text/template/parse/parse.go`` of Go 1.26.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final, NoReturn

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates import lexer, literals
from zerostate_monitoring.rules.templates.lexer import Token
from zerostate_monitoring.rules.templates.nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    Nil,
    Number,
    Operand,
    Pipeline,
    Text,
    Variable,
)
from zerostate_monitoring.rules.templates.tokens import Tokens, refuse

MAX_DEPTH: Final = 30

_STARTS: Final = frozenset(
    {
        *(lexer.BOOL, lexer.CHAR, lexer.DOT, lexer.FIELD, lexer.NAME, lexer.NUMBER),
        *("nil", lexer.STRING, lexer.VARIABLE, "("),
    }
)
_NO_COMMANDS: Final = (Bool, Dot, Nil, Number, Text)
_NO_BASES: Final = (Bool, Dot, Nil, Number, Text)


class Pipelines:
    """Reads pipelines; knows which variables are in reach."""

    def __init__(self, tokens: Tokens, functions: Collection[str], variables: list[str]) -> None:
        self._tokens: Final = tokens
        self._functions: Final = functions
        self._variables = variables
        self._depth = 0

    def mark(self) -> int:
        """What ``reset`` goes back to."""
        return len(self._variables)

    def reset(self, mark: int) -> None:
        """Variables declared since ``mark`` are out of reach."""
        self._variables = self._variables[:mark]

    def parse(self, context: str, closing: str) -> Pipeline:
        """The pipeline up to ``closing``; ``context`` is what it stands in.

        Raises:
            TemplateError: it is none.
        """
        start = self._tokens.peek_solid().start
        variables, assigns = self._declarations(context)
        commands: list[Command] = []
        while (token := self._tokens.take_solid()).kind != closing:
            if token.kind not in _STARTS:
                refuse(token, "a value or a function")
            self._tokens.put_back(token)
            commands.append(self._command(closing))
        self._check(commands, context, token)
        return Pipeline(start, token.start, tuple(commands), variables, assigns)

    def _check(self, commands: list[Command], context: str, closing: Token) -> None:
        if not commands:
            where = "these braces" if context == "braces" else f"“{context}”"
            _fail(f"A value is missing for {where}.", closing)
        for command in commands[1:]:
            first = command.operands[0]
            if isinstance(first, _NO_COMMANDS):
                raise TemplateError(
                    "Behind “|” stands a function; this is none.", first.start, first.end
                )

    # -- variables -------------------------------------------------------------

    def _declarations(self, context: str) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        while (token := self._tokens.peek_solid()).kind == lexer.VARIABLE:
            self._tokens.take()
            after = self._tokens.peek()
            following = self._tokens.peek_solid()
            if following.kind in {"=", ":="}:
                self._tokens.take()
                return self._declared(names, token), following.kind == "="
            if following.kind == "," and context == "range" and not names:
                self._tokens.take()
                self._declared(names, token)
                if self._tokens.peek_solid().kind == lexer.VARIABLE:
                    continue
            if following.kind == ",":
                _fail("A comma stands between the two variables of a range alone.", following)
            blank = (after,) if after.kind == lexer.SPACE else ()
            self._tokens.take_solid()
            self._tokens.put_back(token, *blank, following)
            break
        return tuple(names), False

    def _declared(self, names: list[str], token: Token) -> tuple[str, ...]:
        names.append(token.text)
        self._variables.append(token.text)
        return tuple(names)

    # -- commands --------------------------------------------------------------

    def _command(self, closing: str) -> Command:
        start = self._tokens.peek_solid().start
        operands: list[Operand] = []
        while True:
            self._tokens.peek_solid()
            if (operand := self._operand()) is not None:
                operands.append(operand)
            token = self._tokens.take()
            if token.kind == lexer.SPACE:
                continue
            if token.kind in {lexer.RIGHT, ")"}:
                self._tokens.put_back(token)
            elif token.kind != "|":
                refuse(token, "a blank, “|” or the end")
            break
        if not operands:
            _fail("A command is empty: a value or a function is missing.", token)
        return Command(start, operands[-1].end, tuple(operands))

    def _operand(self) -> Operand | None:
        base = self._term()
        if base is None:
            return None
        fields: list[str] = []
        end = base.end
        while self._tokens.peek().kind == lexer.FIELD:
            token = self._tokens.take()
            fields.append(token.text[1:])
            end = token.end
        if not fields:
            return base
        span = base.start, end
        if isinstance(base, _NO_BASES):
            raise TemplateError("This has no fields.", *span)
        if isinstance(base, Field):
            return Field(*span, (*base.names, *fields))
        if isinstance(base, Variable):
            return Variable(*span, base.name, tuple(fields))
        return Chain(*span, base, tuple(fields))

    def _term(self) -> Operand | None:
        token = self._tokens.take_solid()
        span = token.start, token.end
        match token.kind:
            case lexer.DOT:
                return Dot(*span)
            case "nil":
                return Nil(*span)
            case lexer.BOOL:
                return Bool(*span, token.text == "true")
            case lexer.CHAR | lexer.NUMBER:
                return literals.number(token)
            case lexer.STRING:
                return Text(*span, literals.unquoted(token))
        return self._named(token)

    def _named(self, token: Token) -> Operand | None:
        span = token.start, token.end
        match token.kind:
            case lexer.FIELD:
                return Field(*span, (token.text[1:],))
            case lexer.VARIABLE:
                return self._variable(token)
            case lexer.NAME:
                return self._function(token)
            case "(":
                return self._parenthesized(token)
        self._tokens.put_back(token)
        return None

    def _variable(self, token: Token) -> Variable:
        if token.text not in self._variables:
            _fail(f"The variable {token.text} is not defined{self._near(token)}.", token)
        return Variable(token.start, token.end, token.text)

    def _near(self, token: Token) -> str:
        near = get_close_matches(token.text, self._variables, n=1)
        return f"; there is {near[0]}" if near else ""

    def _function(self, token: Token) -> Function:
        if token.text not in self._functions:
            near = get_close_matches(token.text, self._functions, n=1)
            hint = f"; there is {near[0]}" if near else ""
            _fail(f"There is no function “{token.text[:40]}”{hint}.", token)
        return Function(token.start, token.end, token.text)

    def _parenthesized(self, token: Token) -> Pipeline:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _fail(f"Parentheses may be nested {MAX_DEPTH} levels deep.", token)
        pipeline = self.parse("parentheses", ")")
        self._depth -= 1
        return pipeline


def _fail(message: str, token: Token) -> NoReturn:
    raise TemplateError(message, token.start, token.end)
