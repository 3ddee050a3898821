r"""Matchers of alerts, in Alertmanager's syntax: read, written, and asked of labels.

``severity="critical"``, ``node=~"edge-.*"``, ``team!=core``: one per line, or with commas between
them, in braces or not. Names and values may be bare or in double quotes; a bare one holds no
blank and none of ``{}!=~,\"'`` and backticks. Regular expressions are RE2 and meet a value as a
whole. A label that is missing has the value "".

Syntax: Alertmanager's ``matcher/parse``; a line's end separates, too, which is an error there. As
in PromQL the dot of a regular expression meets a line's end, which Alertmanager's does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn, cast

from zerostate_monitoring.exceptions import QueryError, QuerySyntaxError, RuleError
from zerostate_monitoring.promql.matchers import (
    Predicate,
    compile_matcher,
    compile_regex,
    format_matcher,
)
from zerostate_monitoring.promql.nodes import Matcher, Operator
from zerostate_monitoring.promql.quoting import unquote

__all__ = [
    "Compiled",
    "Matcher",
    "Remembering",
    "Test",
    "compile_matchers",
    "compile_text",
    "format_matchers",
    "meets",
    "parse_matchers",
]

LONGEST: Final = 20_000
"""How many characters matchers may have together."""
MOST: Final = 100
"""How many matchers one silence or route may have."""

_REMEMBERED: Final = 4096
"""How many values' answers one regular expression keeps."""

Test = Callable[[Mapping[str, str]], bool]

_OPERATORS: Final = frozenset({"=", "!=", "=~", "!~"})
_TOKEN: Final = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<bare>[^\s{}!=~,\\"'`]+)
      | (?P<operator>=~|=|!=|!~)
      | (?P<sign>[{},])
      | (?P<end>\Z)""",
    re.VERBOSE | re.DOTALL,
)
_NO_CHARACTER: Final = "\N{REPLACEMENT CHARACTER}"
_WRITTEN_SO: Final = re.compile(rf"{_NO_CHARACTER}|\\ufffd|\\U0000fffd", re.IGNORECASE)
_BLANK: Final = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers that ``text`` holds, in its order; none of a text of blanks.

    Raises:
        RuleError: a sentence that names the line and the reason.
    """
    if len(text) > LONGEST:
        raise RuleError(f"The matchers have {len(text):,} characters; {LONGEST:,} are allowed.")
    reader = _Reader(_tokens(text))
    found = reader.matchers()
    if len(found) > MOST:
        raise RuleError(f"There are {len(found)} matchers; {MOST} are allowed.")
    return found


def format_matchers(matchers: Iterable[Matcher]) -> str:
    """``matchers`` as text, one per line; ``parse_matchers`` gives the same ones back."""
    return "\n".join(map(format_matcher, matchers))


def meets(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether ``labels`` meet all of ``matchers``.

    Raises:
        RuleError: a regular expression is none.
    """
    return compile_matchers(matchers)(labels)


def compile_matchers(matchers: Iterable[Matcher]) -> Test:
    """Whether labels meet all of ``matchers``, for those who ask often.

    Raises:
        RuleError: a regular expression is none.
    """
    return _test((matcher, _compiled(matcher)) for matcher in matchers)


class Remembering:
    """Compiles matchers whose regular expressions keep what they said of a value.

    For those who ask of many labels at once; what is kept goes with this object.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Predicate] = {}

    def compile(self, matchers: Iterable[Matcher]) -> Test:
        """Whether labels meet all of ``matchers``.

        Raises:
            RuleError: a regular expression is none.
        """
        return _test((matcher, self._predicate(matcher)) for matcher in matchers)

    def _predicate(self, matcher: Matcher) -> Predicate:
        if "~" not in matcher.op:
            return _compiled(matcher)
        known = self._known.get((matcher.op, matcher.value))
        if known is None:
            known = lru_cache(maxsize=_REMEMBERED)(_compiled(matcher))
            self._known[matcher.op, matcher.value] = known
        return known


def _test(predicates: Iterable[tuple[Matcher, Predicate]]) -> Test:
    """All of them; what costs little is looked at first."""
    ordered = sorted(predicates, key=lambda one: "~" in one[0].op)
    tests = tuple((matcher.name, fits) for matcher, fits in ordered)

    def test(labels: Mapping[str, str]) -> bool:
        # With few matchers, all() would take as long as they do.
        for name, fits in tests:  # noqa: SIM110
            if not fits(labels.get(name, "")):
                return False
        return True

    return test


@dataclass(frozen=True, slots=True)
class Compiled:
    """Matchers, and whether labels meet them."""

    matchers: tuple[Matcher, ...]
    test: Test


@lru_cache(maxsize=4096)
def compile_text(text: str) -> Compiled:
    """The matchers that ``text`` holds, compiled once for all who ask.

    Raises:
        RuleError: the text cannot be read.
    """
    matchers = parse_matchers(text)
    return Compiled(matchers, compile_matchers(matchers))


@lru_cache(maxsize=4096)
def _compiled(matcher: Matcher) -> Predicate:
    try:
        return compile_matcher(matcher)
    except QueryError as error:
        raise RuleError(f"{matcher.value!r} is no regular expression: {error}") from error


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, line = 0, 1
    while not tokens or tokens[-1].kind != "end":
        start = cast("re.Match[str]", _BLANK.match(text, at)).end()
        line += text.count("\n", at, start)
        match = _TOKEN.match(text, start)
        if match is None:
            _refuse_character(text[start:], line)
        tokens.append(_Token(str(match.lastgroup), match[0], line))
        line += match[0].count("\n")
        at = match.end()
    return tokens


def _refuse_character(rest: str, line: int) -> NoReturn:
    if rest[0] == '"':
        _refuse(line, "a double quote is missing at the end of a text.")
    if rest[0] == "!":
        _refuse(line, "behind ! stands = or ~.")
    _refuse(line, f"{rest[0]} can stand in a text in double quotes only.")


def _refuse(line: int, reason: str) -> NoReturn:
    raise RuleError(f"Line {line}: {reason}")


class _Reader:
    """Tokens to matchers."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def matchers(self) -> tuple[Matcher, ...]:
        """All of them, up to the end of the text."""
        in_braces = self._takes("{")
        found: list[Matcher] = []
        while self._next.kind != "end" and self._next.text != "}":
            found.append(self._matcher())
            self._separator()
        if in_braces and not self._takes("}"):
            _refuse(self._next.line, "the brace at the beginning is not closed by }.")
        if self._next.kind != "end":
            _refuse(self._next.line, f"{self._next.text} is too much.")
        return tuple(found)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _takes(self, sign: str) -> bool:
        taken = self._next.kind == "sign" and self._next.text == sign
        self._at += taken
        return taken

    def _matcher(self) -> Matcher:
        line = self._next.line
        name = self._text("the name of a label")
        if not name:
            _refuse(line, "the name of a label is empty.")
        operator = self._next
        if operator.text not in _OPERATORS:
            _refuse(line, f"behind {name} stands =, !=, =~ or !~, and a value.")
        self._at += 1
        matcher = Matcher(name, cast("Operator", operator.text), self._text(f"a value of {name}"))
        if "~" in matcher.op:
            _check_pattern(matcher.value, line)
        return matcher

    def _text(self, what: str) -> str:
        token = self._next
        if token.kind not in {"quoted", "bare"}:
            at_end = token.kind == "end"
            _refuse(token.line, f"{what} is missing{'' if at_end else f' before {token.text}'}.")
        self._at += 1
        return token.text if token.kind == "bare" else _unquoted(token)

    def _separator(self) -> None:
        """A comma, or a new line; nothing before the end."""
        before = self._tokens[self._at - 1]
        if self._takes(",") or self._next.kind == "end" or self._next.text == "}":
            return
        if self._next.line == before.line:
            _refuse(before.line, f"a comma or a new line is missing before {self._next.text}.")


def _unquoted(token: _Token) -> str:
    if "\n" in token.text:
        _refuse(token.line, "a text in quotes ends on the next line; write \\n for a line's end.")
    try:
        text = unquote(token.text[1:-1], '"', 0)
    except QuerySyntaxError as error:
        raise RuleError(f"Line {token.line}: {error.message}") from error
    if _NO_CHARACTER in text and not _WRITTEN_SO.search(token.text):
        _refuse(token.line, "escapes stand for bytes that are no UTF-8.")
    return text


def _check_pattern(pattern: str, line: int) -> None:
    try:
        compile_regex(pattern)
    except QueryError as error:
        raise RuleError(f"Line {line}: {pattern!r} is no regular expression: {error}") from error
