"""A reader of Alloy's configuration: blocks, attributes, and values that are no calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"(?P<blank>\s+|//[^\n]*)|(?P<text>\"(?:[^\"\\\n]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>[{}\[\],=])"
)
_WORDS: Final = {"true": True, "false": False, "null": None}


class RiverError(ValueError):
    """It is not of that form; the place is named."""


@dataclass(frozen=True)
class Reference:
    """What another component exports."""

    name: str


@dataclass
class Block:
    """``name "label" { … }``; the whole file is one without a name."""

    name: str = ""
    label: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def all(self, name: str) -> list[Block]:
        """Its blocks of this name."""
        return [block for block in self.blocks if block.name == name]

    def one(self, name: str, label: str = "") -> Block:
        """The only one of this name and label."""
        (found,) = (block for block in self.all(name) if block.label == label)
        return found


def parse(text: str) -> Block:
    """A whole file.

    Raises:
        RiverError: something stands where it may not.
    """
    reader = _Reader(text)
    block = reader.body(Block(), end="")
    assert reader.kind == ""
    return block


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._read()
        self._next()

    def _read(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:
                raise RiverError(f"line {self._line(at)}: {self._text[at : at + 20]!r}")
            if match.lastgroup != "blank":
                yield str(match.lastgroup), match[0], at
            at = match.end()
        yield "", "", at

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1

    def _next(self) -> str:
        """The token that stands here; then the next one does."""
        here = getattr(self, "word", "")
        self.kind, self.word, self._at = next(self._tokens)
        return here

    def _expect(self, *, kind: str = "", word: str = "") -> str:
        if (kind and self.kind != kind) or (word and self.word != word):
            wanted = word or f"a {kind}"
            raise RiverError(f"line {self._line(self._at)}: {wanted}, not {self.word!r}")
        return self._next()

    def body(self, block: Block, end: str) -> Block:
        while self.word != end:
            name = self._expect(kind="name")
            if self.word == "=":
                self._next()
                if name in block.attributes:
                    raise RiverError(f"line {self._line(self._at)}: {name} stands there twice")
                block.attributes[name] = self._value()
            else:
                label = json.loads(self._next()) if self.kind == "text" else ""
                self._expect(word="{")
                block.blocks.append(self.body(Block(name, label), "}"))
                self._expect(word="}")
        return block

    def _value(self) -> Any:
        if self.kind in {"text", "number"}:
            return json.loads(self._next())
        if self.kind == "name":
            name = self._next()
            return _WORDS[name] if name in _WORDS else Reference(name)
        if self.word == "[":
            return self._many("]", self._value)
        if self.word == "{":
            return dict(self._many("}", self._pair))
        raise RiverError(f"line {self._line(self._at)}: a value, not {self.word!r}")

    def _pair(self) -> tuple[str, Any]:
        name = json.loads(self._next()) if self.kind == "text" else self._expect(kind="name")
        self._expect(word="=")
        return name, self._value()

    def _many(self, end: str, one: Any) -> list[Any]:
        self._next()
        found = []
        while self.word != end:
            found.append(one())
            if self.word != end:
                self._expect(word=",")
        self._next()
        return found
