"""The tokens of PromQL, with their positions.

Source of the rules: ``promql/parser/lex.go`` of Prometheus 3.14.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.durations import parse_duration
from zerostate_monitoring.promql.numerals import parse_number
from zerostate_monitoring.promql.quoting import unquote

NAME: Final = "name"
NUMBER: Final = "number"
DURATION: Final = "duration"
STRING: Final = "string"
END: Final = "end"

MAX_TOKENS: Final = 2_000

_KEYWORDS: Final = (
    "and or unless atan2 "
    "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk "
    "limit_ratio offset smoothed anchored by without on ignoring group_left group_right "
    "fill fill_left fill_right bool start end step range max_of min_of"
)
KEYWORDS: Final = frozenset(_KEYWORDS.split())

_BLANK: Final = re.compile(r"(?:[ \t\n\r]++|#[^\r\n]*+)*+")
# All that a number or a duration could want to be, so that an error shows the whole of it.
_NUMERAL: Final = re.compile(
    r"0[xX][0-9A-Za-z_.]*|[0-9.][0-9_.]*(?:[eE][+-]?[0-9_.]*)?[0-9A-Za-z_.]*"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYMBOL: Final = re.compile(r"==|!=|<=|</|>=|>/|[-+*/%^=<>(){}\[\],@]")
_SYMBOL_IN_BRACES: Final = re.compile(r"=~|!~|!=|[={},]")
_SYMBOL_IN_BRACKETS: Final = re.compile(rf"{_SYMBOL.pattern}|:")
_STRINGS: Final = {
    '"': re.compile(r'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'),
    "'": re.compile(r"'[^'\\\n]*+(?:\\[^\n][^'\\\n]*+)*+'"),
    "`": re.compile(r"`[^`]*+`"),
}
_NO_CHARACTER: Final = re.compile("[\N{REPLACEMENT CHARACTER}\ud800-\udfff]")
_HINTS: Final = {
    "&": "The operator is written “and”.",
    "|": "The operator is written “or”.",
    "!": "Behind it “=” is expected; “!~” stands in braces alone.",
    "~": "“=~” and “!~” stand in braces alone.",
    ";": "A query is one expression.",
    "$": "Variables must be filled in before.",
}


class Token(NamedTuple):
    """A piece of the query: ``kind`` is one of the kinds above, or the symbol itself.

    ``start`` and ``end`` are positions in characters, ``end`` is exclusive. ``value`` is a
    number, a duration in seconds, or a string without its quotes.
    """

    kind: str
    text: str
    start: int
    end: int
    value: float | str = ""

    @property
    def keyword(self) -> str:
        """The keyword that a name is, in small letters; empty for all else."""
        word = self.text.lower() if self.kind == NAME else ""
        return word if word in KEYWORDS else ""


def tokenize(text: str) -> list[Token]:
    """All tokens of ``text``; one of kind ``END`` behind them.

    Raises:
        QuerySyntaxError: a piece that is no token, or more than ``MAX_TOKENS`` of them.
    """
    tokens: list[Token] = []
    for token in _Lexer(text).tokens():
        if len(tokens) == MAX_TOKENS:
            raise QuerySyntaxError(
                f"A query may have {MAX_TOKENS:,} words and symbols; this one has more.",
                token.start,
                token.end,
            )
        tokens.append(token)
    return [*tokens, Token(END, "", len(text), len(text))]


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._braces = False
        self._brackets = False

    def tokens(self) -> Iterator[Token]:
        at = self._skip_blank(0)
        while at < len(self._text):
            token = self._token(at)
            self._enter(token.kind)
            yield token
            at = self._skip_blank(token.end)

    def _skip_blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _enter(self, symbol: str) -> None:
        if symbol in {"{", "}"}:
            self._braces = symbol == "{"
        elif symbol in {"[", "]"}:
            self._brackets = symbol == "["

    def _token(self, at: int) -> Token:
        char = self._text[at]
        if char in _STRINGS:
            return self._string(at)
        if not self._braces and self._is_numeral(at):
            return self._numeral(at)
        identifier = _LABEL if self._braces or self._brackets else _IDENTIFIER
        if match := identifier.match(self._text, at):
            return self._name(match)
        return self._symbol(at)

    def _is_numeral(self, at: int) -> bool:
        digit = at + 1 if self._text[at] == "." else at
        return self._text[digit : digit + 1] in set("0123456789")

    def _name(self, match: re.Match[str]) -> Token:
        word = match[0]
        in_either = self._braces or self._brackets
        if not in_either and word.lower() in {"inf", "nan"}:
            return Token(NUMBER, word, *match.span(), parse_number(word) or 0.0)
        return Token(NAME, word, *match.span())

    def _numeral(self, at: int) -> Token:
        match = _NUMERAL.match(self._text, at)
        word = match[0] if match else ""
        span = at, at + len(word)
        if (number := parse_number(word)) is not None:
            return Token(NUMBER, word, *span, number)
        if (seconds := parse_duration(word)) is not None:
            return Token(DURATION, word, *span, seconds)
        raise QuerySyntaxError(
            f"“{shorten(word, 40)}” is neither a number nor a duration. Units go from large to "
            "small, each once: y w d h m s ms, as in 1h30m; the longest duration is 292 years.",
            *span,
        )

    def _string(self, at: int) -> Token:
        quote = self._text[at]
        match = _STRINGS[quote].match(self._text, at)
        if match is None:
            raise QuerySyntaxError(
                f"The string has no end: a second {quote} is missing in its line.",
                at,
                self._end_of_line(at),
            )
        body = match[0][1:-1]
        if wrong := _NO_CHARACTER.search(body):
            start = at + 1 + wrong.start()
            raise QuerySyntaxError("The string holds what is no character.", start, start + 1)
        value = body if quote == "`" else unquote(body, quote, at + 1)
        return Token(STRING, match[0], *match.span(), value)

    def _end_of_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return end if end >= 0 else len(self._text)

    def _symbol(self, at: int) -> Token:
        symbols = _SYMBOL_IN_BRACES if self._braces else _SYMBOL
        if self._brackets and not self._braces:
            symbols = _SYMBOL_IN_BRACKETS
        match = symbols.match(self._text, at)
        if match is None:
            self._refuse_character(at)
        return Token(match[0], match[0], *match.span())

    def _refuse_character(self, at: int) -> NoReturn:
        char = self._text[at]
        where = "inside braces" if self._braces else "here"
        shown = char if char.isprintable() else f"U+{ord(char):04X}"
        hint = "" if self._braces else _HINTS.get(char, "")
        raise QuerySyntaxError(f"“{shown}” means nothing {where}. {hint}".rstrip(), at, at + 1)


def shorten(text: str, length: int) -> str:
    """``text``, cut to so many characters if it has more."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
