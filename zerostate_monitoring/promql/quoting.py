"""Strings of PromQL: Go's escapes, read and written."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from zerostate_monitoring.exceptions import QuerySyntaxError

_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
)
_SIMPLE: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
_WRITTEN: Final = {char: f"\\{letter}" for letter, char in _SIMPLE.items()} | {
    '"': '\\"',
    "\\": "\\\\",
    # A query may not hold it: it would stand for bytes that are no UTF-8.
    "\N{REPLACEMENT CHARACTER}": "\\ufffd",
}
_LEGACY_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def unquote(body: str, quote: str, start: int) -> str:
    r"""The text that ``body``, which stood between two ``quote`` from ``start`` on, means.

    ``\xHH`` and ``\ooo`` are bytes. Those that do not form UTF-8 become U+FFFD, as in
    label values: no label could hold them.

    Raises:
        QuerySyntaxError: an escape that does not exist, or that names no character.
    """
    if "\\" not in body:
        return body
    out, at = bytearray(), 0
    while (found := body.find("\\", at)) >= 0:
        out += body[at:found].encode()
        match = _ESCAPE.match(body, found)
        if match is None or match[1] in {"'", '"'} - {quote}:
            _refuse_escape(body[found : found + 2], start + found)
        out += _meaning(match, start + found)
        at = match.end()
    return (out + body[at:].encode()).decode(errors="replace")


def _meaning(escape: re.Match[str], start: int) -> bytes:
    simple, byte, octal, short, long = escape.groups()
    if simple:
        return _SIMPLE.get(simple, simple).encode()
    if byte or octal:
        value = int(byte, 16) if byte else int(octal, 8)
        if value <= 0xFF:
            return bytes([value])
    else:
        value = int(short or long, 16)
        if value <= 0x10FFFF and not 0xD800 <= value < 0xE000:
            return chr(value).encode()
    raise QuerySyntaxError(f"{escape[0]} names no character.", start, start + len(escape[0]))


def _refuse_escape(escape: str, start: int) -> NoReturn:
    raise QuerySyntaxError(
        f"{escape} is no complete escape. In strings stand \\a \\b \\f \\n \\r \\t \\v \\\\, "
        "the string's own quote behind a backslash, \\xHH, \\OOO, \\uHHHH and \\UHHHHHHHH; "
        "between backticks nothing is an escape.",
        start,
        start + len(escape),
    )


def quote(text: str) -> str:
    """``text`` in double quotes, with escapes for what cannot be seen; Go's ``strconv.Quote``."""
    return f'"{"".join(map(_write, text))}"'


def _write(char: str) -> str:
    if char in _WRITTEN:
        return _WRITTEN[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def is_plain_label(name: str) -> bool:
    """Whether ``name`` can be a label without quotes."""
    return _LEGACY_LABEL.fullmatch(name) is not None
