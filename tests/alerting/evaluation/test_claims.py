"""Who may evaluate a slot."""

from __future__ import annotations

from tests.alerting.evaluation.harness import INTERVAL_MS, START_MS, Installation, at, group, rule
from zerostate_monitoring.alerting.editing import overtake
from zerostate_monitoring.alerting.evaluation.claims import claim_due
from zerostate_monitoring.alerting.evaluation.slots import Clock
from zerostate_monitoring.models.rule_group import GroupState


def test_claim__by_one_who_read_before_the_last_slot_was_written_is_refused(
    made: Installation,
) -> None:
    """It would count that slot as missed, and bridge a gap that there is not."""
    for name in ("first", "second"):
        rule(group(name), name.title())
    before = list(claim_due(Clock(START_MS, START_MS, INTERVAL_MS), at(START_MS)))
    assert [one.group.name for one in before] == ["first", "second"]
    GroupState.objects.filter(group=before[0].group).update(claimed_until=None)
    next_ms = START_MS + INTERVAL_MS
    late = claim_due(Clock(next_ms, next_ms, INTERVAL_MS), at(next_ms))
    assert next(late).group.name == "first"
    written = GroupState.objects.filter(group=before[1].group, token=before[1].token)
    assert written.update(last_slot_ms=START_MS, claimed_until=None)
    assert list(late) == []
    (again,) = claim_due(Clock(next_ms, next_ms, INTERVAL_MS), at(next_ms))
    assert (again.group.name, again.last_ms, again.missed) == ("second", START_MS, 0)


def test_claim__by_one_who_read_an_older_token_is_refused(made: Installation) -> None:
    """An edit has overtaken it since: its token would be none that stands, and its slot lost."""
    for name in ("first", "second"):
        rule(group(name), name.title())
    claims = claim_due(Clock(START_MS, START_MS, INTERVAL_MS), at(START_MS))
    assert next(claims).group.name == "first"
    overtake([GroupState.objects.get(group__name="second").group_id])
    assert list(claims) == []
    (again,) = claim_due(Clock(START_MS, START_MS, INTERVAL_MS), at(START_MS))
    assert again.token == GroupState.objects.get(group__name="second").token
