"""Nodes by state, from their rows and what their last scrapes left word of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.node_state import state_of
from zerostate_monitoring.models import Node
from zerostate_monitoring.models.words import in_words

_ORDER: Final = ("bad", "good", "none", "off")
_LISTED: Final = 8


@dataclass(frozen=True, slots=True)
class Nodes:
    """How many nodes are in which state, and the first of those that are down."""

    states: Sequence[tuple[SafeString, int]] = ()
    down: Sequence[dict[str, Any]] = ()
    up: int = 0
    down_count: int = 0
    total: int = 0

    @property
    def more(self) -> int:
        """How many that are down are not listed."""
        return self.down_count - len(self.down)


def nodes_by_state(notes: Mapping[str, Mapping[str, Any]]) -> Nodes:
    """All rows in one query; without a note a node's state is unknown."""
    rows = list(Node.objects.only("name", "enabled").order_by("name"))
    states = [(row, state_of(row, notes.get(row.name))) for row in rows]
    counts = Counter(state for _row, state in states)
    order = sorted(counts, key=lambda state: (_ORDER.index(state[0]), state[1]))
    down = [row for row, (tone, _word) in states if tone == "bad"]
    return Nodes(
        states=[(display.badge(*state), counts[state]) for state in order],
        down=[_shown(row, notes.get(row.name, {})) for row in down[:_LISTED]],
        up=sum(tone == "good" for _row, (tone, _word) in states),
        down_count=len(down),
        total=len(rows),
    )


def _shown(row: Node, note: Mapping[str, Any]) -> dict[str, Any]:
    kind, error = note.get("error_kind") or "", str(note.get("error") or "")
    return {"pk": row.pk, "name": row.name, "error": in_words(error)[:120] or kind}
