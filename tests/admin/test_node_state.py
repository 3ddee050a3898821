"""What the admin shows of a node's last scrape."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from tests.admin.scene import make_scene
from zerostate_monitoring.admin.node_state import last_scrape, samples_of
from zerostate_monitoring.collectors.node_scraping import scrape_chunk
from zerostate_monitoring.doctor.collection import ADVICE
from zerostate_monitoring.models import Alert, Node

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_node_changelist")
NOTE = {
    "up": False,
    "left": False,
    "at": 1_700_000_000.0,
    "error": "<b>no route</b>",
    "error_kind": "refused",
    "duration": 0.02,
    "samples": 1200,
    "dropped": 7,
    "refused": {"zerostate_tasks": "fed by <platform>"},
    "refused_more": 9,
    "overflow": {"zerostate_peers": 3},
    "healthy": {"live": True, "ready": False},
    "peers": 12,
    "version": "v1.2",
    "peer_id": "12D3Koo",
    "orchestrator_errors": {"/api/v1/runtime-registry": "answered 500"},
}


def page_of(node):
    return reverse("admin:zerostate_monitoring_node_change", args=(node.pk,))


def test_page__tells_all_of_the_last_scrape(browser, store):
    """State, time, error with advice, figures, refusals with reasons, health, peers, version."""
    node = Node.objects.create(name="n1", base_url="http://n1.example", role="api")
    store.note("node", {"n1": NOTE})

    html = browser.get(page_of(node)).content.decode()

    for words in (
        "Last scrape",
        " down<",
        "2023-11-14 22:13:20",
        "refused: &lt;b&gt;no route&lt;/b&gt;",
        ADVICE["refused"],
        "20 ms",
        "1\u202f200",
        "7 samples",
        "<code>zerostate_tasks</code>: fed by &lt;platform&gt;",
        "9 families more",
        "<code>zerostate_peers</code>: 3 series became other",
        " live<",
        " not ready<",
        "<td>12</td>",
        "<code>v1.2</code>",
        "<code>12D3Koo</code>",
        "<code>/api/v1/runtime-registry</code>: answered 500",
    ):
        assert words in html, words


@pytest.mark.parametrize(("up", "title"), [(True, "Took"), (False, "Failed after")])
def test_outcome__a_failure_is_not_fast(up, title):
    """How long an answer took, or how long it was tried in vain: never one for the other."""
    lines = {line.title: line.text for line in last_scrape(Node(), {**NOTE, "up": up})}
    assert lines[title] == "20 ms"
    assert len({"Took", "Failed after"} & set(lines)) == 1


@pytest.mark.parametrize(
    ("note", "samples"),
    [
        ({"up": True, "samples": 0}, 0),
        ({"up": True, "samples": 7}, 7),
        ({"up": False, "samples": 0}, None),
        ({"up": False, "samples": 7}, 7),
        ({}, None),
    ],
)
def test_samples__of_no_page_are_not_0(note, samples):
    """An empty page has none; of one that did not come they are unknown."""
    assert samples_of(note) == samples


def test_page__leads_to_its_alerts(browser, viewer, store):
    """What is live of it, and everything about it; for those who may see alerts."""
    make_scene()
    node = Node.objects.create(name="relay-2", base_url="http://x.example")
    html = browser.get(page_of(node)).content.decode()
    alert = Alert.objects.get(rule_name="EdgeNodeDown", state="firing")
    about = reverse("admin:zerostate_monitoring_about") + "?label=node&amp;value=relay-2"
    assert f'href="{about}"' in html
    assert reverse("admin:zerostate_monitoring_alert_change", args=(alert.pk,)) in html
    other = Node.objects.create(name="quiet", base_url="http://x.example")
    html = browser.get(page_of(other)).content.decode()
    assert "<td>none</td>" in html

    user = User.objects.create_user("nodes-only", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_node"))
    viewer.force_login(user)
    html = viewer.get(page_of(node)).content.decode()
    assert "Last scrape" in html
    assert "EdgeNodeDown" not in html
    assert about not in html


def test_page__of_a_node_that_was_never_scraped(browser, store):
    """Only its state is told, and the page of a new node has no such block."""
    node = Node.objects.create(name="n1", base_url="http://n1.example")

    assert " unknown<" in browser.get(page_of(node)).content.decode()
    assert "Last scrape" not in browser.get(LIST + "add/").content.decode()


def test_page__bounds_the_refused_families(browser, store):
    """A node with thousands of strange families does not make a page without end."""
    node = Node.objects.create(name="n1", base_url="http://n1.example")
    store.note("node", {"n1": {"up": True, "refused": {f"f{i:03}": "no" for i in range(60)}}})

    html = browser.get(page_of(node)).content.decode()

    assert html.count("</code>: no") == 50
    assert "and 10 more" in html


def test_page__of_what_a_real_scrape_noted(browser, store, settings, node_server):
    """The note of a scrape, as a worker leaves it, is readable."""
    node = Node.objects.create(name="n1", base_url=node_server)
    scrape_chunk([node.pk], store=store, now=time.time())

    html = browser.get(page_of(node)).content.decode()

    assert " up<" in html
    assert '<th scope="row">Samples</th><td>1</td>' in html


def test_left__is_a_word_of_its_own(browser, store):
    """An ephemeral node that went is not down."""
    node = Node.objects.create(name="n1", base_url="http://n1.example", ephemeral=True)
    store.note("node", {"n1": {**NOTE, "left": True}})

    for html in (browser.get(url).content.decode() for url in (LIST, page_of(node))):
        assert " left<" in html
        assert " down<" not in html


def test_off__nothing_is_scraped(browser, settings, node_server):
    """Button and action refuse, and say which setting is in the way."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    node = Node.objects.create(name="n1", base_url=node_server)
    url = reverse("admin:zerostate_monitoring_node_scrape", args=(node.pk,))
    action = {"action": "scrape_now", "_selected_action": [node.pk]}

    for response in (browser.post(url, follow=True), browser.post(LIST, action, follow=True)):
        html = response.content.decode()
        assert "n1 answered" not in html
        assert html.count("Monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)") == 2
        assert "The store does not answer" not in html
