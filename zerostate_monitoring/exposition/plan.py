"""Which producer's lines stand where, so that each family and each series stands once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from zerostate_monitoring.exposition.layout import (
    CUMULATIVE,
    FamilyLayout,
    Layout,
    openmetrics_header,
    text_header,
)
from zerostate_monitoring.frames.exemplar import Labels

logger = logging.getLogger(__name__)

OWN: Final = "self"
"""The producer of the app's own families."""

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A producer with its lines, and the labels that stand on all of them."""

    producer: str
    layout: Layout
    labels: Labels


class Share(NamedTuple):
    """What one producer gives to one family: the ``place``-th of its layout.

    A tuple, because a network of 1,000 nodes has 100,000 of them.
    """

    producer: str
    place: int
    lines: FamilyLayout


@dataclass(frozen=True, slots=True)
class Section:
    """One family of the page."""

    name: str
    cumulative: bool
    text_header: bytes
    openmetrics_header: bytes
    shares: tuple[Share, ...]

    @property
    def is_own(self) -> bool:
        """Whether the app alone gives the family."""
        return all(share.producer == OWN for share in self.shares)


@dataclass(frozen=True, slots=True)
class Plan:
    """The order of a page.

    ``cumulative`` of its ``series`` are counts. ``refused`` series do not stand: another
    producer gives them already, or their producer's frame cannot be used.
    """

    sections: tuple[Section, ...] = ()
    series: int = 0
    cumulative: int = 0
    refused: int = 0


def make_plan(candidates: Iterable[Candidate], unusable: int = 0) -> Plan:
    """Order families by name and producers by theirs; refuse what would stand twice.

    The app's own families come before everybody's: nobody may speak in their name.
    """
    ordered = sorted(candidates, key=lambda c: (c.producer != OWN, c.producer))
    shares = _shares(ordered)
    apart = told_apart(ordered)
    claimed = _own_names(shares)
    accepted = {
        name: list(_accepted(name, shares[name], apart, claimed)) for name in sorted(shares)
    }
    sections = [_section(name, tuple(found)) for name, found in accepted.items() if found]
    series = _size(accepted)
    counts = {s.name: s.shares for s in sections if s.cumulative and not s.is_own}
    return Plan(tuple(sections), series, _size(counts), _size(shares) - series + unusable)


def _own_names(shares: Mapping[str, Sequence[Share]]) -> dict[str, str]:
    """The sample names of the app's own families, each with its family."""
    own = [share for found in shares.values() for share in found if share.producer == OWN]
    return {name: share.lines.name for share in own for name in share.lines.sample_names}


def _shares(candidates: Sequence[Candidate]) -> dict[str, list[Share]]:
    """The shares of each family."""
    shares: dict[str, list[Share]] = {}
    for candidate in candidates:
        for place, lines in enumerate(candidate.layout.families):
            shares.setdefault(lines.name, []).append(Share(candidate.producer, place, lines))
    return shares


def _size(shares: Mapping[str, Sequence[Share]]) -> int:
    return sum(share.lines.size for found in shares.values() for share in found)


# -- constant labels ----------------------------------------------------------


def told_apart(candidates: Sequence[Candidate]) -> frozenset[str]:
    """The producers whose constant labels differ from those of every other that has some.

    No line of such a producer can be equal to a line of another such producer. Labels
    are compared by groups with the same names, so that this takes time in proportion to
    the number of producers.
    """
    groups: dict[Names, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.labels:
            names = tuple(name for name, _ in candidate.labels)
            groups.setdefault(names, []).append(candidate)
    labelled = {c.producer for group in groups.values() for c in group}
    return frozenset(labelled.difference(_alike(groups)))


def _alike(groups: Mapping[Names, Sequence[Candidate]]) -> Iterator[str]:
    """Producers that agree with another one in all the names that both have."""
    for names, group in groups.items():
        for other_names, others in groups.items():
            common = frozenset(names).intersection(other_names)
            seen = Counter(_cut(candidate.labels, common) for candidate in others)
            own = 1 if others is group else 0
            for candidate in group:
                if seen[_cut(candidate.labels, common)] > own:
                    yield candidate.producer


def _cut(labels: Labels, names: Collection[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)


# -- what may stand -----------------------------------------------------------


def _accepted(
    name: str, shares: Iterable[Share], apart: Collection[str], claimed: dict[str, str]
) -> Iterator[Share]:
    """The shares that may stand beside those before them.

    ``claimed`` maps every sample name on the page to its family: ``x_count`` may not
    be a sample of a histogram ``x`` and of a family ``x_count``.
    """
    family = _Family(name, apart, claimed)
    for share in shares:
        reason = family.objection(share)
        if reason:
            _report(share, reason)
            continue
        family.take(share)
        yield share


class _Family:
    """What has been accepted for one family."""

    def __init__(self, name: str, apart: Collection[str], claimed: dict[str, str]) -> None:
        self._name: Final = name
        self._apart: Final = apart
        self._claimed: Final = claimed
        self._type = ""
        self._suffixes: set[Names] = set()
        self._all_apart = True
        self._unread: list[Share] = []
        self._series: set[bytes] = set()

    def objection(self, share: Share) -> str:
        """Why the share cannot stand beside the accepted ones; empty if it can."""
        lines = share.lines
        if self._type and lines.type != self._type:
            return f"type {lines.type}, but {self._type} stands already"
        if lines.suffixes not in self._suffixes:
            for name in lines.sample_names:
                owner = self._claimed.get(name, self._name)
                if owner != self._name:
                    return f"{name} belongs to {owner}"
        if self._all_apart and share.producer in self._apart:
            return ""
        return "series stand already" if self._stand(lines) else ""

    def _stand(self, lines: FamilyLayout) -> bool:
        """Whether one of the lines has been accepted already."""
        for share in self._unread:
            self._series.update(share.lines.lines)
        self._unread = []
        return not self._series.isdisjoint(lines.lines)

    def take(self, share: Share) -> None:
        """Remember an accepted share; its lines are read only if a comparison needs them."""
        lines = share.lines
        self._type = lines.type
        if lines.suffixes not in self._suffixes:
            self._suffixes.add(lines.suffixes)
            self._claimed.update(dict.fromkeys(lines.sample_names, self._name))
        self._all_apart = self._all_apart and share.producer in self._apart
        self._unread.append(share)


def _report(share: Share, reason: str) -> None:
    logger.warning(
        "family_refused",
        extra={"family": share.lines.name, "producer": share.producer, "reason": reason},
    )


def _section(name: str, shares: tuple[Share, ...]) -> Section:
    lines = shares[0].lines
    return Section(
        name,
        lines.type in CUMULATIVE,
        text_header(lines),
        openmetrics_header(lines),
        shares,
    )
