"""A place in a list of tokens."""

from __future__ import annotations

from typing import Final, NoReturn

from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.lexer import END, NAME, STRING, Token, shorten, tokenize
from zerostate_monitoring.promql.nodes import Span


class Cursor:
    """Reads the tokens of ``text`` one by one.

    Raises:
        QuerySyntaxError: the text has no tokens that PromQL knows, or too many.
    """

    def __init__(self, text: str) -> None:
        self._tokens: Final = tokenize(text)
        self._index = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._index]

    @property
    def following(self) -> Token:
        """The token behind the next."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    @property
    def end(self) -> int:
        """Where the token ends that was taken last."""
        return self._tokens[self._index - 1].end if self._index else 0

    def take(self) -> Token:
        """The next token; the cursor goes behind it."""
        token = self.token
        if token.kind != END:
            self._index += 1
        return token

    def accept(self, *kinds: str) -> Token | None:
        """The next token if it is one of ``kinds``; the cursor goes behind it."""
        return self.take() if self.token.kind in kinds else None

    def expect(self, kind: str, expected: str) -> Token:
        """The next token, which must be of ``kind``.

        Raises:
            QuerySyntaxError: it is not; the message says that ``expected`` was.
        """
        return self.accept(kind) or self.refuse(expected)

    def refuse(self, expected: str) -> NoReturn:
        """Raise a QuerySyntaxError at the next token: ``expected`` should stand there."""
        token = self.token
        fail(f"{describe(token)} cannot stand here; {expected} is expected.", token)

    def since(self, start: int) -> Span:
        """From ``start`` to the end of the token that was taken last."""
        return Span(start, self.end)


def fail(message: str, place: Token | Span) -> NoReturn:
    """Raise a QuerySyntaxError at ``place``."""
    # Names and values from the query stand in messages, however long they are.
    raise QuerySyntaxError(shorten(message, 300), place.start, place.end)


def describe(token: Token) -> str:
    """The beginning of a sentence about ``token``."""
    if token.kind == END:
        return "The end of the query"
    if token.kind == STRING:
        return "A string"
    text = shorten(token.text, 40)
    return f"The word “{text}”" if token.kind == NAME else f"“{text}”"
