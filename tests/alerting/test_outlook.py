"""What becomes of alerts when a rule is saved: said before, of what it gives now."""

from __future__ import annotations

import pytest

from tests.admin.scene import make_history
from tests.alerting.alerts import make_alert
from tests.models.rules import EXPR, make_rule, new_rule
from zerostate_monitoring.alerting.impact import Impact
from zerostate_monitoring.alerting.outlook import foreseen, outlook
from zerostate_monitoring.alerting.states import Present
from zerostate_monitoring.models import Alert, Receiver, Route, RouteStep, Rule
from zerostate_monitoring.models.words import RuleKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(settings, request):
    """An hour in which relay-2 has gone down."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    return make_history(request.getfixturevalue("store"))


def route_to(name):
    receiver = Receiver.objects.create(name=name, kind="webhook")
    route = Route.objects.create(name="all", position=1)
    RouteStep.objects.create(route=route, receiver=receiver, position=0)


def edited(rule, **changes):
    found = Rule.objects.get(pk=rule.pk)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def nodes(labels):
    return [one["node"] for one in labels]


def test_foreseen__by_the_keys_of_alerts():
    """What is live and given goes on; what is live alone is over; what is given alone begins."""
    stays, goes = Alert(fingerprint="a"), Alert(fingerprint="b")
    given = [Present(key, (("node", key),), {}, 1.0) for key in "ac"]
    found = foreseen(Impact(kept=(stays, goes)), given)
    assert found.over == (goes,)
    assert nodes(found.begun) == ["c"]


def test_outlook__of_a_new_rule(history):
    """All that it gives begins, and whom the routes name is told."""
    route_to("night watch")
    found = outlook(None, new_rule(expr=EXPR))
    assert nodes(found.begun) == ["relay-2"]
    assert found.told == {"night watch": 1}
    assert not found.is_empty


def test_outlook__of_an_edit(history):
    """A threshold that takes others: what it no longer gives is over."""
    rule = make_rule(expr=EXPR)
    alert = make_alert(rule, "edge-7")
    found = outlook(rule, edited(rule, expr="max by (node) (zerostate_node_up) == 1"))
    assert found.over == (alert,)
    assert sorted(nodes(found.begun)) == ["boot-1", "edge-1", "edge-2", "relay-1"]
    assert found.impact.closed == ()
    assert found.unrouted == 5


def test_outlook__of_another_name(history):
    """All end at once, and begin under the new one."""
    rule = make_rule(expr=EXPR)
    alert = make_alert(rule, "relay-2")
    found = outlook(rule, edited(rule, name="NodeGone"))
    assert found.ended == (alert,)
    assert nodes(found.begun) == ["relay-2"]


@pytest.mark.parametrize(
    "changes", [{"enabled": False}, {"kind": RuleKind.RECORDING, "severity": "", "annotations": {}}]
)
def test_outlook__of_what_makes_no_alerts(changes):
    """Nothing is asked of the store, which is away here, and nothing begins."""
    rule = make_rule()
    found = outlook(rule, edited(rule, **changes))
    assert found.begun == ()
    assert found.problem == ""


def test_outlook__without_an_answer(settings):
    """The reason, with what to do; what the edit itself ends is known all the same."""
    settings.ZEROSTATE_MONITORING_REDIS_URL = "redis://127.0.0.1:1/0"
    rule = make_rule()
    alert = make_alert(rule, "edge-7")
    found = outlook(rule, edited(rule, name="NodeGone"))
    assert found.impact.closed == (alert,)
    assert found.problem.endswith("The rule can be saved all the same; Doctor says what is away.")


def test_outlook__queries_are_constant(history, django_assert_num_queries):
    """However many alerts there are."""
    route_to("night watch")
    rule = make_rule(expr=EXPR)
    after = edited(rule)
    _ = rule.group, after.group
    for node in range(20):
        make_alert(rule, f"edge-{node}")
    with django_assert_num_queries(3):
        outlook(rule, after)
