"""Two who edit one row: the second is told who was first and what they said, and loses nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.admin.rules.posting import GROUP, change_url, errors, said_by, text
from tests.models.rules import make_group, make_rule
from zerostate_monitoring.admin.receiver_form import form_of
from zerostate_monitoring.admin.seen import SEEN, _digests
from zerostate_monitoring.models import (
    Inhibition,
    MaintenanceWindow,
    Node,
    Receiver,
    Route,
    RouteStep,
    Rule,
    Silence,
)
from zerostate_monitoring.notifiers.secrets import seal

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def second(browser):
    """Another operator, in a browser of her own."""
    client = Client()
    client.force_login(User.objects.create_superuser("second", "s@example.org", "x"))
    return client


def opened(client, url):
    """What the hidden field holds when the page is opened."""
    return client.get(url).context["adminform"].form.seen


def rule_with_two(browser, second, **theirs):
    """A rule that both have opened, and that the first has saved."""
    rule = make_rule()
    url = change_url(rule)
    first, other = opened(browser, url), opened(second, url)
    saved = browser.post(url, said_by(rule, **{SEEN: first, **theirs}))
    assert saved.status_code == 302
    return rule, url, other


def test_second__is_told_and_keeps_what_was_typed(browser, second):
    """Who, what since, and both texts; the form holds one's own; nothing is saved."""
    rule, url, seen = rule_with_two(browser, second, for_duration="9m", remark="too loud")
    response = second.post(url, said_by(rule, for_duration="2m", owner="network", **{SEEN: seen}))

    (said,) = errors(response)["__all__"]
    assert said.startswith("root has changed this since you opened it: For.")
    page = text(response)
    assert "for_duration: 1m → 9m (too loud)" in page
    conflict = response.context["adminform"].form.conflict
    assert [(one.label, one.theirs, one.yours) for one in conflict.fields] == [("For", "9m", "2m")]
    assert 'value="2m"' in page
    assert 'value="network"' in page
    rule.refresh_from_db()
    assert (rule.version, rule.owner) == (2, "")


def test_second__saves_again_having_seen_it(browser, second):
    """The page that told holds what stands now; sent once more, it takes its place."""
    rule, url, seen = rule_with_two(browser, second, for_duration="9m")
    form = said_by(rule, for_duration="2m")
    told = second.post(url, {**form, SEEN: seen})
    now = told.context["adminform"].form.seen
    assert second.post(url, {**form, SEEN: now}).status_code == 302
    rule.refresh_from_db()
    assert rule.version == 3
    assert str(rule.for_duration) == "0:02:00"


def test_second__is_told_by_preview_and_while_typing(browser, second, store):
    """Not only when it is too late."""
    rule, url, seen = rule_with_two(browser, second, owner="network")
    form = said_by(rule, for_duration="2m", **{SEEN: seen})
    assert 'id="conflict"' in text(second.post(url, {**form, "_preview": "1"}))
    check = reverse("admin:zerostate_monitoring_rule_check", args=[rule.pk])
    assert 'id="conflict"' in second.post(check, form).json()["panel"]


def test_second__of_what_is_no_text(browser, second):
    """A rule that was disabled from the list meanwhile is changed, too."""
    rule = make_rule()
    seen = opened(second, change_url(rule))
    Rule.objects.filter(pk=rule.pk).update(enabled=False)
    response = second.post(change_url(rule), said_by(rule, owner="x", **{SEEN: seen}))
    (said,) = errors(response)["__all__"]
    assert "Enabled" in said
    assert "Somebody else" in said


def test_alone__nothing_is_asked(browser):
    """Saved twice in a row, and with a page that was opened at an older version."""
    rule = make_rule()
    url = change_url(rule)
    for owner in ("a", "b"):
        seen = opened(browser, url)
        assert browser.post(url, said_by(rule, owner=owner, **{SEEN: seen})).status_code == 302
    seen = browser.get(url, {"version": "1"}).context["adminform"].form.seen
    assert browser.post(url, said_by(rule, owner="", **{SEEN: seen})).status_code == 302
    rule.refresh_from_db()
    assert rule.version == 4


def test_version__that_is_shown_is_not_what_stands(browser, second):
    """Who opens an old version and is overtaken is told, too."""
    rule = make_rule()
    url = change_url(rule)
    browser.post(url, said_by(rule, owner="a"))
    seen = second.get(url, {"version": "1"}).context["adminform"].form.seen
    browser.post(url, said_by(rule, owner="b"))
    response = second.post(url, said_by(rule, owner="", **{SEEN: seen}))
    assert "Owner" in errors(response)["__all__"][0]


@pytest.mark.parametrize("way", ["?way=threshold", ""])
def test_forms__in_both_ways(browser, second, way):
    """The builder shows parts; they are compared as they are shown."""
    rule = make_rule(expr="max by (node) (zerostate_node_up) == 0")
    seen = opened(second, change_url(rule) + way)
    browser.post(change_url(rule), said_by(rule, expr="max by (node) (zerostate_node_up) == 1"))
    form = second.get(change_url(rule) + way).context["adminform"].form
    data = {**said_by(rule), "metric": "zerostate_node_up", "aggregation": "max", "by": "node",
            "comparison": "==", "threshold": "0", "conditions": "", "function": "", "window": "",
            SEEN: seen}  # fmt: skip
    response = second.post(change_url(rule) + way, data)
    assert form.seen != seen
    assert response.context["adminform"].form.conflict is not None


@pytest.mark.parametrize(
    "seen", ["", "{", "[]", "null", '{"at": "x"}', "x" * 30_000, '{"at": 1e308}']
)
def test_seen__whatever_is_sent(browser, seen):
    """A field that says nothing is no reason to refuse, nor to fail."""
    rule = make_rule()
    assert browser.post(change_url(rule), said_by(rule, **{SEEN: seen})).status_code == 302


def test_group_route_receiver__likewise(browser, second):
    """Wherever two may edit one."""
    group = make_group("network", interval_seconds=30)
    route = Route.objects.create(name="all", position=1)
    receiver = Receiver.objects.create(name="watch", kind="webhook")
    for row, form in (
        (group, {**GROUP, "name": "renamed"}),
        (route, {"name": "renamed"}),
        (receiver, {"name": "renamed"}),
    ):
        name = row._meta.model_name
        url = reverse(f"admin:zerostate_monitoring_{name}_change", args=[row.pk])
        page = second.get(url)
        assert f'name="{SEEN}"' in text(page)
        seen = page.context["adminform"].form.seen
        type(row).objects.filter(pk=row.pk).update(enabled=False)
        response = second.post(url, {**form, SEEN: seen})
        assert response.context["adminform"].form.conflict is not None, name
        row.refresh_from_db()
        assert row.name != "renamed"


def test_viewer__has_no_such_field(viewer):
    """Who may not save has nothing to lose."""
    assert f'name="{SEEN}"' not in text(viewer.get(change_url(make_rule())))


def test_seen__holds_digests_alone(browser):
    """No text of a row leaves in it, least of all a secret."""
    receiver = Receiver.objects.create(name="watch", kind="webhook", secret="hidden")
    url = reverse("admin:zerostate_monitoring_receiver_change", args=[receiver.pk])
    held = json.loads(opened(browser, url))
    assert all(len(str(digest)) == 12 for name, digest in held.items() if name != "at")


# -- what stands in no field ----------------------------------------------------------


def route_of(*receivers):
    """A route that tells these, one after the other."""
    route = Route.objects.create(name="all", position=1)
    for place, receiver in enumerate(receivers):
        RouteStep.objects.create(route=route, position=place, receiver=receiver)
    return route


def sent_of(route, *lines, more=2):
    """What the form of a route sends, with lines of a step (or none) and a receiver."""
    sent = {"name": route.name, "position": "1", "enabled": "on", "group_wait_seconds": "30s",
            "group_interval_seconds": "5m", "repeat_interval_seconds": "4h",
            "steps-TOTAL_FORMS": str(len(lines) + more),
            "steps-INITIAL_FORMS": str(sum(step is not None for step, _ in lines))}  # fmt: skip
    for place, (step, receiver) in enumerate(lines):
        sent |= {
            f"steps-{place}-id": "" if step is None else str(step.pk),
            f"steps-{place}-route": str(route.pk),
            f"steps-{place}-position": str(place),
            f"steps-{place}-receiver": str(receiver.pk),
        }
    return sent


@pytest.fixture
def receivers():
    """Three whom a route may tell."""
    names = ("mail", "pager", "desk")
    return [Receiver.objects.create(name=name, kind="email") for name in names]


def test_lines__are_watched_with_their_route(browser, second, receivers):
    """The first puts another receiver in; the second, who renames the route, is told."""
    mail, pager, desk = receivers
    route = route_of(mail, pager)
    url = reverse("admin:zerostate_monitoring_route_change", args=[route.pk])
    steps = list(route.steps.all())
    first, seen = opened(browser, url), opened(second, url)
    lines = [(steps[0], mail), (steps[1], pager)]
    saved = browser.post(url, {**sent_of(route, (steps[0], mail), (steps[1], desk)), SEEN: first})
    assert saved.status_code == 302

    response = second.post(url, {**sent_of(route, *lines), "name": "everything", SEEN: seen})
    (other,) = response.context["adminform"].form.conflict.fields
    assert (other.label, other.theirs, other.yours) == (
        "Receivers", "mail → desk", "mail → pager",
    )  # fmt: skip
    assert "root" in text(response)
    route.refresh_from_db()
    assert route.name == "all"
    assert [step.receiver for step in route.steps.all()] == [mail, desk]
    again = {**sent_of(route, *lines), SEEN: response.context["adminform"].form.seen}
    assert second.post(url, again).status_code == 302
    assert [step.receiver for step in route.steps.all()] == [mail, pager]


def test_lines__alone_nothing_is_asked(browser, receivers):
    """One's own lines are no other operator's."""
    mail, pager, desk = receivers
    route = route_of(mail, pager)
    url = reverse("admin:zerostate_monitoring_route_change", args=[route.pk])
    one, two = route.steps.all()
    sent = sent_of(route, (one, mail), (two, pager), (None, desk))
    assert browser.post(url, {**sent, SEEN: opened(browser, url)}).status_code == 302
    assert route.steps.count() == 3


def test_line__that_somebody_took_away_is_named(browser, second, receivers):
    """Having been told, the second is not held up by a line that is no more without a word."""
    mail, pager, _desk = receivers
    route = route_of(mail, pager, mail)
    url = reverse("admin:zerostate_monitoring_route_change", args=[route.pk])
    one, two, three = route.steps.all()
    seen = opened(second, url)
    three.delete()
    sent = sent_of(route, (one, mail), (two, pager), (three, mail))
    told = second.post(url, {**sent, SEEN: seen})
    now = told.context["adminform"].form.seen
    response = second.post(url, {**sent, SEEN: now})
    assert "Somebody else has taken a line away" in text(response)
    sent["steps-2-DELETE"] = "on"
    assert second.post(url, {**sent, SEEN: now}).status_code == 302
    assert route.steps.count() == 2


def test_node_window_inhibition_silence__likewise(browser, second, store):
    """Each form that somebody edits while another does."""
    now = timezone.now()
    span = {"starts_at": now - HOUR, "ends_at": now + HOUR}
    rows = (
        Node.objects.create(name="n1", base_url="http://n1.example", role="edge"),
        MaintenanceWindow.objects.create(name="w", matchers="a=b", kind="once", **span),
        Inhibition.objects.create(name="i", source_matchers="a=b", target_matchers="c=d"),
        Silence.objects.create(matchers="a=b", comment="c", author="x", **span),
    )
    for row in rows:
        name = row._meta.model_name
        url = reverse(f"admin:zerostate_monitoring_{name}_change", args=[row.pk])
        seen = opened(second, url)
        field = "comment" if name == "silence" else "name"
        type(row).objects.filter(pk=row.pk).update(**{field: "theirs"})
        response = second.post(url, {field: "mine", SEEN: seen})
        assert "theirs" in [
            one.theirs for one in response.context["adminform"].form.conflict.fields
        ], name
        row.refresh_from_db()
        assert getattr(row, field) == "theirs"


def test_node__tried_out_by_the_second(browser, second, store, settings):
    """Asking a node saves nothing, so it is not refused; it is told."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    node = Node.objects.create(name="n1", base_url="http://n1.example", role="edge")
    url = reverse("admin:zerostate_monitoring_node_change", args=[node.pk])
    seen = opened(second, url)
    Node.objects.update(metrics_path="/other")
    form = {"name": "n1", "role": "edge", "base_url": "http://n1.example", "metrics_path": "/m"}
    response = second.post(url, {**form, "labels": "{}", "_try": "1", SEEN: seen})
    assert 'id="conflict"' in text(response)
    assert response.context["trial"] is not None


def test_secret__that_somebody_changed_is_told_and_not_shown(browser, second, store):
    """Of nodes and of receivers; neither value is on the page."""
    node = Node.objects.create(name="n1", base_url="http://n1.example", token="first-token")
    receiver = Receiver(name="hook", kind="webhook", config={"url": "https://hook.example/"})
    receiver.secret = seal({"token": "first-token"})
    receiver.save()
    changes = (
        (node, {"token": "second-token"}),
        (receiver, {"secret": seal({"token": "second-token"})}),
    )
    for row, change in changes:
        url = reverse(f"admin:zerostate_monitoring_{row._meta.model_name}_change", args=[row.pk])
        seen = opened(second, url)
        type(row).objects.filter(pk=row.pk).update(**change)
        response = second.post(url, {"name": row.name, SEEN: seen})
        fields = response.context["adminform"].form.conflict.fields
        found = {one.label.lower(): (one.theirs, one.yours) for one in fields}
        assert found["bearer token"] == ("not shown", "not shown")
        assert "second-token" not in text(response)


def test_seen__nobody_finds_a_secret_by_trying(browser, settings):
    """Digests are of this project's key."""
    receiver = Receiver.objects.create(name="watch", kind="webhook")
    url = reverse("admin:zerostate_monitoring_receiver_change", args=[receiver.pk])
    name = json.loads(opened(browser, url))["name"]
    with override_settings(SECRET_KEY="another"):
        assert _digests(form_of("webhook")(instance=receiver))["name"] != name
