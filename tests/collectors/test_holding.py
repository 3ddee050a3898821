"""What holds alerts back now and will, and who has taken some on, as counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.collectors.test_alerting import NOW, ago, firing, values
from zerostate_monitoring.collectors.holding import holding
from zerostate_monitoring.models import MaintenanceWindow, Rule, RuleGroup, RuleVersion, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def silence(starts, ends):
    return Silence.objects.create(
        matchers='node="a"', starts_at=starts, ends_at=ends, comment="c", author="ann"
    )


def window(name, **fields):
    base = {"matchers": 'node="a"', "kind": "once", "zone": "UTC"}
    return MaintenanceWindow.objects.create(name=name, **{**base, **fields})


def counts():
    found = values(holding(NOW))
    return {key[1:]: value for key, value in found.items() if key[0] == "silences"}


def test_silences__now_and_to_come_from_zero():
    """Those that are over count nowhere."""
    assert set(counts().values()) == {0}
    silence(ago(60), NOW + HOUR)
    silence(NOW + HOUR, NOW + 2 * HOUR)
    silence(NOW + HOUR, NOW + 3 * HOUR)
    silence(ago(7200), ago(3600))
    assert counts() == {
        ("silence", "active"): 1,
        ("silence", "pending"): 2,
        ("window", "active"): 0,
        ("window", "pending"): 0,
    }


def test_windows__open_ones_and_those_that_come():
    """A weekly one comes again; one that is over, switched off or broken holds nothing back."""
    window("open", starts_at=ago(60), ends_at=NOW + HOUR)
    window("over", starts_at=ago(7200), ends_at=ago(3600))
    window("off", starts_at=ago(60), ends_at=NOW + HOUR, enabled=False)
    window("broken", starts_at=None, ends_at=None)
    tomorrow = (NOW + timedelta(days=1)).weekday()
    window("weekly", kind="weekly", weekdays=[tomorrow], start_time="10:00", end_time="11:00")
    found = counts()
    assert (found["window", "active"], found["window", "pending"]) == (1, 1)


def test_acknowledged__fire_and_were_taken_on():
    """Until the time that was named; ended ones do not count."""
    group = RuleGroup.objects.create(name="g")
    Rule.objects.create(group=group, name="High", expr="x", severity="warning", layer="p2p")
    firing(group)
    firing(group, fingerprint="a", acknowledged_at=ago(60))
    firing(group, fingerprint="b", acknowledged_at=ago(60), acknowledged_until=NOW + HOUR)
    firing(group, fingerprint="c", acknowledged_at=ago(60), acknowledged_until=ago(1))
    firing(group, fingerprint="d", acknowledged_at=ago(60), state=AlertState.RESOLVED)
    found = values(holding(NOW))
    assert found["alerts_acknowledged", "warning"] == 2
    assert found["alerts_acknowledged", "critical"] == 0


def test_changes__are_the_last_of_each_kind():
    """Nothing is said where nothing was ever defined."""
    family = "definitions_changed_timestamp_seconds"
    assert not [key for key in values(holding(NOW)) if key[0] == family]
    rule = Rule.objects.create(group=RuleGroup.objects.create(name="g"), name="R", expr="x")
    RuleVersion.objects.update(changed_at=ago(500))
    RuleVersion.objects.create(rule=rule, version=99, fields={})
    RuleVersion.objects.filter(version=99).update(changed_at=ago(100))
    silence(NOW, NOW + HOUR)
    Silence.objects.update(created_at=ago(50))
    found = values(holding(NOW))
    assert found[family, "rules"] == ago(100).timestamp()
    assert found[family, "silences"] == ago(50).timestamp()
