"""What of a node's page is kept, under which names and labels.

Deciding is done once per schema; after that a scrape picks values by index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Final
from weakref import WeakValueDictionary

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.sources.nodes.choose import choose
from zerostate_monitoring.sources.nodes.memory import MAX_SERIES, Memory
from zerostate_monitoring.sources.nodes.rules import Rules
from zerostate_monitoring.sources.nodes.selection import Selection

NO_MEMBERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Decided:
    """A selection, and what it was made for."""

    page: Schema
    rules: Rules
    constant: tuple[str, ...]
    members: Mapping[str, str]
    selection: Selection

    def fits(
        self, page: Schema, rules: Rules, constant: tuple[str, ...], members: Mapping[str, str]
    ) -> bool:
        """Whether deciding anew would give the same."""
        if self.rules is not rules or self.constant != constant:
            return False
        if members not in (self.selection.members, self.members):
            return False
        return self.page is page or (self.page.size == page.size and self.page == page)


class Selector:
    """Remember the latest selection of each target; bounded, safe for threads.

    Targets with equal pages share one.
    """

    def __init__(self, max_targets: int = 4096, max_series: int = MAX_SERIES) -> None:
        self._memory: Final[Memory[_Decided]] = Memory(max_targets, max_series)
        self._shared: Final[WeakValueDictionary[_Key, _Decided]] = WeakValueDictionary()
        self._lock: Final = Lock()

    def select(
        self,
        target: str,
        page: Frame,
        rules: Rules,
        labels: Labels,
        members: Mapping[str, str] = NO_MEMBERS,
    ) -> Selection:
        """The selection for a page of ``target`` under ``rules``.

        ``labels`` are constant; ``members`` is what the last selection said of full
        families, in whichever process it was made.
        """
        schema, constant = page.schema, tuple(name for name, _ in labels)
        with self._lock:
            own = self._memory.get(target, page.at)
        if own is not None and own.fits(schema, rules, constant, members):
            return own.selection
        key = (schema.digest, constant, tuple(sorted(members.items())))
        with self._lock:
            found = self._shared.get(key)
        if found is None or found.rules is not rules:
            selection = choose(schema, rules, constant, members)
            found = _Decided(schema, rules, constant, members, selection)
        with self._lock:
            self._shared[key] = found
            size = max(schema.size, found.selection.schema.size)
            self._memory.put(target, found, size, page.at)
        return found.selection

    def forget(self, target: str) -> None:
        """Drop what is known of ``target``."""
        with self._lock:
            self._memory.forget(target)


_Key = tuple[bytes, tuple[str, ...], tuple[tuple[str, str], ...]]
