"""Reputation: what a peer has earned, and the blacklist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.instrumentation.families import counts, levels
from zerostate_monitoring.instrumentation.operations import (
    Amount,
    Id,
    Operation,
    Step,
    checked,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_score: Final = levels("zerostate_economic_reputation_score")
_executed: Final = counts("zerostate_economic_tasks_executed_total")
_success_rate: Final = levels("zerostate_economic_success_rate")
_average_seconds: Final = levels("zerostate_economic_average_duration_seconds")
_average_cost: Final = levels("zerostate_economic_average_cost")
_decays: Final = counts("zerostate_economic_reputation_decay_total")
_blacklisted: Final = levels("zerostate_economic_blacklisted_peers")
_blacklist_events: Final = counts("zerostate_economic_blacklist_events_total")
_violations: Final = counts("zerostate_economic_violations_total")


def reputation_updated(
    peer_id: Id,
    score: float,
    *,
    success_rate: float | None = None,
    average_seconds: float | None = None,
    average_cost: Amount | None = None,
) -> None:
    """A peer's trust from 0 to 1, and what it rests on where that is known."""
    peer = word("peer_id", peer_id)
    figures = [(_score, checked("score", score))]
    if success_rate is not None:
        figures.append((_success_rate, checked("success_rate", success_rate)))
    if average_seconds is not None:
        figures.append((_average_seconds, checked("average_seconds", average_seconds)))
    if average_cost is not None:
        figures.append((_average_cost, checked("average_cost", average_cost)))
    for family, value in figures:
        family[peer](value)


def task_executed(peer_id: Id, *, ok: bool) -> None:
    """A peer carried a task out."""
    _executed[word("peer_id", peer_id), "success" if ok else "failure"](1)


def reputation_decayed(peer_id: Id) -> None:
    """A peer's trust was lowered because time had passed."""
    _decays[word("peer_id", peer_id)](1)


def peer_gone(peer_id: Id) -> None:
    """A peer left for good: its series end."""
    peer = word("peer_id", peer_id)
    for family in (_score, _success_rate, _average_seconds, _average_cost, _decays):
        family.end(peer)
    for result in ("success", "failure"):
        _executed.end(peer, result)


def blacklisted_peers(count: int) -> None:
    """So many peers are on the blacklist."""
    _blacklisted[()](checked("count", count))


def blacklist_event(kind: str) -> None:
    """A peer was added, removed, or its time expired."""
    _blacklist_events[word("kind", kind)](1)


def violation(kind: str) -> None:
    """The rules were broken, such as by timeout or failed_task."""
    _violations[word("kind", kind)](1)


def reputation_recording(peer_id: Id | None = None) -> Step:
    """Follow that an outcome is written into a peer's record."""
    return Step(names.REPUTATION_RECORD, {names.PEER_ID: peer_id})


class ReputationCalculation(Step):
    """The working out of a peer's trust; ``score`` is what came of it, once it is known."""

    def __init__(self, peer_id: Id | None) -> None:
        super().__init__(names.REPUTATION_CALCULATE, {names.PEER_ID: peer_id})
        self.score: Amount | None = None

    @property
    def outcome(self) -> Mapping[str, Attribute]:
        return said({names.REPUTATION_SCORE: self.score})


def reputation_calculation(peer_id: Id | None = None) -> ReputationCalculation:
    """Follow that a peer's trust is worked out; set ``score`` to say it."""
    return ReputationCalculation(peer_id)


class Blacklisting(Operation):
    """A change of the blacklist."""

    span_name = names.REPUTATION_BLACKLIST

    def __init__(self, kind: str, peer_id: Id | None) -> None:
        self.kind = word("kind", kind)
        self._peer_id = peer_id

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.BLACKLIST_ACTION: self.kind, names.PEER_ID: self._peer_id})

    def record(self) -> None:
        if self.ok:
            blacklist_event(self.kind)


def blacklisting(kind: str, *, peer_id: Id | None = None) -> Blacklisting:
    """Follow that a peer is added or removed, or its time expires; done, it is counted."""
    return Blacklisting(kind, peer_id)
