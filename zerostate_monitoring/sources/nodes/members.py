"""Which label sets of a full family keep series of their own; the others become ``other``.

A set that is in stays in while it is on the page: were it put out for a newcomer, its
whole count would jump into ``other``, and a jump is what ``increase`` reads as events.
Who is in is kept with what is known of the node, for the next scrape may be made by
another worker: as text, six bytes of a hash for each set.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Kind
from zerostate_monitoring.frames.exemplar import Labels

OTHER: Final = "other"
BEGUN: Final = ""
"""In place of a family's name: under it stand the counters that the node has shown."""

_BYTES: Final = 6
_NEAR: Final = 0.9
_REFILL: Final = 0.5
_MAX_OTHERS: Final = 100
_BOUNDS: Final = {Kind.HISTOGRAM: "le", Kind.SUMMARY: "quantile"}


def members(
    sets: Iterable[Labels], *, limit: int, known: str, always: Collection[Labels]
) -> tuple[Collection[Labels], str]:
    """The sets that are in, at most ``limit`` beside those of ``always``, and their text.

    ``known`` is the text of the last time. Places that get free are given to others only
    when half of them are, for whom has been in ``other`` leaves a gap there. The text is
    empty while the family is far from its limit.
    """
    found = dict.fromkeys(labels for labels in sets if labels not in always)
    if len(found) <= _NEAR * limit:
        return {*found, *always}, ""
    named = {labels: _name(labels) for labels in found}
    inside = list(found) if len(found) <= limit else _stayed(named, known, limit)
    return {*inside, *always}, b64encode(b"".join(named[labels] for labels in inside)).decode()


def _stayed(named: dict[Labels, bytes], known: str, limit: int) -> list[Labels]:
    before = _names(known)
    stayed = [labels for labels, name in named.items() if name in before][:limit]
    if len(stayed) >= _REFILL * limit:
        return stayed
    chosen = set(stayed)
    fresh = [labels for labels in named if labels not in chosen]
    return stayed + fresh[: limit - len(stayed)]


def noted(names: Iterable[str]) -> str:
    """Names of families as text, as short as that of members."""
    return b64encode(b"".join(map(_name, sorted(names)))).decode()


def is_noted(text: str) -> Callable[[str], bool]:
    """Whether a name is among those of which ``noted`` made ``text``."""
    known = _names(text)
    return lambda name: _name(name) in known


def _name(thing: Labels | str) -> bytes:
    return hashlib.blake2b(repr(thing).encode(), digest_size=_BYTES).digest()


def _names(text: str) -> frozenset[bytes]:
    """The hashes in a text; none of them in one that is damaged."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return frozenset()
    return frozenset(raw[i : i + _BYTES] for i in range(0, len(raw), _BYTES))


class Fold:
    """Says what of a label set is ``other``.

    First the labels that can grow and those that the catalogue does not know; the rest
    is kept, unless that makes too many sets, too: then all labels are ``other``.
    """

    def __init__(self, definition: Definition) -> None:
        self._bounded: Final = frozenset(definition.labels) - frozenset(definition.unbounded)
        self._others: Final[set[Labels]] = set()

    def __call__(self, own: Labels) -> Labels:
        """``own`` without what tells it from the others that are left out."""
        kept = tuple((name, value if name in self._bounded else OTHER) for name, value in own)
        if kept != own and (kept in self._others or len(self._others) < _MAX_OTHERS):
            self._others.add(kept)
            return kept
        return tuple((name, OTHER) for name, _ in own)


def parted(labels: Labels, kind: Kind) -> tuple[Labels, Labels]:
    """The labels that tell a series of ``kind``, and the one that tells its samples."""
    bound = _BOUNDS.get(kind)
    if bound is None:
        return labels, ()
    own = tuple(pair for pair in labels if pair[0] != bound)
    return own, tuple(pair for pair in labels if pair[0] == bound)
