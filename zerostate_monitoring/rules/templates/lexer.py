"""The tokens of a template, with their positions.

Source of the rules: ``text/template/parse/lex.go`` of Go 1.26.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from zerostate_monitoring.exceptions import TemplateError

TEXT: Final = "text"
LEFT: Final = "{{"
RIGHT: Final = "}}"
SPACE: Final = "space"
NAME: Final = "name"
VARIABLE: Final = "variable"
FIELD: Final = "field"
DOT: Final = "."
BOOL: Final = "bool"
NUMBER: Final = "number"
CHAR: Final = "character"
STRING: Final = "string"
END: Final = "end of text"

KEYWORDS: Final = frozenset(
    {
        *("block", "break", "continue", "define", "else", "end", "if", "nil", "range"),
        *("template", "with"),
    }
)
_BLANKS: Final = " \t\r\n"
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_RIGHT: Final = re.compile(r"([ \t\r\n]-)?\}\}")
_FIELD: Final = re.compile(r"\.\w*")
_VARIABLE: Final = re.compile(r"\$\w*")
_NAME: Final = re.compile(r"\w+")
_STRINGS: Final = {
    '"': (STRING, re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"')),
    "'": (CHAR, re.compile(r"'(?:[^'\\\n]|\\[^\n])*+'")),
    "`": (STRING, re.compile(r"`[^`]*+`")),
}
_NUMBER: Final = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_TERMINATORS: Final = frozenset(f"{_BLANKS}.,|:)(")


class Token(NamedTuple):
    """A piece of a template: one of the kinds above, a keyword, or the symbol itself.

    Positions are in characters, ``end`` is exclusive.
    """

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of ``text``; the last is of kind ``END``. Comments are none.

    Raises:
        TemplateError: a piece that is no token; raised when its turn comes.
    """
    lexer = _Lexer(text)
    while not lexer.done:
        yield from lexer.outside()
        yield from lexer.inside()
    yield Token(END, "", len(text), len(text))


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._at = 0
        self._opened = 0
        self._in_action = False

    @property
    def done(self) -> bool:
        return self._at >= len(self._text) and not self._in_action

    # -- outside of actions ----------------------------------------------------

    def outside(self) -> Iterator[Token]:
        start, found = self._at, self._text.find("{{", self._at)
        if found < 0:
            self._at = len(self._text)
            if start < self._at:
                yield self._token(TEXT, start)
            return
        trims = self._trims_left(found + 2)
        end = start + len(self._text[start:found].rstrip(_BLANKS)) if trims else found
        if end > start:
            yield Token(TEXT, self._text[start:end], start, end)
        inner = found + 2 + (2 if trims else 0)
        if self._text.startswith("/*", inner):
            self._skip_comment(found, inner)
            return
        self._at, self._opened, self._in_action = inner, found, True
        yield Token(LEFT, self._text[found:inner], found, inner)

    def _trims_left(self, at: int) -> bool:
        mark = self._text[at : at + 2]
        return len(mark) == 2 and mark[0] == "-" and mark[1] in _BLANKS

    def _skip_comment(self, opened: int, at: int) -> None:
        end = self._text.find("*/", at + 2)
        if end < 0:
            raise TemplateError("The comment has no end: “*/” is missing.", opened, at + 2)
        closing = _RIGHT.match(self._text, end + 2)
        if closing is None:
            raise TemplateError(
                "A comment fills its braces alone: behind “*/” only “}}” or “ -}}” may stand.",
                opened,
                end + 2,
            )
        self._close(closing)

    def _close(self, closing: re.Match[str]) -> None:
        self._at = closing.end()
        if closing[1]:
            rest = self._text[self._at :]
            self._at += len(rest) - len(rest.lstrip(_BLANKS))

    # -- inside of actions -----------------------------------------------------

    def inside(self) -> Iterator[Token]:
        depth = 0
        while self._in_action:
            closing = _RIGHT.match(self._text, self._at)
            if closing is not None:
                if depth:
                    self._fail("A parenthesis is not closed.", self._at, closing.end())
                self._in_action = False
                start, end = closing.span()
                self._close(closing)
                yield Token(RIGHT, "}}", start, end)
                return
            token = self._next()
            depth += {"(": 1, ")": -1}.get(token.kind, 0)
            if depth < 0:
                self._fail("A parenthesis is closed that was not opened.", *token[2:])
            yield token

    def _next(self) -> Token:
        start = self._at
        if start >= len(self._text):
            raise TemplateError(
                "The braces are not closed: “}}” is missing.", self._opened, self._opened + 2
            )
        char = self._text[start]
        if char in _BLANKS:
            return self._spaces()
        if char in _STRINGS:
            return self._quoted(char)
        if char in "$.":
            return self._dotted(char)
        if char in "+-" or char in "0123456789":
            return self._number()
        return self._word_or_symbol(char)

    def _spaces(self) -> Token:
        start, match = self._at, _SPACES.match(self._text, self._at)
        self._at = match.end() if match else start
        # The last blank may belong to a trim marker.
        if self._text.startswith("-}}", self._at):
            self._at -= 1
        return self._token(SPACE, start)

    def _quoted(self, quote: str) -> Token:
        kind, pattern = _STRINGS[quote]
        start, match = self._at, pattern.match(self._text, self._at)
        if match is None:
            line = self._text.find("\n", start)
            end = len(self._text) if line < 0 else line
            self._fail(f"The text in quotes has no end: a second {quote} is missing.", start, end)
        self._at = match.end()
        return self._token(kind, start)

    def _dotted(self, char: str) -> Token:
        start = self._at
        if char == "." and self._text[start + 1 : start + 2].isdigit():
            return self._number()
        pattern = _FIELD if char == "." else _VARIABLE
        match = pattern.match(self._text, start)
        self._at = match.end() if match else start + 1
        self._expect_terminator()
        if char == "$":
            return self._token(VARIABLE, start)
        return self._token(FIELD if self._at > start + 1 else DOT, start)

    def _number(self) -> Token:
        start, match = self._at, _NUMBER.match(self._text, self._at)
        self._at = match.end() if match else start + 1
        if word := _NAME.match(self._text, self._at):
            self._fail("This is no number.", start, word.end())
        if self._text[self._at - 1] == "i" or self._text[self._at : self._at + 1] in {"+", "-"}:
            self._fail("Complex numbers have no place in alerts.", start, self._at)
        return self._token(NUMBER, start)

    def _word_or_symbol(self, char: str) -> Token:
        start = self._at
        if match := _NAME.match(self._text, start):
            self._at = match.end()
            self._expect_terminator()
            word = match[0]
            if word in {"true", "false"}:
                return self._token(BOOL, start)
            return self._token(word if word in KEYWORDS else NAME, start)
        if self._text.startswith(":=", start):
            self._at += 2
            return self._token(":=", start)
        if char == ":" or not (char.isascii() and char.isprintable()):
            shown = char if char.isprintable() else f"U+{ord(char):04X}"
            self._fail(f"“{shown}” cannot stand inside braces.", start, start + 1)
        self._at += 1
        return self._token(char, start)

    def _expect_terminator(self) -> None:
        at = self._at
        following = self._text[at : at + 1]
        if not following or following in _TERMINATORS or self._text.startswith("}}", at):
            return
        self._fail(f"“{following}” cannot stand directly behind a name.", at, at + 1)

    def _token(self, kind: str, start: int) -> Token:
        return Token(kind, self._text[start : self._at], start, self._at)

    def _fail(self, message: str, start: int, end: int) -> NoReturn:
        raise TemplateError(message, start, end)
