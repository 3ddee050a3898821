"""Silent producers and gaps: a preview over a real history, and the ticks that lived through it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.alerting.preview.test_against_ticks import lived
from tests.alerting.test_missing_data import PEERS, START, STEP, Film
from zerostate_monitoring.alerting.preview import preview
from zerostate_monitoring.models import Metric, Node, Rule, RuleGroup
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import NoDataPolicy
from zerostate_monitoring.rules.definitions import AlertingRule

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def film(store):
    Node.objects.create(name="a", base_url="http://a.example:8080")
    Metric.objects.filter(name=PEERS).update(last_seen_at=timezone.now())
    return Film(store)


def rule(**fields):
    group = RuleGroup.objects.create(name="g", interval_seconds=60)
    row = {"expr": f"{PEERS} < 3", "for_duration": 2 * MINUTE, **fields}
    return Rule.objects.create(group=group, name="Few", **row)


def definition_of(row):
    definition = labelled(row)
    assert isinstance(definition, AlertingRule)
    return definition


def previewed(film, row):
    return preview(
        definition_of(row),
        interval_ms=STEP,
        end_ms=film.slot,
        span_ms=film.slot - START,
        on_missing=NoDataPolicy(row.no_data_policy),
    )


def incidents(found):
    return {(one.labels, one.pending_ms, one.fired_ms, one.ended_ms) for one in found.incidents}


@pytest.mark.parametrize("policy", NoDataPolicy)
def test_preview__of_a_silent_producer_is_what_was_lived(film, policy):
    """Kept, resolved or fired, by the rule's policy; and silent minutes do not count."""
    row = rule(no_data_policy=policy)
    film.shows(a=1, b=9, times=3)
    film.shows(a=1, b=1)
    film.shows(up=0.0, times=10)
    film.shows(a=1, b=1)
    film.shows(a=9, b=1, times=2)
    found = previewed(film, row)
    assert found.problem == ""
    assert incidents(found) == lived()
    assert (found.silent, found.missed) == (10, 0)
    assert found.first_silence.startswith(PEERS)


def test_preview__of_series_that_ended_is_what_was_lived(film):
    """A fresh producer that no longer yields a series has resolved it."""
    row = rule(for_duration=timedelta(0))
    film.shows(a=1, b=1)
    film.shows(b=1)
    film.shows()
    found = previewed(film, row)
    assert incidents(found) == lived()
    assert (found.silent, found.missed) == (0, 0)
    assert [one.ended_ms for one in found.incidents] == [START + STEP, START + 2 * STEP]


@pytest.mark.parametrize("minutes", [2, 20])
def test_preview__of_a_gap_is_what_was_lived(film, minutes):
    """Nothing is evaluated without a page: a short gap counts towards ``for``, a long one not."""
    row = rule(for_duration=4 * MINUTE)
    film.shows(a=1, times=2)
    film.slot += minutes * STEP
    film.shows(a=1)
    film.shows(a=1, times=4)
    found = previewed(film, row)
    assert incidents(found) == lived()
    assert found.missed == minutes
    (fired,) = [one.fired_ms for one in found.incidents]
    # One minute before, one more; the gap; and what is left of four.
    assert fired == START + (4 if minutes == 2 else minutes + 4) * STEP


def test_preview__counts_no_slot_from_before_history_began(film):
    """That it is young is said elsewhere; a gap is what lies between pages."""
    row = rule(for_duration=timedelta(0))
    film.shows(a=1, times=3)
    found = preview(definition_of(row), interval_ms=STEP, end_ms=film.slot, span_ms=20 * STEP)
    assert (found.missed, found.times_fired) == (0, 1)


def test_preview__of_absence_as_the_fault_is_what_was_lived(film):
    """``absent()`` looks for what is not there: nothing is kept back from it."""
    row = rule(expr=f"absent({PEERS})", for_duration=timedelta(0))
    film.shows(a=1)
    film.shows(times=2)
    film.shows(a=1)
    found = previewed(film, row)
    assert incidents(found) == lived()
    assert found.times_fired == 1


def test_preview__of_a_rule_that_is_dormant_now_says_so(film):
    """Over the past it is walked all the same: that is what a preview is for."""
    Metric.objects.filter(name=PEERS).update(enabled=False)
    row = rule(for_duration=timedelta(0))
    film.shows(a=1)
    film.shows(a=9)
    found = previewed(film, row)
    assert found.times_fired == 1
    assert f"now the rule would be dormant: {PEERS} is switched off" in found.remarks
