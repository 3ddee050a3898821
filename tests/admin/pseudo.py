"""A language in which each text that was translated stands between ⟦ and ⟧."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.utils import translation

from zerostate_monitoring.catalogue import CATALOGUE

_SILENT = frozenset({"script", "style", "code", "pre", "textarea", "bdi", "time"})
"""What is no text of ours: queries, names, and what somebody has written."""
_DATA_CLASSES = ("zsm-labels", "zsm-expr", "zsm-code")
_HEARD = frozenset({"title", "aria-label", "alt", "placeholder"})
_VOID = frozenset({"area", "br", "hr", "img", "input", "link", "meta", "wbr", "use", "col"})
_WORD = re.compile(r"[A-Za-z]{3,}")


def _marked(text: str) -> str:
    return f"⟦{text}⟧" if text.strip() else text


def speak(monkeypatch: Any, known: Container[str] | None = None) -> None:
    """Let all that goes through gettext be marked; of ``known`` sentences, these alone.

    A catalogue of messages knows sentences as they stand in the code, without their values.
    """
    trans: Any = vars(translation)["_trans"]

    def mark(text: str) -> str:
        return _marked(text) if known is None or text in known else text

    for name, one in {
        "gettext": mark,
        "pgettext": lambda _context, text: mark(text),
        "ngettext": lambda one, many, n: mark(one if n == 1 else many),
        "npgettext": lambda _context, one, many, n: mark(one if n == 1 else many),
    }.items():
        monkeypatch.setattr(trans, name, one, raising=False)


class _Reader(HTMLParser):
    """All that is seen or heard of a page, in order; what is data is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._goes_on = False
        self._open: list[tuple[str, bool]] = []

    @property
    def _is_silent(self) -> bool:
        return any(silent for _tag, silent in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":
            # A name that may be broken here is one name.
            self._goes_on = bool(self.said)
            return
        given = {name: text or "" for name, text in attrs}
        is_data = any(one in given.get("class", "") for one in _DATA_CLASSES)
        # All time zones that there are.
        silent = tag in _SILENT or is_data or given.get("id") == "id_zone"
        if not (self._is_silent or silent):
            heard = {name: text for name, text in given.items() if name in _HEARD and tag != "img"}
            if tag == "input" and given.get("type") in {"submit", "button"}:
                heard["value"] = given.get("value", "")
            self.said += [f"\x01{text}\x01" for text in heard.values()]
        if tag not in _VOID:
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while any(one == tag for one, _silent in self._open):
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            if self._goes_on:
                self.said[-1] += data
            else:
                self.said.append(data)
            self._goes_on = False


def unmarked(page: str) -> list[str]:
    """What of a page went past gettext: each text without what is marked in it.

    Raises:
        AssertionError: a text was cut between its marks.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    left, depth = [""], 0
    for character in "\x02".join(reader.said):
        depth += {"⟦": 1, "⟧": -1}.get(character, 0)
        assert depth >= 0, left[-3:]
        if character in "\x01\x02":
            left.append("")
        elif not depth and character not in "⟦⟧":
            left[-1] += character
    assert depth == 0, left[-3:]
    return [" ".join(text.split()) for text in left if _WORD.search(text)]


def data() -> list[str]:
    """What rows and the catalogue hold that is no text of ours, the longest first."""
    found = {*_of_rows(), *_of_catalogue()}
    return sorted((one for one in found if len(one) > 2), key=len, reverse=True)


def _of_rows() -> Iterator[str]:
    for model in apps.get_models():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if not getattr(field, "choices", None)
        ]
        for row in model._default_manager.values_list(*names):
            for value in row:
                yield from _texts(value)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from (str(key), *_texts(one))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
        yield from value.splitlines()


def _of_catalogue() -> Iterator[str]:
    for family in CATALOGUE:
        yield family.name
        yield from family.labels


def english(page: str, known: list[str], allowed: Iterable[str] = ()) -> list[str]:
    """Words of a page that are neither marked nor data nor ``allowed``."""
    found = []
    for text in unmarked(page):
        rest = text
        for one in (*allowed, *known):
            rest = re.sub(rf"(?<![A-Za-z_]){re.escape(one)}(?![A-Za-z_])", " ", rest)
        if _WORD.search(rest):
            found.append(f"{rest.strip()}  ({text[:100]})")
    return sorted(set(found))
