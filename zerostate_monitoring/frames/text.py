"""Texts that any encoding can carry, and any database keep."""

from __future__ import annotations

from typing import Final

_NOTHING: Final = "\N{REPLACEMENT CHARACTER}"


def encodable(value: str) -> str:
    """``value`` with lone surrogates replaced by U+FFFD."""
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def keepable(value: str) -> str:
    """``encodable``, and without NUL, which PostgreSQL keeps in no text."""
    return encodable(value).replace("\x00", _NOTHING)
