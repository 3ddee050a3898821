"""A place in the tokens of a template."""

from __future__ import annotations

from typing import Final, NoReturn

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates.lexer import END, RIGHT, SPACE, Token, tokenize


class Tokens:
    """Reads tokens one by one; some may be put back. *Solid* ones are not blanks."""

    def __init__(self, text: str) -> None:
        self._source: Final = tokenize(text)
        self._back: Final[list[Token]] = []

    def take(self) -> Token:
        """The next token.

        Raises:
            TemplateError: what comes next is none.
        """
        token = self._back.pop() if self._back else next(self._source)
        if token.kind == END:
            self._back.append(token)
        return token

    def take_solid(self) -> Token:
        """The next token that is no blank."""
        while (token := self.take()).kind == SPACE:
            pass
        return token

    def put_back(self, *tokens: Token) -> None:
        """The next tokens are these, in their order."""
        self._back.extend(reversed(tokens))

    def peek(self) -> Token:
        """The next token; it stays."""
        token = self.take()
        if token.kind != END:
            self._back.append(token)
        return token

    def peek_solid(self) -> Token:
        """The next token that is no blank; the blanks before it are gone."""
        token = self.take_solid()
        if token.kind != END:
            self._back.append(token)
        return token

    def expect_solid(self, kind: str, expected: str) -> Token:
        """The next token that is no blank, which must be of ``kind``.

        Raises:
            TemplateError: it is not; the message says that ``expected`` was.
        """
        token = self.take_solid()
        if token.kind != kind:
            refuse(token, expected)
        return token


def refuse(token: Token, expected: str) -> NoReturn:
    """Raise a TemplateError at ``token``: ``expected`` should stand there."""
    shown = {END: "The end of the text", RIGHT: "“}}”", SPACE: "A blank"}.get(token.kind)
    text = token.text if len(token.text) <= 40 else f"{token.text[:39]}…"
    raise TemplateError(
        f"{shown or f'“{text}”'} cannot stand here; {expected} is expected.",
        token.start,
        token.end,
    )
