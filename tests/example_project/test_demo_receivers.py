"""The demonstration tells two mailboxes, and leaves alone what somebody changed."""

from __future__ import annotations

import pytest

from example_project.demo.receivers import FALLBACK, MAILBOX, route_to_mailbox
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.models import Receiver, Route, RouteStep
from zerostate_monitoring.notifiers.checking import faults_of

pytestmark = pytest.mark.django_db


def receivers_of(**labels):
    """Names of the receivers of an alert, in their order, with their patience."""
    names = dict(Receiver.objects.values_list("pk", "name"))
    return [
        (names[step.receiver_id], step.after_seconds)
        for taken in load().of({"alertname": "X", **labels})
        for step in taken.steps
    ]


def test_route_to_mailbox__critical_alerts_have_a_fallback():
    """The others go to the mailbox alone; nothing is unrouted."""
    route_to_mailbox()
    assert receivers_of(severity="critical") == [(MAILBOX, None), (FALLBACK, 300)]
    for others in ({"severity": "warning"}, {"severity": "info"}, {}):
        assert receivers_of(**others) == [(MAILBOX, None)]


def test_route_to_mailbox__is_what_admin_would_take():
    """No form would refuse one of its rows."""
    route_to_mailbox()
    for receiver in Receiver.objects.all():
        receiver.full_clean()
        assert not faults_of(receiver)
    for route in Route.objects.all():
        route.full_clean()
        assert route.step_faults(list(route.steps.values_list("receiver", flat=True))) == []


def test_route_to_mailbox__again_changes_nothing():
    """Neither doubles, nor takes back what somebody has changed since."""
    route_to_mailbox()
    Receiver.objects.filter(name=MAILBOX).update(enabled=False)
    Route.objects.get(name="Critical").steps.last().delete()
    before = [list(model.objects.order_by("pk").values()) for model in (Receiver, Route, RouteStep)]
    route_to_mailbox()
    after = [list(model.objects.order_by("pk").values()) for model in (Receiver, Route, RouteStep)]
    assert before == after
