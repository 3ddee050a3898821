"""How a rule stands, of alerts that are at hand: the same as the database sums up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.rules.standing import NOTHING, standing_of, standings
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import LIVE, AlertState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("states", ["", "f", "p", "fp", "ffpa", "aa", "n"])
def test_standing__is_that_of_the_database(states):
    """Firing, pending, acknowledged ones, with values, without one, and none at all."""
    rule, now = make_rule(), timezone.now()
    for place, state in enumerate(states):
        alert = make_alert(rule, f"edge-{place}")
        is_pending = state == "p"
        Alert.objects.filter(pk=alert.pk).update(
            state=AlertState.PENDING if is_pending else AlertState.FIRING,
            started_at=now - timedelta(minutes=place + 2),
            fired_at=None if is_pending else now - timedelta(minutes=place + 1),
            acknowledged_at=now if state == "a" else None,
            value=None if state == "n" else float(place),
        )
    live = list(Alert.objects.filter(rule=rule, state__in=LIVE))
    assert standing_of(live) == standings([rule]).get(rule.pk, NOTHING)
