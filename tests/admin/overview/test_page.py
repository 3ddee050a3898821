"""The overview: what it says, to whom, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.overview.figures import Shown
from zerostate_monitoring.collectors.node_names import NOTE
from zerostate_monitoring.models import (
    Alert,
    Collector,
    Evaluation,
    GroupState,
    Message,
    Node,
    Receiver,
    ReceiverState,
    Route,
    RouteStep,
    RuleGroup,
    Silence,
)
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

OVERVIEW = reverse("admin:zerostate_monitoring_overview_changelist")
OLD = reverse("admin:zerostate_monitoring_alert_overview")
ALERTS = reverse("admin:zerostate_monitoring_alert_changelist")


def text(response):
    return response.content.decode()


def sign(browser, title):
    signs = browser.get(OVERVIEW).context["signs"]
    return next(f"{one['badge']} {one['text']}" for one in signs if one["title"] == title)


def silence(matchers):
    now = timezone.now()
    return Silence.objects.create(
        matchers=matchers,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
        author="root",
        comment="x",
    )


# -- where it is --------------------------------------------------------------------


def test_index__leads_to_it_first(browser):
    """The index of the site, and that of the app: the first line of the app's block."""
    for page in (reverse("admin:index"), reverse("admin:app_list", args=["zerostate_monitoring"])):
        html = text(browser.get(page))
        block = html[html.index('class="app-zerostate_monitoring') :]
        assert OVERVIEW in re.findall(r'href="(/admin/zerostate_monitoring/\w+/)"', block)[0]


def test_old_address__leads_to_it(browser):
    """A bookmark of the page that was there before still works."""
    assert browser.get(OLD).headers["Location"] == OVERVIEW


def test_page__is_never_kept_by_a_browser(browser):
    """What is fetched again is new."""
    assert "no-store" in browser.get(OVERVIEW).headers["Cache-Control"]


# -- what it says -------------------------------------------------------------------


def test_sentence__stands_before_all_else(browser):
    """The first thing in the content answers whether the network is well."""
    make_scene()
    html = text(browser.get(OVERVIEW))
    content = html[html.index('id="content-main"') :]
    assert re.search(r"^[^<]*<p class=\"zsm-verdict", content[content.index(">") + 1 :])
    assert "The network is not well." in content
    assert "EdgeNodeDown" in content.split("</p>")[0]


def test_sentence__what_is_silenced_does_not_count(browser, store):
    """What is held back or taken on has somebody; what is left decides."""
    make_scene()
    silence('alertname="EdgeNodeDown"')
    verdict = browser.get(OVERVIEW).context["verdict"]
    assert (verdict.tone, "1 warning fires" in verdict.reason) == ("warn", True)


def test_alerts__what_fires_the_gravest_first(browser):
    """By severity with counts; then what somebody has taken on."""
    make_scene()
    response = browser.get(OVERVIEW)
    lines = {line["severity"]: line for line in response.context["table"]}
    assert (lines["warning"]["firing"], lines["warning"]["acknowledged"]) == (2, 1)
    assert (lines["warning"]["pending"], lines["warning"]["unrouted"]) == (1, 1)
    names = [(row["name"], row["open"], row["taken_by"]) for row in response.context["firing"]]
    assert names == [("EdgeNodeDown", "nobody", ""), ("FewPeers", "nobody: 1 of 2", "root")]


def test_alerts__have_the_unit_of_their_rule(browser, store):
    """A share is a per cent, a time has its size; of what is unknown stands the number."""
    share = "count(zerostate_node_up == 0) / count(zerostate_node_up) > 0.1"
    exprs = {
        "Failing": (share, 0.4553, "45.53 %"),
        "Slow": ("zerostate_node_scrape_duration_seconds > 1", 131.6, "2 min 12 s"),
        "Few": ("zerostate_peer_connections < 3", 1312.5, "1\u202f312"),
    }
    for name, (expr, value, _shown) in exprs.items():
        alert = make_alert(make_rule(name=name, expr=expr))
        Alert.objects.filter(pk=alert.pk).update(value=value)
    shown = {name: one for name, (_expr, _value, one) in exprs.items()}
    assert {row["name"]: row["value"] for row in browser.get(OVERVIEW).context["firing"]} == shown
    html = text(browser.get(ALERTS))
    assert [name for name, one in shown.items() if one not in html] == []


def test_alerts__a_watchdog_is_for_nobody(browser):
    """What has the severity none fires by design."""
    make_alert(make_rule(name="Watchdog", severity="none"))
    context = browser.get(OVERVIEW).context
    assert context["firing"] == []
    assert "none" not in [line["severity"] for line in context["table"]]


def test_nodes__by_state_with_those_that_are_down(browser, store):
    """Up, down and unknown; one that is down with its error, and the way to all about it."""
    for name in ("n1", "n2", "n3"):
        Node.objects.create(name=name, base_url=f"http://{name}.example")
    down = {"up": False, "error_kind": "timeout", "error": "no answer"}
    store.note(NOTE, {"n1": {"up": True}, "n2": down})
    response = browser.get(OVERVIEW)
    nodes = response.context["nodes"]
    assert (nodes.up, nodes.down_count, nodes.total) == (1, 1, 3)
    html = text(response)
    assert "no answer" in html
    assert "?label=node&amp;value=n2" in html


def test_new_installation__says_what_to_look_for(browser):
    """No slot yet, no node: not known, and where to begin."""
    assert "are beat and the worker" in sign(browser, "Evaluation")
    response = browser.get(OVERVIEW)
    assert response.context["verdict"].tone == "none"
    assert "Nothing fires." in text(response)
    assert reverse("admin:zerostate_monitoring_node_add") in text(response)


def test_nothing_watched__is_not_called_well(browser, store, settings):
    """Rules are evaluated and find nothing, for there is nothing: that is not known to be well."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    assert "Nothing is looked at yet" in browser.get(OVERVIEW).context["verdict"].reason

    Node.objects.create(name="n1", base_url="http://n1.example", enabled=False)
    assert browser.get(OVERVIEW).context["verdict"].tone == "none"

    Node.objects.update(enabled=True)
    assert browser.get(OVERVIEW).context["verdict"].tone != "none"

    Node.objects.all().delete()
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    assert browser.get(OVERVIEW).context["verdict"].tone != "none"


def test_nothing_watched__but_figures_are_there(browser, store, settings, monkeypatch):
    """Where processes of the project give the network's numbers, it needs no node."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    monkeypatch.setattr(Shown, "now", lambda self, key: 3.0)
    assert browser.get(OVERVIEW).context["verdict"].tone != "none"


def test_routes__that_lead_to_nobody_are_a_fault(browser):
    """The canary tells nobody; a receiver that is switched off neither."""
    assert "nobody is told anything" in sign(browser, "Routes")
    pager = Receiver.objects.create(name="pager", kind="webhook", enabled=False)
    route = Route.objects.create(name="all", position=10)
    step = RouteStep.objects.create(route=route, receiver=pager, position=0)
    canary = Receiver.objects.create(name="bird", kind="canary")
    RouteStep.objects.create(route=route, receiver=canary, position=1)
    assert "nobody is told anything" in sign(browser, "Routes")

    Receiver.objects.filter(pk=step.receiver_id).update(enabled=True)
    assert "Each alert has a receiver" in sign(browser, "Routes")


def test_signs__of_trouble_come_first_with_their_remedy(browser, store):
    """A late group, missed slots, errors, a dead letter, a bad receiver, a stale collector."""
    make_scene()
    now = timezone.now()
    GroupState.objects.update(last_slot_ms=1)
    receiver = Receiver.objects.create(name="pager", kind="webhook")
    ReceiverState.objects.update_or_create(receiver=receiver, defaults={"failing_since": now})
    Collector.objects.update_or_create(
        name="p2p",
        defaults={
            "source": "nodes",
            "interval_seconds": 15,
            "last_success_at": now - timedelta(hours=1),
        },
    )
    Evaluation.objects.create(
        group=RuleGroup.objects.get(),
        slot_ms=1,
        token=1,
        started_at=now,
        duration_seconds=0.1,
        rules=1,
        missed_before=3,
    )
    silence("a=b")
    assert "Late: nodes." in sign(browser, "Evaluation")
    assert "3 missed" in sign(browser, "Slots in the last hour")
    assert "1 in error" in sign(browser, "Rules")
    assert "1 without receiver" in sign(browser, "Routes")
    assert "1 dead letter" in sign(browser, "Messages")
    assert "pager" in sign(browser, "Receivers")
    assert "1 active" in sign(browser, "Silences")
    assert "late or failing" in sign(browser, "Collectors")
    Collector.objects.exclude(name="p2p").update(last_success_at=now)
    assert "stale" in sign(browser, "Collector p2p")
    signs = browser.get(OVERVIEW).context["signs"]
    order = [one["trouble"] for one in signs]
    assert order == sorted(order, reverse=True)
    assert all(one["remedy"] for one in signs if one["trouble"])


def refuse(receiver, **fields):
    now = timezone.now()
    return Message.objects.create(
        key=f"k{Message.objects.count()}", receiver=receiver, receiver_name=receiver.name,
        payload={"a": 1}, attempts=1, created_at=now, ended_at=now, **{"state": "dead", **fields},
    )  # fmt: skip


def receivers_sign(browser):
    signs = browser.get(OVERVIEW).context["signs"]
    return next(one for one in signs if one["title"] == "Receivers")


def test_signs__name_receivers_that_refused_the_last_message(browser):
    """With the way to the one, or to the list; one that fails anyhow is named once."""
    pager, hook, mail = (
        Receiver.objects.create(name=name, kind="webhook") for name in ("pager", "hook", "mail")
    )
    refuse(pager)
    said = receivers_sign(browser)
    assert ("1 refused the last message" in said["badge"], said["text"]) == (True, "pager")
    assert said["url"] == reverse("admin:zerostate_monitoring_receiver_change", args=(pager.pk,))
    assert said["trouble"]
    assert said["remedy"]

    refuse(hook)
    for one in (hook, mail):
        ReceiverState.objects.create(receiver=one, failing_since=timezone.now())
    said = receivers_sign(browser)
    assert "2 failing, 1 refused the last message" in said["badge"]
    assert said["text"] == "hook, mail, pager"
    assert said["url"] == reverse("admin:zerostate_monitoring_receiver_changelist")


def test_signs__a_refusal_is_over_when_somebody_has_seen_to_it(browser):
    """It is closed, or the receiver took another since, or is switched off."""
    pager = Receiver.objects.create(name="pager", kind="webhook")
    letter = refuse(pager)
    Message.objects.filter(pk=letter.pk).update(closed_at=timezone.now())
    assert "ok" in receivers_sign(browser)["badge"]

    Message.objects.filter(pk=letter.pk).update(closed_at=None)
    Receiver.objects.update(enabled=False)
    assert "ok" in receivers_sign(browser)["badge"]

    Receiver.objects.update(enabled=True)
    assert "refused" in receivers_sign(browser)["badge"]
    refuse(pager, state="sent")
    assert "ok" in receivers_sign(browser)["badge"]

    refuse(pager)
    ReceiverState.objects.create(receiver=pager, last_success_at=timezone.now())
    assert "ok" in receivers_sign(browser)["badge"]


def test_signs__where_rules_are_evaluated_elsewhere(browser, settings):
    """It says so instead of a late group, and the network may be well for all that."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    assert "elsewhere" in sign(browser, "Evaluation")


def test_links__lead_somewhere(browser, store):
    """Each sign, each line and each alert leads to a page."""
    make_scene()
    Node.objects.create(name="n1", base_url="http://n1.example")
    store.note(NOTE, {"n1": {"up": False}})
    html = text(browser.get(OVERVIEW))
    content = html[html.index('id="content-main"') :]
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]+)"', content)}
    assert len(links) > 10
    for link in links:
        if "/static/" not in link:
            assert browser.get(link, follow=True).status_code == 200, link


# -- bad days -----------------------------------------------------------------------


def test_store_away__the_page_opens_and_says_so(browser):
    """Alerts stand in the database; figures and nodes are not known, and neither is the network."""
    make_alert(make_rule(severity="warning"))
    response = browser.get(OVERVIEW)
    html = text(response)
    assert response.status_code == 200
    assert "The store does not answer." in html
    assert "There are no figures:" in html
    assert response.context["verdict"].tone == "none"
    assert "NodeDown" in html


def test_switched_off__the_page_opens_and_says_so(browser, settings):
    """Nothing is asked."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    assert "ZEROSTATE_MONITORING_ENABLED" in text(browser.get(OVERVIEW))


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "\u202eevil", "x" * 10_000])
def test_hostile__texts_are_texts(browser, bad):
    """Labels and annotations of alerts are shown, and do nothing."""
    alert = make_alert(make_rule(), annotations={"summary": bad})
    Alert.objects.filter(pk=alert.pk).update(labels={"alertname": "NodeDown", "node": bad})
    html = text(browser.get(OVERVIEW))
    assert "<script>alert(1)" not in html


# -- who may see what ----------------------------------------------------------------


def looker(client, *codenames):
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def test_rights__nobody_is_told_what_they_lack(client):
    """403, as a page: who one is, and the right that opens it."""
    response = looker(client).get(OVERVIEW)
    html = text(response)
    assert response.status_code == 403
    assert "You are logged in as looker" in html
    assert "<strong>Can view alert</strong> (<code>zerostate_monitoring.view_alert</code>)" in html
    assert "Traceback" not in html
    assert client.get(ALERTS).status_code == 403


def test_rights__only_what_one_may_see(client, store):
    """Who may see nodes sees nodes: no alert, and no link that would be refused."""
    make_scene()
    Node.objects.create(name="n1", base_url="http://n1.example")
    store.note(NOTE, {"n1": {"up": False}})
    client = looker(client, "view_node")
    html = text(client.get(OVERVIEW))
    content = html[html.index('id="content-main"') :]
    assert "FewPeers" not in content
    links = set(re.findall(r'href="(/admin/[^"]+)"', content))
    assert links
    assert {client.get(link.replace("&amp;", "&")).status_code for link in links} == {200}


def test_rights__viewers_are_offered_nothing_to_do(viewer):
    """Who may only look finds no acknowledge and no silence."""
    make_scene()
    html = text(viewer.get(OVERVIEW))
    assert "#acknowledge" not in html
    assert "#silence" not in html


ELSEWHERE = {
    "view_metric": ["explore"],
    "view_collector": ["doctor", "health"],
    "view_message": ["delivery"],
    "view_node": [],
}


@pytest.mark.parametrize("right", ELSEWHERE)
def test_rights__the_line_of_links_has_what_opens(client, store, right):
    """Explore, doctor, delivery, health: each for whoever may open it, and it opens."""
    client = looker(client, right)
    found = [url for _title, url in client.get(OVERVIEW).context["elsewhere"]]
    assert found == [reverse(f"admin:zerostate_monitoring_{one}") for one in ELSEWHERE[right]]
    assert {client.get(url).status_code for url in found} <= {200}


# -- what it costs -------------------------------------------------------------------


def test_queries__as_many_for_one_as_for_many(browser, history, one_moment):
    """Fewer than ten, session and user among them, whatever there is."""
    make_scene()
    browser.get(OVERVIEW)
    with CaptureQueriesContext(connection) as few:
        browser.get(OVERVIEW)
    rules = [make_rule(name=f"Rule{place}", severity="critical") for place in range(30)]
    for place, rule in enumerate(rules):
        make_alert(rule, f"a{place}")
        make_alert(rule, f"b{place}", state=AlertState.PENDING)
        Node.objects.create(name=f"n{place}", base_url="http://n.example")
        silence(f'node="a{place}"')
    with CaptureQueriesContext(connection) as many:
        browser.get(OVERVIEW)
    assert len(many) <= len(few) < 10
