"""The page of one alert: in plain words what is, and all that happened to it."""

from __future__ import annotations

import math
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.alerts.pictures import chart_now
from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part, pack
from zerostate_monitoring.models import Alert, AlertEvent, Evidence
from zerostate_monitoring.models.words import AlertState, EndReason, EventKind

pytestmark = pytest.mark.django_db


def page_of(browser, alert):
    address = reverse("admin:zerostate_monitoring_alert_change", args=[alert.pk])
    return " ".join(browser.get(address).content.decode().split())


def the(name, node):
    return Alert.objects.get(rule_name=name, labels__node=node)


def test_firing__in_plain_words(browser):
    """How long, the value against the threshold, the runbook, who was told and what they said."""
    page = page_of(browser, make_scene())
    for said in (
        "Firing for",
        "value 0 against a threshold of 0",
        "needs somebody to look at it",
        "https://runbooks.example/node-down",
        "to on-call, 202, accepted",
        "Silence this one for",
    ):
        assert said in page


def test_values__have_the_unit_of_the_rule(browser):
    """In the sentence, the facts and the timeline alike; the threshold, too."""
    share = (
        'sum(increase(zerostate_tasks_total{status="failed"}[5m]))'
        " / sum(increase(zerostate_tasks_total[5m])) > 0.1"
    )
    alert = make_alert(make_rule(expr=share))
    Alert.objects.filter(pk=alert.pk).update(value=0.4553)
    AlertEvent.objects.create(
        alert=alert, at=timezone.now(), kind=EventKind.FIRING, detail={"value": "0.2"}
    )
    html = page_of(browser, alert)
    for said in (
        "value 45.53 % against a threshold of 10 %",
        "<td>45.53 %</td>",
        "value 20 %",
    ):
        assert said in html


def test_timeline__in_order_with_who_did_it(browser):
    """Pending, firing, taken on, sent, not delivered; and a strip of it."""
    make_scene()
    page = page_of(browser, the("FewPeers", "edge-2"))
    table = page.split("<h2>Timeline</h2>")[1].split("</table>")[0]
    places = [table.index(f"</span> {word}<") for word in ("pending", "firing", "acknowledged")]
    assert places == sorted(places)
    assert "looking into it" in table
    assert "root" in table
    assert "could not be delivered" in page
    assert "no such channel" in page
    assert "<svg" in table
    assert "Acknowledged by root" in page


def test_timeline__silences_stand_in_it(browser):
    """One made from the alert: by whom, until when, and why; in the strip, too."""
    alert = make_scene()
    now = timezone.now()
    alert.silences.create(
        matchers="a=b",
        starts_at=now,
        ends_at=now + timedelta(hours=4),
        author="ada",
        comment="new disks",
    )
    timeline = page_of(browser, alert).split("<h2>Timeline</h2>")[1].split("</table>")[0]
    assert "</span> silenced<" in timeline
    assert "new disks" in timeline
    assert "ada" in timeline
    assert ">silenced<" in timeline.split("</svg>")[0]


def test_timeline__names_the_slot_of_an_outcome(browser):
    """An event is written after its slot; both times are there."""
    alert = make_scene()
    alert.events.filter(kind=EventKind.FIRING).update(slot_ms=1_790_000_000_000)
    assert "value 0, slot 14:13:20" in page_of(browser, alert)


def test_pending__and_nobody_is_told(browser):
    """Said in so many words, and nothing to acknowledge is offered."""
    make_scene()
    page = page_of(browser, the("FewPeers", "relay-1"))
    assert "Nobody is told yet." in page
    assert "It has not fired, so there was nothing to tell." in page
    assert 'action="../acknowledge/"' not in page


def test_unrouted__in_red(browser):
    """No receiver, and what to do."""
    make_scene()
    page = page_of(browser, the("FewPeers", "boot-1"))
    assert "no route takes this alert" in page


def test_ended__says_why(browser):
    """How long it fired, until when, and the reason."""
    make_scene()
    page = page_of(browser, the("EdgeNodeDown", "edge-1"))
    assert "the expression gives it no longer" in page
    assert 'action="../silence/"' not in page
    assert "This alert was" in page


def test_without_a_rule__it_is_still_there(browser):
    """An alert outlives its rule."""
    alert = make_alert(make_rule())
    alert.rule.delete()
    page = page_of(browser, alert)
    assert "its rule was deleted" in page
    explain = reverse("admin:zerostate_monitoring_alert_explain", args=[alert.pk])
    assert "Its rule is gone" in browser.get(explain).content.decode()


def test_hostile__texts_are_texts(browser):
    """Labels, annotations and details of an alert that somebody else has made."""
    hostile = "<script>alert(1)</script>"
    alert = make_alert(
        make_rule(),
        hostile,
        annotations={
            "summary": hostile, "description": hostile, "runbook_url": "javascript:alert(1)",
        },
        held=hostile,
    )  # fmt: skip
    for kind in EventKind:
        AlertEvent.objects.create(
            alert=alert,
            kind=kind,
            at=timezone.now(),
            detail={"value": hostile, "reason": hostile, "comment": hostile, "until": hostile},
        )
    page = page_of(browser, alert)
    assert hostile not in page
    assert 'href="javascript:' not in page


@pytest.mark.parametrize("detail", [None, [], "x", {"seconds": "x"}, {"until": 5}, {"value": None}])
def test_events__of_any_shape(browser, detail):
    """What an older version has written is shown as far as it can be."""
    alert = make_alert(make_rule())
    for kind in EventKind:
        AlertEvent.objects.create(alert=alert, kind=kind, at=timezone.now(), detail=detail or {})
    assert "Timeline" in page_of(browser, alert)


def test_others__of_the_same_rule(browser):
    """What else its rule says, now and before."""
    rule = make_rule()
    alert = make_alert(rule, "edge-1")
    make_alert(rule, "edge-2")
    make_alert(
        rule,
        "edge-3",
        AlertState.RESOLVED,
        ended_at=timezone.now() - timedelta(hours=1),
        end_reason=EndReason.RESOLVED,
    )
    others = page_of(browser, alert).split("<h2>Other alerts of this rule")[1]
    assert others.index("edge-2") < others.index("edge-3")
    assert "edge-1" not in others


@pytest.mark.parametrize("key", ["77", "x", "9" * 40])
@pytest.mark.parametrize("page", ["change", "explain", "history", "silence"])
def test_no_such_alert(browser, key, page):
    """Not there, and no error; Django leads back from its own pages."""
    answer = browser.get(f"/admin/zerostate_monitoring/alert/{key}/{page}/")
    assert answer.status_code in {302, 404}


@pytest.mark.parametrize("at", ["", "now", "-5m", "x", "\x00", "9" * 400, "2026-01-31T12:00:00Z"])
def test_explain__at_any_time(browser, store, at):
    """It tells, or says what is wrong with the time."""
    alert = make_scene()
    address = reverse("admin:zerostate_monitoring_alert_explain", args=[alert.pk])
    assert browser.get(address, {"at": at}).status_code == 200


@pytest.mark.parametrize(("series", "shown"), [(None, "Value –"), ({"node": "a"}, "Value unknown")])
def test_value__that_nobody_said_is_no_number(browser, series, shown):
    """An Alertmanager's message has no value; NaN is one that was evaluated."""
    alert = make_alert(make_rule(), state=AlertState.FIRING, value=None)
    Alert.objects.filter(pk=alert.pk).update(series=series)
    text = re.sub(r"<[^>]+>|\s", " ", page_of(browser, alert))
    assert shown.lower() in " ".join(text.split()).lower()


def test_now__is_of_the_alerts_own_series(browser, history):
    """With the limit and the time in which it fires; what other nodes do is not its matter."""
    rule = make_rule(name="Few", expr="sum by (node) (zerostate_peer_connections) < 25")
    at = timezone.now() - timedelta(minutes=9)
    alert = make_alert(rule, "edge-1", started_at=at, fired_at=at)
    now = page_of(browser, alert).split('id="now"')[1].split('id="timeline"')[0]
    assert now.count("<g data-line=") == 1
    assert 'data-limit="25.0"' in now
    assert "<title>firing</title>" in now


def test_now__asks_little_of_the_database(history, django_assert_max_num_queries):
    """The page has the alert and its rule already: once for what is kept of the metric."""
    rule = make_rule(name="Few", expr="sum by (node) (zerostate_peer_connections) < 25")
    alert = Alert.objects.select_related("rule__group").get(pk=make_alert(rule, "edge-1").pk)
    with django_assert_max_num_queries(1):
        assert chart_now(alert).picture


def test_page__is_light_with_all_its_pictures(browser, history):
    """Four transitions with as many lines as are kept, for three quarters of an hour each."""
    rule = make_rule(name="Few", expr="sum by (node) (zerostate_peer_connections) < 25")
    alert = make_alert(rule, "edge-1")
    at = round(timezone.now().timestamp() * 1000)
    times = range(at, at + 180 * 15_000, 15_000)
    lines = tuple(
        Line({"n": f"{n}"}, times, [math.sin(k * n) for k in range(180)]) for n in range(20)
    )
    found = Pack(at, times[-1], 15_000, tuple(Part(one, lines) for one in ("a", "b", "c", "d")))
    for place, kind in enumerate(("pending", "firing", "resolved", "pending")):
        Evidence.objects.create(alert=alert, kind=kind, at_ms=at + place, series=pack(found))
    page = page_of(browser, alert)
    assert page.count("<figure") == 4 * 3 + 1
    assert len(page) < 300_000
