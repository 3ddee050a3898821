"""Routes from the database."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting import routing
from zerostate_monitoring.alerting.routing.values import Routed, Step
from zerostate_monitoring.models import Receiver, Route, RouteStep

pytestmark = pytest.mark.django_db


def route(name, position=0, receivers=("mail",), **fields):
    row = Route.objects.create(name=name, position=position, **fields)
    for place, receiver in enumerate(receivers):
        known, _ = Receiver.objects.get_or_create(name=receiver, kind="email")
        RouteStep.objects.create(
            route=row, position=place, receiver=known, after_seconds=60 * place or None
        )
    return row


def test_routes__come_in_their_order_with_their_values():
    """Position decides, and values are those of the row."""
    route("late", 2)
    first = route("first", 1, ("mail", "pager"), group_by=["alertname"], group_wait_seconds=5)
    (taken,) = routing.load().of({})
    assert taken.route == Routed(first.pk, "first", ("alertname",), 5, 300, 4 * 3600)
    mail, pager = Receiver.objects.order_by("pk")
    assert taken.steps == (Step(mail.pk, None, "mail"), Step(pager.pk, 60, "pager"))


def test_disabled_rows__take_nothing():
    """Disabled routes are not looked at, disabled receivers are not told."""
    route("off", 1, enabled=False)
    kept = route("on", 2, ("gone", "pager"))
    Receiver.objects.filter(name="gone").update(enabled=False)
    (taken,) = routing.load().of({})
    assert taken.route.pk == kept.pk
    assert [step.receiver_name for step in taken.steps] == ["pager"]


def test_loading__takes_two_queries_however_many_routes(django_assert_num_queries):
    """The number of queries does not grow with the rows."""
    for place in range(20):
        route(f"r{place}", place, ("mail", "pager"))
    with django_assert_num_queries(2):
        routing.load()


def test_strange_group_by__groups_by_nothing():
    """A row written past the form breaks nothing."""
    route("r", group_by="alertname")
    (taken,) = routing.load().of({})
    assert taken.route.group_by == ()
