"""Series as Prometheus's test scripts write them: ``name{label="value"} 1+2x3 _ stale``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME, STALE_BITS

STALE: Final = float(np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0])


@dataclass(frozen=True, slots=True)
class Native:
    """A native histogram; what is in it does not matter here."""

    text: str


Value = float | Native | None
"""``None`` stands for no sample."""

_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:.]*")
# No hexadecimal: 0x5 is a zero six times.
_NUMBER: Final = r"(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|nan)"
_ITEM: Final = re.compile(
    rf"(?P<base>[+-]?{_NUMBER}|stale)(?:(?P<step>[+-]{_NUMBER})?x(?P<times>[0-9]+))?$",
    re.IGNORECASE,
)
_NATIVE: Final = re.compile(
    r"(?P<text>\{\{.*?\}\})(?:(?:[+-]\{\{.*?\}\})?x(?P<times>[0-9]+))?(?=\s|$)"
)
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL
)
_PLAIN: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


class ScriptError(Exception):
    """A script that this runner does not understand."""


def number(text: str) -> float:
    """A number as Go writes them."""
    return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)


def unquoted(text: str) -> str:
    """The content of a string of Go, in its quotes."""
    if text[:1] == "`":
        return text[1:-1]

    def plain(match: re.Match[str]) -> bytes:
        two, four, eight, octal, letter = match.groups()
        if two or octal:
            return bytes([int(two, 16) if two else int(octal, 8)])
        if four or eight:
            return chr(int(four or eight, 16)).encode()
        return _PLAIN.get(letter, letter).encode()

    parts, place = [], 1
    for match in _ESCAPE.finditer(text, 1, len(text) - 1):
        parts += [text[place : match.start()].encode(), plain(match)]
        place = match.end()
    parts.append(text[place:-1].encode())
    return b"".join(parts).decode("utf-8", "surrogateescape")


class _Reader:
    """Reads a text from its start."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def skip(self) -> None:
        self.place = _SPACE.match(self.text, self.place).end()

    def takes(self, character: str) -> bool:
        self.skip()
        if not self.text.startswith(character, self.place):
            return False
        self.place += len(character)
        return True

    def word(self) -> str | None:
        self.skip()
        if match := _WORD.match(self.text, self.place):
            self.place = match.end()
            return match[0]
        return None

    def string(self) -> str | None:
        self.skip()
        quote = self.text[self.place : self.place + 1]
        if quote not in {'"', "'", "`"}:
            return None
        end = self.place + 1
        while self.text[end] != quote:
            end += 2 if self.text[end] == "\\" and quote != "`" else 1
        start, self.place = self.place, end + 1
        return unquoted(self.text[start : end + 1])


def metric(text: str) -> tuple[Labels, str]:
    """The labels at the start of ``text``, and the rest."""
    reader = _Reader(text)
    pairs = {}
    if name := reader.word():
        pairs[NAME] = name
    reader.skip()
    if not text.startswith("{{", reader.place) and reader.takes("{"):
        while not reader.takes("}"):
            label = reader.string() or reader.word()
            if label is None:
                raise ScriptError(f"no label in {text!r}")
            if reader.takes("="):
                pairs[label] = reader.string() or ""
            else:
                pairs[NAME] = label
            reader.takes(",")
    labels = tuple(sorted((key, value) for key, value in pairs.items() if value))
    return labels, text[reader.place :]


def values(text: str) -> list[Value]:
    """The values of a series."""
    found: list[Value] = []
    rest = text.strip()
    while rest:
        if match := _NATIVE.match(rest):
            found += [Native(match["text"])] * (1 + int(match["times"] or 0))
            rest = rest[match.end() :].lstrip()
            continue
        item, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        found += _item(item)
    return found


def _item(item: str) -> list[Value]:
    if item.startswith("_"):
        return [None] * int(item[2:] or 1)
    match = _ITEM.match(item)
    if match is None:
        raise ScriptError(f"no values: {item!r}")
    base = STALE if match["base"].lower() == "stale" else number(match["base"])
    if match["step"] is None:
        return [base] * (1 + int(match["times"] or 0))
    # By addition, as Prometheus does: the sums' errors belong to the values.
    found: list[Value] = [base]
    for _ in range(int(match["times"])):
        base += number(match["step"])
        found.append(base)
    return found


def series(line: str) -> tuple[Labels, list[Value]]:
    """Labels and values of one line."""
    labels, rest = metric(line)
    return labels, values(rest.replace("\t", " "))
