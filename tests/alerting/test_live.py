"""Live alerts on the page: each by itself, with its value, and with what holds it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from tests.collectors.test_alerting import NOW, ago, firing, given_by
from zerostate_monitoring.alerting.live import about, live_alerts
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.models import GroupState, MaintenanceWindow, Rule, RuleGroup, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def group():
    made = RuleGroup.objects.create(name="g")
    Rule.objects.create(group=made, name="High", expr="x", severity="warning", layer="p2p")
    return made


def shown():
    """What the page says of each alert, by its number."""
    found = given_by(live_alerts())
    rows = found.get("live_alert_info", {})
    infos = [{name: value for name, value in labels if value} for labels in rows]
    return {info.pop("alert"): info for info in infos}, found


def test_collector__declares_what_it_gives():
    """All its families, and none that another collector declares."""
    families = {CATALOGUE[name].name for name in COLLECTORS["live_alerts"].families}
    assert len(families) == 4
    assert not families & COLLECTORS["alerting"].families


def test_alerts__stand_there_with_labels_and_since_when(group):
    """One that fires since then, one that is pending since it began; ended ones do not."""
    alert = firing(group, labels={"alertname": "High", "node": "n1", "kind": "slow", "site": "b"})
    pending = firing(group, fingerprint="p", state=AlertState.PENDING, fired_at=None)
    firing(group, fingerprint="e", state=AlertState.RESOLVED)
    infos, found = shown()
    assert infos[str(alert.pk)] == {
        "alertname": "High",
        "severity": "warning",
        "layer": "p2p",
        "node": "n1",
        "about": "kind=slow, site=b",
        "alertstate": "firing",
        "held_by": "nothing",
    }
    assert infos[str(pending.pk)]["alertstate"] == "pending"
    since = found["live_alert_since_timestamp_seconds"]
    assert since == {
        (("alert", str(alert.pk)),): ago(300).timestamp(),
        (("alert", str(pending.pk)),): ago(600).timestamp(),
    }
    assert found["live_alerts_left_out"] == {(): 0}


def test_values__are_those_of_the_last_evaluation(group):
    """Else those of the last transition; what is no number has none."""
    now, before, unknown, none = (
        firing(group, fingerprint=key, value=value)
        for key, value in (("a", 1.0), ("b", 2.5), ("c", 3.0), ("d", None))
    )
    GroupState.objects.create(group=group, values={str(now.pk): "7", str(unknown.pk): "NaN"})
    _, found = shown()
    assert found["live_alert_value"] == {
        (("alert", str(now.pk)),): 7,
        (("alert", str(before.pk)),): 2.5,
    }
    assert none.pk


@pytest.mark.parametrize(
    ("kind", "hold"),
    [
        ("silence", lambda: silence('alertname="High"')),
        ("window", lambda: window('alertname="High"')),
        ("nothing", lambda: silence('alertname="Other"')),
    ],
)
def test_held__by_what_is_active_now(group, kind, hold):
    """As delivery decides it."""
    alert = firing(group)
    hold()
    assert shown()[0][str(alert.pk)]["held_by"] == kind


def silence(matchers):
    Silence.objects.create(
        matchers=matchers, starts_at=ago(60), ends_at=NOW + HOUR, comment="c", author="ann"
    )


def window(matchers):
    MaintenanceWindow.objects.create(
        name="w", matchers=matchers, kind="once", zone="UTC", starts_at=ago(60), ends_at=NOW + HOUR
    )


@pytest.mark.parametrize(("names", "said"), [(False, "somebody"), (True, "ann")])
def test_acknowledged__by_name_only_where_that_may_stand_there(group, settings, names, said):
    """Until its time is over, and where an Alertmanager sends, too."""
    settings.ZEROSTATE_MONITORING_ALERTS_NAME_PEOPLE = names
    ann = User.objects.create_user("ann")
    taken = {"acknowledged_at": ago(60), "acknowledged_by": ann}
    alert = firing(group, **taken)
    over = firing(group, fingerprint="o", acknowledged_until=ago(1), **taken)
    for evaluate in (True, False):
        settings.ZEROSTATE_MONITORING_EVALUATE = evaluate
        infos, _ = shown()
        assert infos[str(alert.pk)]["held_by"] == "acknowledged"
        assert infos[str(alert.pk)]["acknowledged_by"] == said
        assert infos[str(over.pk)]["held_by"] == "nothing"
        assert "acknowledged_by" not in infos[str(over.pk)]


def test_silences__hold_nothing_back_where_an_alertmanager_sends(group, settings):
    """They are this app's, and it sends nothing then."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    alert = firing(group)
    silence('alertname="High"')
    assert shown()[0][str(alert.pk)]["held_by"] == "nothing"


def test_alerts__beyond_the_limit_are_counted(group, settings):
    """The critical and the oldest are shown; the rest are a number."""
    settings.ZEROSTATE_MONITORING_ALERTS_ON_PAGE = 3
    new = firing(group, fingerprint="new", started_at=ago(10))
    pending = firing(group, fingerprint="p", state=AlertState.PENDING, started_at=ago(9000))
    old = firing(group, fingerprint="old")
    critical = firing(group, fingerprint="c", severity="critical", started_at=ago(1))
    strange = firing(group, fingerprint="s", severity="page", started_at=ago(9000))
    infos, found = shown()
    assert set(infos) == {str(one.pk) for one in (critical, old, new)}
    assert found["live_alerts_left_out"] == {(): 2}
    assert {pending.pk, strange.pk}.isdisjoint(map(int, infos))
    settings.ZEROSTATE_MONITORING_ALERTS_ON_PAGE = 0
    assert shown()[0] == {}
    assert shown()[1]["live_alerts_left_out"] == {(): 5}


def test_alerts__cost_the_same_number_of_queries_however_many(group, django_assert_num_queries):
    """A scrape's neighbour must not slow down while a network burns."""
    firing(group)
    with django_assert_num_queries(4):
        list(live_alerts())
    for n in range(20):
        firing(group, fingerprint=f"n{n}")
    with django_assert_num_queries(4):
        list(live_alerts())


def test_about__is_short_and_can_be_written():
    """Whatever somebody's labels hold, the page stays one."""
    assert about({"b": "\ud800", "a": 1, "node": "n", "severity": "x"}) == "a=1, b=?"
    assert len(about({"a": "x" * 1000})) == 200
