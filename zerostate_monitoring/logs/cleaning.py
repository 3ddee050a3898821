"""What may stand in a line: visible characters, bounded texts, plain values. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import islice
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from zerostate_monitoring.logs.redaction import HIDDEN, Redactor

LONGEST_TEXT: Final = 2048
"""Characters of one value; a longer one is cut, and its length named."""
LONGEST_KEY: Final = 64
MOST_ITEMS: Final = 64
"""Keys of a line, and items of a list or mapping in it."""
DEEPEST: Final = 5

_BEYOND: Final = 512
"""Read past the cut before secrets are looked for: one that lies across it is found."""
_SHORT: Final = 64
_LARGEST: Final = 2**53
"""Whole numbers beyond are read wrongly by many programs, so they are text."""
# Control characters, line separators, marks that turn the direction of text or that nobody
# sees, and halves of surrogate pairs. Newline and tab may stay where the line is JSON, which
# escapes them; joiners that scripts and emoji need stay.
_UNSAFE: Final = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff"
    "\\U000e0000-\\U000e007f"
)
_HIDDEN: Final = re.compile(f"[{_UNSAFE}]")
_BREAKING: Final = re.compile(f"[\\t\\n{_UNSAFE}]")
_NO_KEY: Final = re.compile(r"[^\w.-]", re.ASCII)


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(text: str) -> str:
    """``text`` with what a terminal would obey spelt out; newlines and tabs stay."""
    return text if text.isprintable() else _HIDDEN.sub(_shown, text)


def one_line(text: str) -> str:
    """The same without newlines and tabs."""
    if text.isprintable():
        return text
    return _BREAKING.sub(_shown, text.replace("\n", "\\n").replace("\t", "\\t"))


def cut(text: str, most: int = LONGEST_TEXT, length: int | None = None) -> str:
    """``text`` of at most ``most`` characters, and how many there were if there were more."""
    length = len(text) if length is None else length
    return text if length <= most else f"{text[:most]}… [{length} characters]"


def key_of(key: object) -> str:
    """A key of letters, digits, ``_``, ``-`` and dots."""
    return _NO_KEY.sub("_", str(key)[:LONGEST_KEY]) or "_"


class Cleaner:
    """Makes values plain, bounded, visible and free of secrets."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor: Final = redactor
        # Events, loggers, ids and words come again and again.
        self._short: Final = lru_cache(maxsize=4096)(self._clean)

    def pairs(self, given: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
        """A mapping with clean keys and values; what is one too many is counted, not shown."""
        made: dict[str, Any] = {}
        for key, value in islice(given.items(), MOST_ITEMS):
            name = key if type(key) is str and key.isidentifier() and len(key) < 64 else key_of(key)
            made[name] = self.value(value, name, depth)
        if len(given) > MOST_ITEMS:
            made["more_keys"] = len(given) - MOST_ITEMS
        return made

    def value(self, value: Any, key: str = "", depth: int = 0) -> Any:
        """A value that JSON can hold. Never raises."""
        if value is None or value is True or value is False:
            return value
        if key and self._redactor.is_secret(key):
            return HIDDEN
        if type(value) is str:
            return self.text(value)
        if type(value) is int and -_LARGEST < value < _LARGEST:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else str(value)
        return self._other(value, depth)

    def text(self, text: str, most: int = LONGEST_TEXT) -> str:
        """A text, cut, without secrets and control characters."""
        length = len(text)
        if length <= _SHORT:
            return self._short(text)
        if length <= most:
            return self._clean(text)
        return visible(cut(self._redactor.text(text[: most + _BEYOND]), most, length))

    def _clean(self, text: str) -> str:
        return visible(self._redactor.text(text))

    def _other(self, value: Any, depth: int) -> Any:
        try:
            if isinstance(value, Mapping | list | tuple | AbstractSet):
                return self._nested(value, depth)
            return self.text(_as_text(value))
        except Exception as error:  # noqa: BLE001 - a value that cannot be shown costs no line
            return f"[{type(value).__name__}, not shown: {type(error).__name__}]"

    def _nested(self, value: Any, depth: int) -> Any:
        if depth >= DEEPEST:
            return f"[{type(value).__name__} of {len(value)}]"
        if isinstance(value, Mapping):
            return self.pairs(value, depth + 1)
        items: Iterable[Any] = islice(value, MOST_ITEMS)
        made = [self.value(item, depth=depth + 1) for item in items]
        return made if len(value) <= MOST_ITEMS else [*made, f"… [{len(value)} items]"]


def _as_text(value: Any) -> str:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    # Objects of Django's that would tell a whole request, with its query.
    if hasattr(value, "META") and hasattr(value, "path"):
        return f"{getattr(value, 'method', '')} {value.path}"
    return repr(value)


def _digits(value: int) -> str:
    # Python refuses to write out enormous ones.
    return str(value) if value.bit_length() < 4096 else f"[number of {value.bit_length()} bits]"


_WRITERS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (Enum, lambda value: str(value.value)),
    ((bytes, bytearray, memoryview), lambda value: f"[{len(value)} bytes]"),
    (BaseException, lambda value: f"{type(value).__name__}: {value}"),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, lambda value: f"{value.total_seconds()} s"),
    (int, _digits),
    ((str, float, Decimal, UUID, PurePath), str),
    (type, lambda value: f"{value.__module__}.{value.__qualname__}"),
)
