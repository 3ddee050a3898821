"""An English sentence, taken apart into what a catalogue of messages knows and its values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

Wording = str | tuple[str, str]
"""A sentence with its places for values; where it counts, that of one and that of several."""

NESTED: Final = frozenset({"answer", "error", "off", "reason", "run", "what"})
"""Places that hold another sentence."""

_PLACE: Final = re.compile(r"%\((\w+)\)[-.\d]*([sdfg])|(%%)")
_NUMBER: Final = r"-?[\d.,e+-]+|-?inf|nan"
_TIME: Final = r"[\d:. T-]+(?: UTC| ms)?"
_SHAPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("at", "since", "begins", "until"), _TIME),
    "family": r"[A-Za-z_:][\w:]*",
    "metric": r"[a-z][a-z0-9:]*[_:][a-z0-9_:]+",
    "n": _NUMBER,
    **dict.fromkeys(("host", "product", "vendor", "version", "word"), r"\S+"),
}
"""What may stand in places of these names; in others, any text."""

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of the book, and what stands in its places."""

    wording: Wording
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a sentence: what it begins and ends with, and all of it."""

    wording: Wording
    head: str
    tail: str
    whole: re.Pattern[str]
    kinds: Mapping[str, str]
    weight: int

    def values_in(self, text: str) -> dict[str, Value] | None:
        """What stands in its places in ``text``; nothing where that is another sentence."""
        if not text.startswith(self.head) or not text.endswith(self.tail):
            return None
        if (found := self.whole.fullmatch(text)) is None:
            return None
        try:
            return {k: _value(self.kinds[k], one) for k, one in found.groupdict().items()}
        except ValueError:
            return None


class Book:
    """Sentences that can be found by a text that one of them makes."""

    def __init__(self, *wordings: Wording) -> None:
        self.wordings: Final = wordings
        self.find: Final = lru_cache(maxsize=4096)(self._find)

    def _find(self, text: str) -> Found | None:
        plain, filled = self._sorted
        if text in plain:
            return Found(plain[text], {})
        for form in filled:
            if (values := form.values_in(text)) is not None:
                return Found(form.wording, values)
        return None

    @cached_property
    def _sorted(self) -> tuple[Mapping[str, Wording], list[_Form]]:
        """Those without places for values by their text, and the others.

        Made for the first text that is looked for: most processes tell nobody anything.
        """
        forms = [form for one in self.wordings for form in _forms(one)]
        plain = {form.head: form.wording for form in forms if not form.kinds}
        # Of two that fit, the one that says more itself.
        filled = sorted((form for form in forms if form.kinds), key=lambda form: -form.weight)
        return plain, filled


def _forms(wording: Wording) -> Iterator[_Form]:
    for text in (wording,) if isinstance(wording, str) else wording:
        yield _form(wording, text)


def _form(wording: Wording, text: str) -> _Form:
    parts, kinds, literals, end = [], dict[str, str](), [""], 0
    is_filled = _PLACE.search(text) is not None
    for place in _PLACE.finditer(text):
        literals[-1] += text[end : place.start()]
        parts.append(re.escape(text[end : place.start()]))
        end = place.end()
        if place[3]:
            literals[-1] += "%"
            parts.append("%")
            continue
        name, kind = place[1], place[2]
        shape = _SHAPES.get(name, ".+?") if kind == "s" else _NUMBER
        parts.append(f"(?P={name})" if name in kinds else f"(?P<{name}>{shape})")
        kinds.setdefault(name, kind)
        literals.append("")
    literals[-1] += text[end:]
    parts.append(re.escape(text[end:]))
    return _Form(
        wording,
        literals[0],
        literals[-1] if is_filled else text,
        re.compile("".join(parts), re.DOTALL),
        kinds,
        sum(map(len, literals)),
    )


def _value(kind: str, text: str) -> Value:
    if kind == "s":
        return text
    number = float(text.replace(",", ""))
    return int(number) if kind == "d" else number
