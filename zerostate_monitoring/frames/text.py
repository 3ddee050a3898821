"""Label values that any encoding can carry."""

from __future__ import annotations


def encodable(value: str) -> str:
    """``value`` with lone surrogates replaced by U+FFFD."""
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
