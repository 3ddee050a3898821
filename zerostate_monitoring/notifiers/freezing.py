"""A payload as every database keeps it: JSON without what some refuse. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

_REPLACED: Final = "�"


def frozen(value: Any) -> Any:
    """``value`` as plain JSON.

    PostgreSQL keeps no NUL, UTF-8 has no lone surrogates, and JSON no infinite numbers: texts
    have a replacement character in their place, numbers their name.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    if isinstance(value, Mapping):
        return {_text(str(name)): frozen(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [frozen(inner) for inner in value]
    return value


def _text(text: str) -> str:
    if "\0" in text:
        text = text.replace("\0", _REPLACED)
    return text.encode("utf-8", "replace").decode() if not _is_utf8(text) else text


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
