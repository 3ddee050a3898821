"""Decide, family by family, what of a page's schema is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import accumulate
from typing import Final

import numpy as np

from zerostate_monitoring.catalogue.definition import Combine, Definition, Kind
from zerostate_monitoring.catalogue.nodes import MADE_HERE
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema
from zerostate_monitoring.sources.nodes.members import (
    BEGUN,
    Fold,
    is_noted,
    members,
    noted,
    parted,
)
from zerostate_monitoring.sources.nodes.rules import Rules, spellings
from zerostate_monitoring.sources.nodes.selection import Indices, Selection

_UNTYPED: Final = frozenset({Kind.COUNTER, Kind.GAUGE})
_MADE_HERE: Final = frozenset(definition.name for definition in MADE_HERE)
_MAX_BOUNDS: Final = 500


def choose(
    schema: Schema, rules: Rules, constant: tuple[str, ...], known: Mapping[str, str]
) -> Selection:
    """Decide what of ``schema`` is kept.

    ``constant`` are the names of labels that stand on every series; ``known`` are the
    members of full families at the last scrape, see ``Selection.members``.
    """
    chosen = _Chosen(rules, frozenset(constant), known)
    starts = accumulate((len(family.samples) for family in schema.families), initial=0)
    begins = dict(zip((family.name for family in schema.families), starts, strict=False))
    for family in sorted_by_right(schema.families, rules):
        chosen.take(family, begins[family.name])
    chosen.keep_begun()
    return chosen.selection()


def sorted_by_right(families: Iterable[FamilySchema], rules: Rules) -> list[FamilySchema]:
    """Families under their own name first, so that an alias never takes their place.

    Those without a sample come last: what is only declared takes nobody's place.
    """

    def rank(family: FamilySchema) -> tuple[bool, bool]:
        definition = rules.names.get(family.name)
        own = definition is None or family.name in spellings(definition.name, definition)
        return not family.samples, not own

    return sorted(families, key=rank)


class _Chosen:
    def __init__(self, rules: Rules, constant: frozenset[str], known: Mapping[str, str]) -> None:
        self._rules = rules
        self._constant = constant
        self._known = known
        self._members: dict[str, str] = {}
        self._families: dict[str, FamilySchema] = {}
        self._rows: dict[str, dict[SampleKey, list[int]]] = {}
        self._refused: dict[str, str] = {}
        self._overflow: dict[str, int] = {}
        self._maxima: set[str] = set()
        self._dropped = 0
        self._begun: set[str] = set()

    def take(self, family: FamilySchema, start: int) -> None:
        """Keep, rename or leave out one family, whose first sample is number ``start``."""
        definition = self._rules.names.get(family.name)
        if definition is None:
            self._extra(family, start)
            return
        reason = self._reason(family, definition)
        if reason:
            if family.samples:
                self._refused[family.name] = reason
            return
        self._open(definition)
        self._begin(definition, self._gather(family, definition, start))
        if definition.kind is Kind.GAUGE and definition.combine is Combine.MAX:
            self._maxima.add(definition.family)

    def keep_begun(self) -> None:
        """Let counters that the node has shown before stand at 0 while they are not on its page.

        A node that was restarted may show a counter only after the first event; without its
        zeros from before nobody would see that event.
        """
        known = is_noted(self._known.get(BEGUN, ""))
        refused = {d.name for name in self._refused if (d := self._rules.names.get(name))}
        for definition in {d.name: d for d in self._rules.names.values()}.values():
            name = definition.name
            if name in self._begun or not definition.known_series or not known(name):
                continue
            self._begun.add(name)
            if name not in refused and name not in self._rules.refused:
                self._open(definition)
                self._begin(definition, ())
        if self._begun:
            self._members[BEGUN] = noted(self._begun)

    def _open(self, definition: Definition) -> None:
        self._families[definition.family] = FamilySchema(
            definition.family, definition.kind.value, definition.help, definition.om_unit, ()
        )
        self._rows[definition.family] = {}

    def _reason(self, family: FamilySchema, definition: Definition) -> str:
        untyped = family.type == "unknown" and definition.kind in _UNTYPED
        if family.type != definition.kind.value and not untyped:
            return f"is a {family.type} on the page, a {definition.kind.value} in the catalogue"
        if definition.family in self._families:
            return f"{definition.name} is on the page under another name, too"
        if definition.name in _MADE_HERE:
            return "is made by the app itself"
        if len({parted(key.labels, definition.kind)[1] for key in family.samples}) > _MAX_BOUNDS:
            return f"has more than {_MAX_BOUNDS} buckets or quantiles"
        return self._rules.refused.get(definition.name, "")

    def _extra(self, family: FamilySchema, start: int) -> None:
        names = (family.name, f"{family.name}_total")
        if not family.samples:
            return
        if not any(fnmatchcase(name, p) for name in names for p in self._rules.patterns):
            self._dropped += len(family.samples)
            return
        if ":" in family.name:
            self._refused[family.name] = "colons are for recording rules"
            return
        self._families[family.name] = replace(family, samples=())
        rows = self._rows[family.name] = {}
        for index, key in enumerate(family.samples, start):
            rows.setdefault(SampleKey(key.suffix, self._labels(key.labels)), []).append(index)

    def _gather(
        self, family: FamilySchema, definition: Definition, start: int
    ) -> Collection[Labels]:
        """Take the samples in; gives the label sets that they have now."""
        rows = self._rows[definition.family]
        sets: set[Labels] = set()
        dropped, kind = definition.dropped, definition.kind
        parts = [parted(_without(key.labels, dropped), kind) for key in family.samples]
        inside, noted = members(
            (own for own, _ in parts),
            limit=definition.max_series,
            known=self._known.get(definition.name, ""),
            always=frozenset(_known_sets(definition)),
        )
        if noted:
            self._members[definition.name] = noted
        fold, folded = Fold(definition), 0
        for index, (key, (own, bound)) in enumerate(zip(family.samples, parts, strict=True), start):
            kept = own if own in inside else fold(own)
            sets.add(kept)
            folded += own not in inside
            labels = tuple(sorted((*kept, *bound))) if bound else kept
            suffix = key.suffix or definition.suffix
            rows.setdefault(SampleKey(suffix, self._labels(labels)), []).append(index)
        if folded:
            self._overflow[definition.name] = folded
        return sets

    def _begin(self, definition: Definition, sets: Collection[Labels]) -> None:
        """Let a counter that the node shows begin at 0 for its known label values.

        Only where the node's labels are those of the catalogue: others would stand
        beside the node's series and never rise.
        """
        names = tuple(sorted(definition.labels))
        alike = [dict(labels) for labels in sets if tuple(name for name, _ in labels) == names]
        if sets and not alike:
            return
        rows = self._rows[definition.family]
        present = {tuple(labels[name] for name in definition.labels) for labels in alike}
        for values in definition.zeros(present):
            labels = tuple(sorted(zip(definition.labels, values, strict=True)))
            rows.setdefault(SampleKey(definition.suffix, self._labels(labels)), [])
        if definition.known_series:
            self._begun.add(definition.name)

    def _labels(self, labels: Labels) -> Labels:
        """The sample's own labels; one that the node's labels hide becomes ``exported_``."""
        if not any(name in self._constant for name, _ in labels):
            return labels
        taken = {name for name, _ in labels} | self._constant
        renamed = []
        for name, value in labels:
            free = name
            while free in self._constant or (free != name and free in taken):
                free = f"exported_{free}"
            renamed.append((free, value))
        return tuple(sorted(renamed))

    def selection(self) -> Selection:
        """What was decided, as indices."""
        families = [
            replace(family, samples=tuple(self._rows[name]))
            for name, family in self._families.items()
            if self._rows[name]
        ]
        samples = [(name, rows) for name in self._families for rows in self._rows[name].values()]
        groups = [(name, rows) for name, rows in samples if rows]
        take = [row for _, rows in groups for row in rows]
        starts = accumulate((len(rows) for _, rows in groups[:-1]), initial=0)
        maxima = [number for number, (name, _) in enumerate(groups) if name in self._maxima]
        places = [place for place, (_, rows) in enumerate(samples) if rows]
        return Selection(
            schema=Schema(families),
            take=_indices(take),
            starts=None if len(take) == len(groups) else _indices(starts),
            maxima=_indices(maxima),
            places=None if len(places) == len(samples) else _indices(places),
            refused=self._refused,
            dropped=self._dropped,
            overflow=self._overflow,
            members=self._members,
        )


def _known_sets(definition: Definition) -> Iterable[Labels]:
    pairs = map(partial(zip, definition.labels), definition.known_series)
    return (tuple(sorted(labels)) for labels in pairs)


def _indices(numbers: Iterable[int]) -> Indices:
    return np.array(list(numbers), dtype=np.intp)


def _without(labels: Labels, names: Iterable[str]) -> Labels:
    left_out = frozenset(names)
    return tuple(pair for pair in labels if pair[0] not in left_out) if left_out else labels
