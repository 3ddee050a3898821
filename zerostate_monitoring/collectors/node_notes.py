"""What is written into the notes of a node, and read from them; see ``node_names``."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from zerostate_monitoring.sources.nodes.orchestrator import Report
from zerostate_monitoring.sources.nodes.probes import Probes
from zerostate_monitoring.sources.nodes.scrape import Known, Scrape
from zerostate_monitoring.sources.nodes.select import NO_MEMBERS

_MAX_REFUSED: Final = 50
_MAX_TEXT: Final = 200
_EMPTY: Final[tuple[Any, ...]] = (None, "", {})


def note_of(scrape: Scrape, *, left_at: float | None = None) -> dict[str, Any]:
    """What admin and the doctor show of a node's last scrape, and the next one needs.

    ``left_at`` is when a scrape first found that an ephemeral node has left.
    What is empty is left out: there is a note for each node and it is read at each scrape.
    """
    report = scrape.known.report
    note = {
        "up": scrape.up,
        "left": left_at is not None,
        "left_at": left_at,
        "at": scrape.at,
        "error": scrape.error,
        "error_kind": scrape.error_kind,
        "duration": scrape.duration,
        "samples": scrape.samples,
        "dropped": scrape.dropped,
        "refused": _first(scrape.refused),
        "refused_more": max(0, len(scrape.refused) - _MAX_REFUSED) or None,
        "overflow": dict(scrape.overflow),
        "members": dict(scrape.known.members),
        **scrape.known.probes.as_note(),
        "orchestrator": None if report is None else report.as_note(),
        "orchestrator_errors": None if report is None else dict(report.errors),
    }
    return {name: value for name, value in note.items() if value not in _EMPTY}


def _first(refused: Mapping[str, str]) -> dict[str, str]:
    """As many reasons as anybody reads: their number and length are the node's to choose."""
    first = islice(refused.items(), _MAX_REFUSED)
    return {name[:_MAX_TEXT]: reason[:_MAX_TEXT] for name, reason in first}


def known_of(note: Mapping[str, Any] | None) -> Known:
    """What ``note_of`` says that earlier scrapes found out; nothing for a new node.

    Nor for one whose note another version of this app has left.
    """
    if note is None:
        return Known()
    report = note.get("orchestrator")
    try:
        return Known(
            probes=Probes.of_note(note),
            report=None if report is None else Report.of_note(report),
            members=note.get("members", NO_MEMBERS),
        )
    except (KeyError, TypeError, ValueError):
        return Known()


def peers_note(scrape: Scrape) -> dict[str, Any] | None:
    """The node's peer list, if this scrape asked for it and it gave one."""
    probes = scrape.known.probes
    if probes.peers is None:
        return None
    return {"at": scrape.at, "peer_id": probes.peer_id, "peers": list(probes.peers)}
