"""Strings and numbers of templates, read as Go reads them.

Source of the rules: ``NumberNode`` in ``text/template/parse/node.go`` of Go 1.26.
"""

from __future__ import annotations

import re
from typing import Final

from zerostate_monitoring.exceptions import QuerySyntaxError, TemplateError
from zerostate_monitoring.promql.quoting import unquote
from zerostate_monitoring.rules.templates.lexer import CHAR, Token
from zerostate_monitoring.rules.templates.nodes import Number

_INTEGER: Final = re.compile(
    r"([+-]?)(?:(0[xX](?:_?[0-9a-fA-F])+)|(0[bB](?:_?[01])+)|(0[oO]?(?:_?[0-7])+)"
    r"|(0|[1-9](?:_?[0-9])*))"
)
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEXADECIMAL: Final = re.compile(
    r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+"
)
_HEX_INTEGER: Final = re.compile(r"0[xX][^pP]*")
_MAX: Final = (1 << 63) - 1


def unquoted(token: Token) -> str:
    """The text that a string or character in quotes means.

    Raises:
        TemplateError: an escape in it does not exist.
    """
    quote, body = token.text[0], token.text[1:-1]
    if quote == "`":
        return body.replace("\r", "")
    try:
        return unquote(body, quote, token.start + 1)
    except QuerySyntaxError as error:
        raise TemplateError(error.message, error.start, error.end) from error


def number(token: Token) -> Number:
    """The number, or the character, that a token means.

    Raises:
        TemplateError: it means none, or an integer beyond 64 bits.
    """
    span = token.start, token.end
    if token.kind == CHAR:
        char = unquoted(token)
        if len(char) != 1:
            raise TemplateError("Between single quotes stands one character.", *span)
        return Number(*span, ord(char), float(ord(char)), floating=False, written=token.text)
    if (integer := _integer(token.text)) is not None:
        if not -_MAX - 1 <= integer <= _MAX:
            raise TemplateError("This integer is too large: it needs more than 64 bits.", *span)
        return Number(*span, integer, float(integer), floating=False, written=token.text)
    value = _float(token.text)
    if value is None:
        raise TemplateError(f"“{token.text[:40]}” is no number.", *span)
    whole = int(value) if value.is_integer() and abs(value) <= _MAX else None
    floating = not _HEX_INTEGER.fullmatch(token.text)
    return Number(*span, whole, value, floating=floating, written=token.text)


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    digits = (hexadecimal or binary or octal or decimal).replace("_", "")
    if octal:
        value = int(digits.lower().replace("o", ""), 8)
    elif len(digits) > 70:
        value = _MAX + 1
    else:
        value = int(digits, 10 if decimal else 0)
    return -value if sign == "-" else value


def _float(text: str) -> float | None:
    if _DECIMAL.fullmatch(text) and not text.lstrip("+-").isdecimal():
        value = float(text)
    elif _HEXADECIMAL.fullmatch(text):
        try:
            value = float.fromhex(text)
        except OverflowError:
            return None
    else:
        return None
    return value if abs(value) != float("inf") else None
