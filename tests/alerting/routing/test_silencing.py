"""Ways of critical alerts to people that are closed: told to the log of security."""

from __future__ import annotations

import logging

import pytest
from django.db import connection, transaction
from django.urls import reverse

from tests.models.rules import make_rule
from zerostate_monitoring.logs.security import LOGGER
from zerostate_monitoring.models import Receiver, Route, Rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules():
    Rule.objects.all().delete()
    Route.objects.all().delete()
    make_rule(name="Down", severity="critical")
    make_rule(name="Lost", severity="critical")
    make_rule(name="Slow", severity="warning")


def route(name, matchers="", *, receivers=("mail", "pager"), **fields):
    made = Route.objects.create(name=name, matchers=matchers, **fields)
    for place, one in enumerate(receivers):
        receiver = Receiver.objects.get_or_create(name=one, kind="canary")[0]
        made.steps.create(receiver=receiver, position=place)
    return made


@pytest.fixture
def told(caplog):
    """What the log of security says of this: by what, how, and of which rules."""
    caplog.set_level(logging.INFO, LOGGER)

    def said(run):
        connection.run_on_commit.clear()
        run()
        while connection.run_on_commit:
            connection.run_on_commit.pop(0)[1]()
        records = [vars(one) for one in caplog.records if one.msg == "critical_silenced"]
        caplog.clear()
        return [(one["kind"], one["change"], one["rules"]) for one in records], records

    return said


def saved(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def test_route__that_takes_critical_alerts_no_more_is_told(told):
    """Disabled, or asked for less: the rules that it no longer takes."""
    row = route("all")
    assert told(lambda: saved(row, position=3))[0] == []
    less = 'alertname="Lost"'
    assert told(lambda: saved(row, matchers=less))[0] == [("route", "matchers", ["Down"])]
    events, [record] = told(lambda: saved(row, enabled=False))
    assert events == [("route", "disabled", ["Lost"])]
    assert (record["route"], record["matchers"], record["rule_count"]) == ("all", less, 1)
    assert told(lambda: saved(row, enabled=True))[0] == []


def test_route__that_is_deleted_is_told(told):
    """One that was disabled took nothing, nor did one of warnings take what is critical."""
    route("off", enabled=False)
    route("warnings", 'severity="warning"')
    route("all")
    events, records = told(Route.objects.all().delete)
    assert events == [("route", "deleted", ["Down", "Lost"])]
    assert [record["route"] for record in records] == ["all"]


def test_receiver__that_is_disabled_is_told(told):
    """Of which routes, and who is left; one that no route of critical alerts has is not."""
    route("all", 'alertname="Down"')
    route("warnings", 'severity="warning"', receivers=("chat",))
    chat, mail = (Receiver.objects.get(name=name) for name in ("chat", "mail"))
    assert told(lambda: saved(chat, enabled=False))[0] == []
    events, [record] = told(lambda: saved(mail, enabled=False))
    assert events == [("receiver", "disabled", ["Down"])]
    assert (record["receiver"], record["routes"], record["left"]) == ("mail", ["all"], ["pager"])
    assert told(lambda: saved(mail, config={}))[0] == []


def test_change__that_is_taken_back_has_silenced_nothing(told):
    """Told once the transaction is kept."""
    row = route("all")

    def change():
        with transaction.atomic():
            saved(row, enabled=False)
            transaction.set_rollback(True)

    assert told(change)[0] == []


@pytest.mark.parametrize("kind", ["route", "receiver"])
def test_list__tells_of_what_its_action_disables(told, admin_client, kind):
    """An update sends no signal."""
    row = route("all", receivers=("mail", "pager", "chat"))
    chosen = row if kind == "route" else Receiver.objects.get(name="mail")
    data = {"action": "disable", "_selected_action": [chosen.pk]}
    address = reverse(f"admin:zerostate_monitoring_{kind}_changelist")
    events, _ = told(lambda: admin_client.post(address, data))
    assert events == [(kind, "disabled", ["Down", "Lost"])]
    chosen.refresh_from_db()
    assert not chosen.enabled
