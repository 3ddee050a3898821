"""Each reason why somebody was told, or not, is said: on a terminal and on a page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse

from tests.alerting.delivery.house import down, refused
from zerostate_monitoring.alerting.acknowledging import acknowledge
from zerostate_monitoring.alerting.verdicts import Verdict
from zerostate_monitoring.models import Inhibition, MaintenanceWindow, Silence
from zerostate_monitoring.models.words import Health
from zerostate_monitoring.notifiers.base import Answer


def no_data(story):
    rule = story.rule("gone > 0.2", 1)
    story.page.verdicts[rule.pk] = Verdict(Health.NO_DATA, "The collector p2p is silent.")
    story.go(1)
    return rule, [
        "No data since 2023-11-14 22:13:",
        ": The collector p2p is silent.",
        "There was no alert of it then.",
    ]


def below(story):
    rule = story.rule("fail > 0.9", 1)
    story.go(1)
    return rule, [
        "The expression gives no series (from history).",
        'fail {node="b"}: 0.5 is not above 0.9.',
        "So nothing is pending or fires by it.",
    ]


def not_long_enough(story):
    rule = story.rule(minutes=2)
    story.go(1.5)
    return rule, [
        'fail {node="b"}: 0.5 is above 0.2.',
        "It is pending since 2023-11-14 22:13:00 UTC: true for 1 min 16 s of 2 min.",
        "It fires at 2023-11-14 22:15:00 UTC if it lasts.",
    ]


def silenced(story):
    rule = story.rule()
    story.team()
    Silence.objects.create(
        matchers='node="b"',
        starts_at=story.now,
        ends_at=story.now + timedelta(hours=1),
        comment="disk is changed",
        author="ann",
    )
    story.go(1)
    assert not story.recorder.taken
    return rule, [
        "not sent: Silence ",
        "Held back: Now: Silence ",
        " by ann until 2023-11-14 23:13 UTC. disk is changed",
        "team is told “fired”: suppressed",
    ]


def in_a_window(story):
    rule = story.rule()
    story.team()
    MaintenanceWindow.objects.create(
        name="disks",
        matchers="node=b",
        kind="once",
        starts_at=story.now,
        ends_at=story.now + timedelta(hours=1),
    )
    story.go(1)
    return rule, ["Held back: Now: Maintenance window disks until 2023-11-14 23:13 UTC."]


def inhibited(story):
    rule = story.rule()
    story.rule("fail > 0.4", name="SiteDown", labels={"site": "down"}, position=-0)
    story.team()
    Inhibition.objects.create(
        name="site", source_matchers="alertname=SiteDown", target_matchers="alertname=Failing"
    )
    story.go(1)
    return rule, ["Held back: Now: SiteDown (alert ", ") fires: inhibition site."]


def acknowledged(story):
    rule = story.rule()
    story.team()
    story.go(1)
    acknowledge(story.alert(node="b"), story.user, "looking into it", None)
    story.go(1)
    return rule, ["acknowledged", "Held back: Now: Acknowledged. looking into it"]


def observing(story):
    rule = story.rule(observing_until=story.now + timedelta(hours=20))
    story.team()
    story.go(1)
    assert not story.recorder.taken
    return rule, [
        "It is observed until 2023-11-15 18:13:00 UTC: nothing is sent.",
        "Held back: Now: Its rule is observed until 2023-11-15 18:13 UTC.",
    ]


def unrouted(story):
    rule = story.rule()
    story.team(matchers="severity=critical")
    story.go(1)
    return rule, [
        'Route: to team: severity="critical" is not met: it is ""',
        "Route: No route takes it: nobody is told.",
        "Told: Nobody was to be told anything.",
    ]


def answered(story):
    rule = story.rule()
    story.team()
    story.recorder.script["team"] = [down(503), Answer("accepted", 202)]
    story.go(3)
    return rule, [
        "Now nothing holds it back.",
        "Route: to team → team: ",
        "team is told “fired”: sent at 2023-11-14 22:1",
        "2 tries",
        "Answer: 202 accepted",
    ]


def dead(story):
    rule = story.rule()
    story.team()
    story.recorder.always["team"] = refused(404)
    story.go(1)
    return rule, ["team is told “fired”: dead letter", "Answer: 404 it said 404"]


REASONS = [
    no_data, below, not_long_enough, silenced, in_a_window, inhibited, acknowledged, observing,
    unrouted, answered, dead,
]  # fmt: skip


@pytest.fixture
def told(story, admin_user):
    story.user = admin_user
    return story


@pytest.mark.parametrize("reason", REASONS)
def test_explain__says_why(told, reason, capsys, client, admin_user):
    """The same sentences from the command, on the rule's page, and on the alert's."""
    rule, sentences = reason(told)
    call_command("monitoring_explain", rule.name)
    printed = capsys.readouterr().out
    client.force_login(admin_user)
    pages = [client.get(reverse("admin:zerostate_monitoring_rule_explain", args=[rule.pk]))]
    for alert in rule.alerts.all():
        url = reverse("admin:zerostate_monitoring_alert_explain", args=[alert.pk])
        pages.append(client.get(url))
    shown = [
        "\n".join(line for one in page.context["sections"] for line in one.lines) for page in pages
    ]
    for sentence in sentences:
        for text in (printed, *shown):
            assert sentence in text, text


def test_explain__at_a_time_before(told, capsys):
    """What was known then: not that it fires, is acknowledged, and was sent since."""
    rule = told.rule(minutes=1)
    told.team()
    told.go(0.75)
    then = told.now
    told.go(3)
    acknowledge(told.alert(node="b"), told.user, "looking into it", None)
    call_command("monitoring_explain", "Failing", "--at", then.isoformat())
    before = capsys.readouterr().out
    assert "true for 30 s of 1 min" in before
    assert "looking" not in before
    assert "sent" not in before
    call_command("monitoring_explain", "Failing", "--at=-3m")
    assert capsys.readouterr().out == before
    call_command("monitoring_explain", "Failing")
    now = capsys.readouterr().out
    assert "It fires since" in now
    assert "sent at" in now
    assert told.told(rule, then) in told.told(rule, then)


def test_explain__of_some_labels(told, capsys, client, admin_user):
    """One series of several: what is lacking of it alone."""
    rule = told.rule()
    told.go(1)
    call_command("monitoring_explain", "Failing", "--labels", "node=a")
    printed = capsys.readouterr().out
    client.force_login(admin_user)
    page = client.get(
        reverse("admin:zerostate_monitoring_rule_explain", args=[rule.pk]), {"labels": "node=a"}
    ).content.decode()
    for text in (printed, page.replace("&quot;", '"')):
        assert 'fail {node="a"}: 0.12 is not above 0.2.' in text
        assert 'node="b"' not in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at": "someday"}, "is no time: write now, -5m"),
        ({"labels": "node"}, "node"),
        ({"labels": "node=~a"}, "labels are named with ="),
    ],
)
def test_page__says_what_is_wrong(told, client, admin_user, asked, said):
    """And explains what it can."""
    rule = told.rule()
    told.go()
    client.force_login(admin_user)
    page = client.get(reverse("admin:zerostate_monitoring_rule_explain", args=[rule.pk]), asked)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert "errornote" in page.content.decode()
    assert "expr: fail" in page.content.decode()


def test_page__is_for_those_who_may_see_rules(told, client):
    """403 for others, 404 for no rule."""
    rule = told.rule()
    client.force_login(User.objects.create_user("eve", is_staff=True))
    url = reverse("admin:zerostate_monitoring_rule_explain", args=[rule.pk])
    assert client.get(url).status_code == 403
    client.force_login(told.user)
    missing = reverse("admin:zerostate_monitoring_rule_explain", args=[rule.pk + 1])
    assert client.get(missing).status_code == 404
