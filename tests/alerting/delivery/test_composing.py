"""What a message says of an alert."""

from __future__ import annotations

import pytest

from tests.alerting.making import alert, rule
from zerostate_monitoring.alerting.delivery.composing import view_of
from zerostate_monitoring.models import GroupState
from zerostate_monitoring.models.outbox import Notice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("notice", "newest", "told"),
    [
        (Notice.FIRED, "200", 95.0),
        (Notice.RESOLVED, "200", 95.0),
        (Notice.REPEATED, "200", 200.0),
        (Notice.ESCALATED, "+Inf", float("inf")),
        (Notice.REPEATED, "NaN", None),
        (Notice.REPEATED, None, 95.0),
    ],
)
def test_value__is_the_newest_where_an_alert_is_told_again(notice, newest, told):
    """Four hours after it fired its value then says nothing about now."""
    row = alert(rule=rule(), value=95.0)
    values = {} if newest is None else {str(row.pk): newest}
    GroupState.objects.create(group=row.rule.group, values=values)
    assert view_of(row, notice).value == told


def test_value__without_a_rule_is_that_of_its_firing():
    """As of one that an Alertmanager told of."""
    assert view_of(alert(value=95.0), Notice.REPEATED).value == 95.0
