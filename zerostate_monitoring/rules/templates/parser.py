"""From text to syntax tree.

Source of the rules: ``text/template/parse/parse.go`` of Go 1.26.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NoReturn

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates import lexer
from zerostate_monitoring.rules.templates.lexer import Token
from zerostate_monitoring.rules.templates.literals import unquoted
from zerostate_monitoring.rules.templates.nodes import (
    Action,
    If,
    Invoke,
    Leave,
    Literal,
    Pipeline,
    Range,
    Statement,
    Tree,
)
from zerostate_monitoring.rules.templates.pipelines import Pipelines
from zerostate_monitoring.rules.templates.tokens import Tokens

MAX_LENGTH: Final = 64 * 1024
MAX_DEPTH: Final = 30

Body = tuple[Statement, ...]


def parse(text: str, functions: Collection[str], variables: Sequence[str]) -> Tree:
    """The tree of ``text``, which may call ``functions`` and use ``variables``.

    Raises:
        TemplateError: it is no template, longer than ``MAX_LENGTH`` characters, or nested
            deeper than ``MAX_DEPTH``.
    """
    if len(text) > MAX_LENGTH:
        raise TemplateError(
            f"A template may have {MAX_LENGTH:,} characters.", MAX_LENGTH, len(text)
        )
    return _Parser(text, functions, variables).parse()


class _Parser:
    def __init__(self, text: str, functions: Collection[str], variables: Sequence[str]) -> None:
        self._tokens: Final = Tokens(text)
        self._functions: Final = functions
        self._pipelines = Pipelines(self._tokens, functions, ["$", *variables])
        self._definitions: Final[dict[str, Body]] = {}
        self._ranges = 0
        self._depth = 0
        self._ways: Final[Mapping[str, Callable[[Token], Statement]]] = {
            **dict.fromkeys(("if", "range", "with"), self._control),
            **dict.fromkeys(("break", "continue"), self._leave),
            "block": self._block,
            "template": self._invoke,
        }

    def parse(self) -> Tree:
        body: list[Statement] = []
        while self._tokens.peek().kind != lexer.END:
            statement = self._statement(top=True)
            if isinstance(statement, Token):
                _fail(f"“{statement.text}” closes nothing here.", statement)
            if statement is not None:
                body.append(statement)
        return Tree(tuple(body), dict(self._definitions))

    # -- statements ------------------------------------------------------------

    def _statement(self, *, top: bool = False) -> Statement | Token | None:
        """The next statement; ``else`` and ``end`` as their token, ``define`` as nothing."""
        token = self._tokens.take()
        if token.kind == lexer.TEXT:
            return Literal(token.start, token.end, token.text)
        word = self._tokens.take_solid()
        if word.kind in {"else", "end"}:
            return word
        if word.kind == "define" and top:
            self._define(word)
            return None
        if word.kind in self._ways:
            return self._ways[word.kind](word)
        self._tokens.put_back(word)
        pipeline = self._pipelines.parse("braces", lexer.RIGHT)
        return Action(pipeline.start, pipeline.end, pipeline)

    def _body(self, opening: Token) -> tuple[Body, Token]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _fail(f"Templates may be nested {MAX_DEPTH} levels deep.", opening)
        out: list[Statement] = []
        while True:
            if self._tokens.peek().kind == lexer.END:
                _fail(f"“{opening.text}” has no {{{{ end }}}}.", opening)
            statement = self._statement()
            if isinstance(statement, Token):
                self._depth -= 1
                return tuple(out), statement
            if statement is not None:
                out.append(statement)

    def _control(self, word: Token) -> Statement:
        kept = self._pipelines.mark()
        pipeline = self._pipelines.parse(word.kind, lexer.RIGHT)
        self._ranges += word.kind == "range"
        body, closing = self._body(word)
        self._ranges -= word.kind == "range"
        otherwise = self._otherwise(word) if closing.kind == "else" else self._end()
        self._pipelines.reset(kept)
        span = word.start, pipeline.end
        if word.kind == "range":
            return Range(*span, pipeline, body, otherwise)
        return If(*span, pipeline, body, otherwise, word.kind == "with")

    def _otherwise(self, word: Token) -> Body:
        following = self._tokens.peek_solid()
        if following.kind in {"if", "with"}:
            if following.kind != word.kind:
                _fail(f"“else {following.kind}” does not belong to “{word.kind}”.", following)
            self._depth += 1
            if self._depth > MAX_DEPTH:
                _fail(f"“else {word.kind}” may follow {MAX_DEPTH} times.", following)
            statement = self._control(self._tokens.take_solid())
            self._depth -= 1
            return (statement,)
        self._end()
        body, closing = self._body(word)
        if closing.kind != "end":
            _fail("A second “else” cannot stand here; {{ end }} is expected.", closing)
        self._end()
        return body

    def _end(self) -> Body:
        self._tokens.expect_solid(lexer.RIGHT, "“}}”")
        return ()

    def _leave(self, word: Token) -> Leave:
        self._end()
        if not self._ranges:
            _fail(f"“{word.kind}” stands inside a range alone.", word)
        return Leave(word.start, word.end, word.kind == "continue")

    # -- templates in templates ------------------------------------------------

    def _name(self) -> str:
        token = self._tokens.expect_solid(lexer.STRING, "the name of a template, in quotes")
        return unquoted(token)

    def _invoke(self, word: Token) -> Invoke:
        name = self._name()
        pipeline: Pipeline | None = None
        if self._tokens.peek_solid().kind == lexer.RIGHT:
            end = self._tokens.take_solid().start
        else:
            pipeline = self._pipelines.parse("template", lexer.RIGHT)
            end = pipeline.end
        return Invoke(word.start, end, name, pipeline)

    def _block(self, word: Token) -> Invoke:
        name = self._name()
        pipeline = self._pipelines.parse("block", lexer.RIGHT)
        self._define_body(word, name)
        return Invoke(word.start, pipeline.end, name, pipeline)

    def _define(self, word: Token) -> None:
        name = self._name()
        self._end()
        self._define_body(word, name)

    def _define_body(self, word: Token, name: str) -> None:
        outer, ranges = self._pipelines, self._ranges
        # What is defined has its own variables, and is in no range.
        self._pipelines, self._ranges = Pipelines(self._tokens, self._functions, ["$"]), 0
        body, closing = self._body(word)
        if closing.kind != "end":
            _fail("“else” does not belong to a definition.", closing)
        self._end()
        self._pipelines, self._ranges = outer, ranges
        self._add(word, name, body)

    def _add(self, word: Token, name: str, body: Body) -> None:
        known = self._definitions.get(name)
        if known is None or _is_empty(known):
            self._definitions[name] = body
        elif not _is_empty(body):
            _fail(f"The template “{name}” is defined twice.", word)


def _is_empty(body: Body) -> bool:
    return all(isinstance(item, Literal) and not item.text.strip() for item in body)


def _fail(message: str, token: Token) -> NoReturn:
    raise TemplateError(message, token.start, token.end)
