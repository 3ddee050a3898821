"""Routes in the admin."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from tests.alerting import rows
from zerostate_monitoring.models import Receiver, Route, RouteStep

pytestmark = pytest.mark.django_db

ADD = reverse("admin:zerostate_monitoring_route_add")
LIST = reverse("admin:zerostate_monitoring_route_changelist")
ROUTING = reverse("admin:zerostate_monitoring_routing")


def html(response):
    return unescape(response.content.decode())


def test_add__is_filled_in_with_what_a_route_has_by_itself(browser):
    """Whoever does not know what a group wait is need not say one."""
    text = html(browser.get(ADD))
    for name, value in (
        ("group_wait_seconds", "30s"),
        ("group_interval_seconds", "5m"),
        ("repeat_interval_seconds", "4h"),
    ):
        assert f'name="{name}" value="{value}"' in text


@pytest.fixture
def receivers():
    names = ("mail", "pager", "off")
    return [
        Receiver.objects.create(name=name, kind="email", enabled=name != "off") for name in names
    ]


def data(*receivers, **fields):
    """What the form sends: a route for all with these receivers."""
    sent = {
        "name": "all",
        "position": "1",
        "enabled": "on",
        "matchers": "",
        "group_by": "alertname, fault",
        "group_wait_seconds": "30",
        "group_interval_seconds": "300",
        "repeat_interval_seconds": "14400",
        "steps-TOTAL_FORMS": str(len(receivers) + 1),
        "steps-INITIAL_FORMS": "0",
    }
    for place, receiver in enumerate((*receivers, None)):
        sent[f"steps-{place}-position"] = str(place)
        sent[f"steps-{place}-receiver"] = "" if receiver is None else str(receiver.pk)
        sent[f"steps-{place}-after_seconds"] = "900" if place == 1 and receiver else ""
    return {**sent, **fields}


def route(name, *receivers, position=0, **fields):
    row = Route.objects.create(name=name, position=position, **fields)
    for place, receiver in enumerate(receivers):
        after = 900 if place else None
        RouteStep.objects.create(route=row, position=place, receiver=receiver, after_seconds=after)
    return row


def test_route__is_saved_with_its_receivers(browser, receivers):
    """In their order, with when each is told."""
    mail, pager, _off = receivers
    assert browser.post(ADD, data(mail, pager)).status_code == 302
    row = Route.objects.get()
    assert row.group_by == ["alertname", "fault"]
    steps = [(step.receiver, step.after_seconds) for step in row.steps.all()]
    assert steps == [(mail, None), (pager, 900)]
    text = html(browser.get(LIST))
    assert "mail<br>→ pager (after 15 min)" in text
    assert "all alerts" in text


def test_times__are_written_as_in_rules(browser, receivers):
    """4h, 1h30m, and plain seconds; the receivers' too."""
    times = {
        "group_wait_seconds": "500ms",
        "group_interval_seconds": "1h30m",
        "repeat_interval_seconds": "4h",
        "steps-1-after_seconds": "15m",
    }
    assert browser.post(ADD, data(*receivers[:2], **times)).status_code == 302
    row = Route.objects.get()
    assert (row.group_wait_seconds, row.group_interval_seconds) == (0.5, 5400)
    assert row.repeat_interval_seconds == 14400
    assert [step.after_seconds for step in row.steps.all()] == [None, 900]


def test_order__of_receivers_can_be_changed(browser, receivers):
    """The number alone is a change."""
    mail, pager, _off = receivers
    row = route("all", mail, pager)
    steps = list(row.steps.all())
    sent = {**data(mail, pager), "steps-INITIAL_FORMS": "2"}
    for place, step in enumerate(steps):
        sent |= {f"steps-{place}-id": step.pk, f"steps-{place}-route": row.pk}
    sent |= {"steps-0-position": "5", "steps-1-position": "1"}
    url = reverse("admin:zerostate_monitoring_route_change", args=(row.pk,))
    assert browser.post(url, sent).status_code == 302
    assert [step.receiver for step in row.steps.all()] == [pager, mail]


@pytest.mark.parametrize(
    ("names", "fields", "said"),
    [
        (["mail"], {}, "has no fallback"),
        (["mail", "mail"], {}, "has no fallback"),
        (["mail", "off"], {}, "has no fallback"),
        ([], {"matchers": "severity=info"}, "needs at least one receiver"),
        (["off"], {"matchers": "severity=info"}, "needs at least one receiver"),
        (["mail"], {"matchers": "severity="}, "Line 1: a value of severity is missing."),
        (["mail", "pager"], {"group_by": "alert-name"}, "alert-name is not the name of a label."),
        (["mail", "pager"], {"group_wait_seconds": "-1"}, "It cannot be less than 0."),
        (["mail", "pager"], {"group_interval_seconds": ""}, "This field is required."),
        (["mail", "pager"], {"repeat_interval_seconds": "4 hours"}, "“hours” is no unit"),
        (["mail", "pager"], {"repeat_interval_seconds": "nan"}, "a number is missing"),
        (["mail", "pager"], {"steps-1-after_seconds": "0"}, "It must be more than 0, or empty."),
    ],
)
def test_route__is_refused_with_its_reason(browser, receivers, names, fields, said):
    """Without a fallback for critical alerts, among others."""
    known = {receiver.name: receiver for receiver in receivers}
    text = html(browser.post(ADD, data(*(known[name] for name in names), **fields)))
    assert said in text
    assert not Route.objects.exists()


def test_route__without_critical_needs_one_receiver(browser, receivers):
    """Disabled ones are not judged."""
    mail = receivers[0]
    sent = data(mail, matchers='severity!="critical"')
    assert browser.post(ADD, sent).status_code == 302
    sent = data(mail, name="later")
    del sent["enabled"]
    assert browser.post(ADD, sent).status_code == 302


def test_enabling__is_refused_as_saving_is(browser, receivers):
    """In bulk, those that are well are enabled, and the others named."""
    mail, pager, _off = receivers
    lone = route("lone", mail, enabled=False)
    well = route("well", mail, pager, enabled=False)
    sent = {"action": "enable", "_selected_action": [lone.pk, well.pk]}
    text = html(browser.post(LIST, sent, follow=True))
    assert "one stays disabled: This route can take critical alerts" in text
    enabled = Route.objects.filter(enabled=True).values_list("name", flat=True)
    assert list(enabled) == ["well"]


@pytest.mark.parametrize(
    ("names", "fields", "state"),
    [
        (["mail", "pager"], {}, "enabled"),
        (["mail"], {}, "no fallback"),
        (["off"], {}, "no receiver"),
        (["mail"], {"enabled": False}, "disabled"),
        (["mail", "pager"], {"matchers": "a="}, "broken"),
    ],
)
def test_list__says_its_state(browser, receivers, names, fields, state):
    """With a word each."""
    known = {receiver.name: receiver for receiver in receivers}
    route("r", *(known[name] for name in names), **fields)
    assert f"</span> {state}</span>" in html(browser.get(LIST))


def test_routing__shows_what_each_takes_and_what_nobody_does(browser, receivers):
    """Live alerts by route; those that no route takes stand above all."""
    mail, pager, _off = receivers
    route("critical", pager, mail, position=1, matchers="severity=critical")
    route("broken", mail, position=2, matchers="severity=warning\nteam=")
    Route.objects.filter(name="broken").update(enabled=False)
    rows.alert(severity="critical")
    rows.alert("Slow", severity="warning")
    response = browser.get(ROUTING)
    text = html(response)
    page = response.context["page"]
    assert [(line.name, line.count) for line in page.routes] == [("critical", 1)]
    assert [alert.rule_name for alert in page.unrouted] == ["Slow"]
    assert "1 alert is told to nobody" in text
    assert "pager → mail after 15 min" in text


def test_trial__of_labels_says_who_and_why(browser, receivers):
    """Routes in order, each with its verdict and reason."""
    mail, pager, _off = receivers
    route("critical", pager, mail, position=1, matchers="severity=critical")
    route("rest", mail, pager, position=2)
    page = browser.get(ROUTING, {"labels": "severity=info"}).context["page"]
    told = [(line.look.taken.route.name, line.look.verdict.value) for line in page.trial]
    assert told == [("critical", "no match"), ("rest", "takes")]
    assert page.is_taken
    alert = rows.alert(severity="critical")
    text = html(browser.get(ROUTING, {"alert": alert.pk}))
    assert "critical took the alert and does not continue." in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"labels": "severity="}, "Line 1: a value of severity is missing."),
        ({"labels": "severity=~x"}, "write name=value"),
        ({"alert": "99"}, "Select a valid choice."),
        ({"alert": "x"}, "Select a valid choice."),
        ({"labels": ""}, "Nobody is told: no route takes it"),
    ],
)
def test_trial__of_what_cannot_be_read(browser, query, said):
    """Says why; nothing breaks."""
    assert said in html(browser.get(ROUTING, query))


def test_routing__needs_a_permission(client, django_user_model):
    """Whoever may not look at routes may not look here."""
    client.force_login(django_user_model.objects.create_user("carl", is_staff=True))
    assert client.get(ROUTING).status_code == 403


def test_disabling_a_route__says_what_nobody_hears_of(browser, receivers):
    """Live alerts as an error, whole severities as a warning; and so for deleting."""
    mail, pager, _off = receivers
    critical = route("critical", mail, pager, matchers="severity=critical")
    rest = route("rest", mail, pager, position=9)
    rows.alert(severity="warning")
    sent = {"action": "disable", "_selected_action": [critical.pk]}
    assert "told to nobody" not in html(browser.post(LIST, sent, follow=True))
    Route.objects.update(enabled=True)
    sent = {"action": "disable", "_selected_action": [rest.pk]}
    text = html(browser.post(LIST, sent, follow=True))
    assert "1 live alert is told to nobody." in text
    assert "No route takes all alerts of severity warning, info" in text
    Route.objects.update(enabled=True)
    delete = reverse("admin:zerostate_monitoring_route_delete", args=(rest.pk,))
    assert "1 live alert is told to nobody." in html(
        browser.post(delete, {"post": "y"}, follow=True)
    )
    assert "No route takes all alerts of severity" in html(browser.get(ROUTING))


def test_saving_a_route__says_what_is_left(browser, receivers):
    """One for critical alone leaves the others; one for all leaves none."""
    mail, pager, _off = receivers
    sent = data(mail, pager, matchers="severity=critical", name="critical")
    assert "severity warning, info" in html(browser.post(ADD, sent, follow=True))
    assert "No route takes" not in html(browser.post(ADD, data(mail, pager), follow=True))


def test_deleting_a_route__says_before_what_nobody_would_hear_of(browser, receivers):
    """On the page that asks, of one and of many; nothing is deleted by then."""
    mail, pager, _off = receivers
    route("critical", mail, pager, matchers="severity=critical")
    rest = route("rest", mail, pager, position=9)
    rows.alert(severity="warning")
    delete = reverse("admin:zerostate_monitoring_route_delete", args=(rest.pk,))
    asked = {"action": "delete_selected", "_selected_action": [rest.pk]}
    for text in (html(browser.get(delete)), html(browser.post(LIST, asked))):
        assert "Are you sure" in text
        assert "Without what you delete 1 more live alert is told to nobody." in text
        assert "Once deleted: No route takes all alerts of severity" in text
    assert Route.objects.count() == 2
    assert "Once deleted" not in html(browser.post(delete, {"post": "yes"}, follow=True))
    critical = Route.objects.get()
    delete = reverse("admin:zerostate_monitoring_route_delete", args=(critical.pk,))
    assert "Without what you delete" not in html(browser.get(delete))


def test_page__says_what_is_wrong_and_times_as_rules_do(browser, receivers):
    """A route that was broken past the form says so before anything is sent."""
    row = route("lone", receivers[0])
    page = html(browser.get(reverse("admin:zerostate_monitoring_route_change", args=(row.pk,))))
    assert "has no fallback: add a second" in page.partition('class="errornote"')[2]
    assert 'value="4h"' in page
    assert 'value="14400"' not in page
    assert "has no fallback: add a second" in html(browser.get(LIST))
