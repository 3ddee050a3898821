"""Ticks with restarts, edits, missed slots and crashes, beside the reference.

Nothing is held in memory between two ticks, so that each of them is a restart.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

import pytest
from django.db import Error as DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.alerting.evaluation.harness import Installation, group, labels_of, rule, state
from tests.alerting.reference import PENDING, Reference, Refused
from zerostate_monitoring.alerting.evaluation import persisting
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.outbox import OutboxEntry
from zerostate_monitoring.models.receiver import Receiver, Route, RouteStep
from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.models.rule_group import RuleGroup

COUNTED: Final = 4
SLOT: Final = 15
NODES: Final = "abcd"


class Slot(NamedTuple):
    """A column so many slots after the last, on which these nodes are bad."""

    bad: frozenset[str]
    slots: int
    crashes: bool


class Edit(NamedTuple):
    """Of a rule and its group; seconds."""

    hold: int
    keep: int
    limit: int


# Most nodes stay as they are: what counts is how long something lasts.
SLOTS = st.builds(
    Slot,
    st.sampled_from(
        [frozenset("a"), frozenset("ab"), frozenset("abc"), frozenset(), *map(frozenset, "bd")]
    ),
    st.sampled_from([1, 1, 2, COUNTED, COUNTED + 1, 9]),
    st.sampled_from([False, False, False, True]),
)
DURATIONS = st.sampled_from([0, 15, 20, 30, 60, 75, 150])
EDITS = st.builds(Edit, DURATIONS, DURATIONS, st.sampled_from([0, 0, 0, 2]))


class Walk:
    """One installation, and what the reference makes of the slots that it evaluated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Alert.objects.all().delete()
        RuleGroup.objects.all().delete()
        self._monkeypatch = monkeypatch
        self.made = Installation(monkeypatch)
        self.group = group()
        self.rule = rule(self.group, expr="bad > 0")
        self.reference = Reference()
        self.live: dict[str, str] = {}
        self.passed = self.last = self.evaluated = 0

    def edit(self, edit: Edit) -> None:
        """As an operator does: name and labels stay."""
        self.reference.hold, self.reference.keep, self.reference.limit = edit
        holds = {"for_duration": edit.hold, "keep_firing_for": edit.keep}
        seconds = {name: timedelta(seconds=value) for name, value in holds.items()}
        Rule.objects.filter(pk=self.rule.pk).update(**seconds)
        RuleGroup.objects.filter(pk=self.group.pk).update(limit=edit.limit)

    def slot(self, slot: Slot) -> None:
        """A column and a tick; what was not evaluated is missed."""
        column = {labels_of("bad", node=node): float(node in slot.bad) for node in NODES}
        self.made.column(column, slots=slot.slots)
        self.passed += slot.slots if self.evaluated else 1
        if self._ticked(crashes=slot.crashes):
            self._follow(slot.bad)

    def _ticked(self, *, crashes: bool) -> int:
        with self._monkeypatch.context() as patched:
            if crashes:
                patched.setattr(persisting, "_write_evaluation", _crash)
            return self.made.tick()

    def _follow(self, bad: frozenset[str]) -> None:
        """What the reference says, where what does not count has not passed."""
        gap = self.passed - self.last if self.evaluated else 1
        self.last = self.passed
        self.evaluated += 1
        if gap > COUNTED:
            self._lose(gap - 1)
        try:
            live = self.reference.evaluate(self.passed * SLOT, sorted(bad))
        except Refused:
            self._lose(gap if gap <= COUNTED else 1)
            return
        self.live = {key: one[0] for key, one in live.items()}

    def _lose(self, slots: int) -> None:
        """Time that counts neither towards ``for`` nor towards ``keep_firing_for``."""
        for one in self.reference.active.values():
            if one.state == PENDING:
                one.active_at += slots * SLOT
            elif one.keep_since is not None:
                one.keep_since += slots * SLOT

    def check(self) -> None:
        """Rows, trail and outbox say the same."""
        rows = Alert.objects.filter(state__in=("pending", "firing"))
        assert {row.labels["node"]: row.state for row in rows} == self.live
        for alert in Alert.objects.all():
            moves = AlertEvent.objects.filter(
                alert=alert, kind__in=("pending", "firing", "back_to_pending", *ENDS)
            )
            last = moves.order_by("pk").last()
            assert last is not None
            assert WORDS.get(last.kind, last.kind) == alert.state
        for event in AlertEvent.objects.filter(kind__in=("firing", "resolved")):
            assert OutboxEntry.objects.filter(event=event).count() == 1
        if self.evaluated:
            found = state(self.group)
            assert found.slots_evaluated == self.evaluated


ENDS: Final = ("resolved", "expired")
WORDS: Final = {"back_to_pending": "pending"}


def _crash(*_: object) -> None:
    raise DatabaseError("the server is gone")


@pytest.fixture
def told(db: None) -> None:
    """A receiver for all alerts."""
    receiver = Receiver.objects.create(name="all", kind="webhook", config={})
    route = Route.objects.create(name="all", position=1)
    RouteStep.objects.create(route=route, receiver=receiver)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=EDITS, walk=st.lists(SLOTS | SLOTS | SLOTS | EDITS, min_size=4, max_size=16))
@pytest.mark.usefixtures("told")
def test_walk__is_the_references(
    first: Edit, walk: list[Slot | Edit], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same is live, in the same state, whatever was missed, edited, or broken off."""
    taken = Walk(monkeypatch)
    for step in (first, *walk):
        if isinstance(step, Edit):
            taken.edit(step)
        else:
            taken.slot(step)
        taken.check()
