"""A clean line as text: JSON for programs, or words for people."""

from __future__ import annotations

from typing import Any, Final

import orjson

from zerostate_monitoring.logs.cleaning import one_line
from zerostate_monitoring.logs.lines import indented

LONGEST_LINE: Final = 32 * 1024
"""Bytes. What is longer is shortened, so that nothing on the way cuts the JSON in two."""

_SHORT: Final = 256
_HEAD: Final = ("timestamp", "level", "event", "logger")
_WIDTH: Final = 8


def as_json(line: dict[str, Any]) -> str:
    """One line of JSON."""
    made = orjson.dumps(line)
    if len(made) > LONGEST_LINE:
        made = orjson.dumps(_shortened(line, len(made)))
    return made.decode()


def _shortened(line: dict[str, Any], size: int) -> dict[str, Any]:
    """The line with its long values cut short and its nested ones left out."""
    short = {
        key: value[:_SHORT] if isinstance(value, str) else value
        for key, value in line.items()
        if not isinstance(value, dict | list)
    }
    return {**short, "shortened_from_bytes": size}


def as_console(line: dict[str, Any]) -> str:
    """Time, level, logger, event, then the keys; a traceback below."""
    keys = {key: value for key, value in line.items() if key != "exception"}
    text = _worded(keys)
    size = len(text.encode())
    if size > LONGEST_LINE:
        text = _worded(_shortened(keys, size))
    trace = line.get("exception", "")
    return f"{text}\n{indented(trace)}" if trace else text


def _worded(line: dict[str, Any]) -> str:
    parts = [
        line["timestamp"],
        line["level"].upper().ljust(_WIDTH),
        one_line(line["logger"]),
        one_line(line["event"]),
        *(f"{key}={_word(value)}" for key, value in line.items() if key not in _HEAD),
    ]
    return " ".join(parts)


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return one_line(text) if text and " " not in text else f'"{one_line(text)}"'
