"""Where in a text something is wrong: line, column, and a mark below the place."""

from __future__ import annotations

from typing import Final

_WIDTH: Final = 100


def position(text: str, at: int) -> tuple[int, int]:
    """Line and column of the character ``at``, both counted from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def excerpt(text: str, start: int, end: int) -> str:
    """The line in which ``start`` lies, with carets below what is meant; a long line is cut."""
    _line, column = position(text, start)
    begin = start - column + 1
    line = text[begin:].split("\n", 1)[0].replace("\t", " ")
    left = max(0, column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[left : left + _WIDTH]
    length = max(1, min(end - start, len(shown) - (column - 1 - left)))
    head = "…" if left else ""
    tail = "…" if left + _WIDTH < len(line) else ""
    mark = " " * (len(head) + column - 1 - left) + "^" * length
    return f"{head}{shown}{tail}\n{mark}"


def placed(message: str, text: str, start: int, end: int) -> str:
    """``message`` with its place in ``text``; without one where there is none."""
    if end == 0 or not text:
        return message
    line, column = position(text, start)
    where = f"line {line}, column {column}" if "\n" in text else f"column {column}"
    return f"{message} ({where})\n{excerpt(text, start, end)}"
