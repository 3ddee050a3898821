"""Gather the sample lines of one page into families, by the rules of its format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.frames.schema import TYPES, FamilySchema, SampleKey, Schema
from zerostate_monitoring.sources.nodes.lines import Head, Metadata, is_plain, unescape_help

CREATED: Final = "_created"
_TEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "summary": ("", "_count", "_sum"),
    "histogram": ("_count", "_sum", "_bucket"),
}
_OPENMETRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "counter": ("_total", CREATED),
    "summary": ("", "_count", "_sum", CREATED),
    "histogram": ("_count", "_sum", "_bucket", CREATED),
    "gaugehistogram": ("_gcount", "_gsum", "_bucket"),
    "info": ("_info",),
}
_PLAIN: Final = ("",)
_QUOTES: Final = "has names that need quotes"


class Family:
    """A family while its page is read; ``rows`` maps a series to its sample line."""

    __slots__ = ("broken", "kind", "name", "page_name", "rows")

    def __init__(self, name: str, page_name: str, kind: str) -> None:
        self.name = name
        self.page_name = page_name
        self.kind = kind
        self.broken = "" if is_plain(page_name) else _QUOTES
        self.rows: dict[SampleKey, int] = {}


class Families:
    """All families of one page, in the order in which they begin."""

    def __init__(self, *, openmetrics: bool) -> None:
        self._openmetrics: Final = openmetrics
        self._families: Final[dict[str, Family]] = {}
        self._members: Final[dict[str, tuple[Family, str]]] = {}
        self._texts: Final[dict[tuple[str, str], str]] = {}

    def describe(self, metadata: Metadata) -> None:
        """Take a TYPE, HELP or UNIT line."""
        if metadata.word == "TYPE":
            self._declare(metadata.name, metadata.text.strip())
        else:
            self._texts[metadata.word, metadata.name] = metadata.text

    def _declare(self, page_name: str, word: str) -> None:
        kind = "unknown" if word == "untyped" else word
        cut = kind == "counter" and not self._openmetrics
        name = page_name.removesuffix("_total") if cut else page_name
        fresh = Family(name, page_name, kind)
        if kind not in TYPES:
            fresh.broken = f"has the unknown type {kind[:40]!r}"
        members = self._names(fresh, page_name, kind)
        first = self._families.setdefault(name, fresh)
        if first is not fresh:
            if first.page_name == page_name and not members.keys().isdisjoint(self._members):
                first.broken = "has two TYPE lines"
                return
            # Go's runtime has a gauge x and a counter x_total. Without its suffix the
            # counter would be a second family x, so the one that came first stays.
            fresh.broken = f"its name without _total is that of a {first.kind}"
            self._families[f"{page_name} {kind}"] = fresh
        self._members.update(members)

    def _names(self, family: Family, page_name: str, kind: str) -> dict[str, tuple[Family, str]]:
        if self._openmetrics:
            suffixes = _OPENMETRICS.get(kind, _PLAIN)
        elif kind == "counter":
            return {page_name: (family, "_total")}
        else:
            suffixes = _TEXT.get(kind, _PLAIN)
        return {page_name + suffix: (family, suffix) for suffix in suffixes}

    def add(self, head: Head, row: int) -> Family:
        """Count sample line ``row`` to its family.

        Raises:
            ValueError: the series stands on the page already.
        """
        member = self._members.get(head.name) or self._untyped(head.name)
        family, suffix = member
        key = SampleKey(suffix, head.labels)
        if not head.plain:
            family.broken = _QUOTES
        if family.rows.setdefault(key, row) != row:
            raise ValueError(f"series {head.name}{_braces(head)} stands twice")
        return family

    def _untyped(self, name: str) -> tuple[Family, str]:
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = Family(name, name, "unknown")
        else:
            family.broken = f"is {family.kind} and untyped on one page"
        return self._members.setdefault(name, (family, ""))

    def refused(self) -> dict[str, str]:
        """The families that cannot be used, each with its reason."""
        return {f.page_name: f.broken for f in self._families.values() if f.broken}

    def schema(self) -> tuple[Schema, list[int]]:
        """The usable families, and for each of their samples its sample line.

        Counters that are declared and have no sample yet are among them: they are at 0.
        """
        found = [(family, self._rows(family)) for family in self._families.values()]
        kept = [(f, rows) for f, rows in found if rows or (f.kind == "counter" and not f.broken)]
        schema = Schema(self._schema(family, rows) for family, rows in kept)
        return schema, [row for _, rows in kept for row in rows.values()]

    def _rows(self, family: Family) -> dict[SampleKey, int]:
        if family.broken:
            return {}
        if not self._openmetrics:
            return family.rows
        return {key: row for key, row in family.rows.items() if key.suffix != CREATED}

    def _schema(self, family: Family, rows: dict[SampleKey, int]) -> FamilySchema:
        text = unescape_help(
            self._texts.get(("HELP", family.page_name), ""), openmetrics=self._openmetrics
        )
        unit = self._texts.get(("UNIT", family.page_name), "") if self._openmetrics else ""
        # OpenMetrics wants it, and so nothing else can stand in a UNIT line of ours.
        unit = unit if family.name.endswith(f"_{unit}") else ""
        return FamilySchema(family.name, family.kind, text, unit, tuple(rows))


def _braces(head: Head) -> str:
    return "{" + ", ".join(f"{name}={value[:60]!r}" for name, value in head.labels) + "}"
