"""Inhibitions: a source that fires holds targets back that have the same labels. Pure.

As in Alertmanager: a missing label is an empty one; a source that is itself held back inhibits all
the same, one that is pending does not; where an alert is on both sides of an inhibition, sources
that are on both sides, too, do not hold it back: so none inhibits itself, and no two each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from zerostate_monitoring.alerting.suppression.indexing import Index
from zerostate_monitoring.rules.matchers import Matcher, Test

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """An alert that fires."""

    pk: int
    name: str
    labels: Labels


@dataclass(frozen=True)
class Shares:
    """Alerts that fire, looked through once for all inhibitions, when the first one asks."""

    firing: Iterable[Source]
    asked: list[Sequence[Matcher]] = field(default_factory=list)

    def of(self, matchers: Sequence[Matcher]) -> Share:
        """Those that may meet ``matchers``: never too few. To be said before any share is read."""
        self.asked.append(matchers)
        return Share(self, len(self.asked) - 1)

    @cached_property
    def found(self) -> Sequence[Sequence[Source]]:
        """The shares, in the order in which they were asked for."""
        shares: list[list[Source]] = [[] for _ in self.asked]
        index = Index((matchers, shares[place]) for place, matchers in enumerate(self.asked))
        for source in self.firing:
            for share in index.candidates(source.labels):
                share.append(source)
        return shares


@dataclass(frozen=True, slots=True)
class Share:
    """Alerts that may be sources of one inhibition."""

    shares: Shares
    place: int

    def __iter__(self) -> Iterator[Source]:
        return iter(self.shares.found[self.place])


@dataclass(frozen=True, slots=True)
class _Found:
    """Sources with the same equal labels: one that is a source only, and one that is a target."""

    one_sided: Source | None = None
    two_sided: Source | None = None


@dataclass(frozen=True)
class Inhibitor:
    """One inhibition over the alerts that fire."""

    source: Test
    target: Test
    equal: Sequence[str]
    firing: Iterable[Source]

    def source_for(self, labels: Labels) -> Source | None:
        """The alert that holds back one with ``labels``."""
        if not self.target(labels):
            return None
        found = self._sources.get(self._equal_of(labels))
        if found is None:
            return None
        return found.one_sided or (None if self.source(labels) else found.two_sided)

    @cached_property
    def _sources(self) -> Mapping[tuple[str, ...], _Found]:
        """Looked up once, for the first alert that is a target."""
        found: dict[tuple[str, ...], _Found] = {}
        for source in self.firing:
            if self.source(source.labels):
                key = self._equal_of(source.labels)
                known = found.get(key, _Found())
                found[key] = self._with(known, source)
        return found

    def _with(self, known: _Found, source: Source) -> _Found:
        if self.target(source.labels):
            return _Found(known.one_sided, known.two_sided or source)
        return _Found(known.one_sided or source, known.two_sided)

    def _equal_of(self, labels: Labels) -> tuple[str, ...]:
        return tuple([labels.get(name, "") for name in self.equal])
