"""Everything about a label: alerts, the node, silences, series, and where else to look."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_scene
from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.alerts import about as module
from zerostate_monitoring.admin.alerts.series import series_with
from zerostate_monitoring.collectors.node_names import NOTE
from zerostate_monitoring.models import Alert, Node, Silence
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

ABOUT = reverse("admin:zerostate_monitoring_about")


def text(response):
    return response.content.decode()


def page(client, label="node", value="relay-2"):
    return client.get(ABOUT, {"label": label, "value": value})


def make_silence(matchers, **fields):
    now = timezone.now()
    values = {"starts_at": now, "ends_at": now + timedelta(hours=1), "author": "ada"}
    return Silence.objects.create(matchers=matchers, comment="new disks", **{**values, **fields})


def test_about__a_node(browser, history, store):
    """Its alerts now and before, its last scrape, its series with values."""
    make_scene()
    Node.objects.create(name="relay-2", base_url="http://relay-2.example")
    store.note(NOTE, {"relay-2": {"up": False, "error_kind": "timeout", "error": "no answer"}})
    response = page(browser)
    html = text(response)
    assert [row["name"] for row in response.context["live_rows"]] == ["EdgeNodeDown"]
    assert "timeout: no answer" in html
    names = {row["family"] for row in response.context["series"].rows}
    assert names == {"zerostate_node_up", "zerostate_peer_connections"}
    assert "zsm-spark" in html
    assert page(browser, value="edge-1").context["past_rows"][0]["name"] == "EdgeNodeDown"


def test_series__a_scrape_that_fails_is_no_latency(store, settings):
    """Its number is unknown while the node is down, and one again when it answers."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last = now_slot()
    pages = [
        {
            series("zerostate_node_scrape_duration_seconds", node=node): 0.004,
            series("zerostate_node_up", node=node): float(node == "well" or at < 80),
        }
        for at in range(120)
        for node in ("well", "down")
    ]
    both = [{**well, **down} for well, down in zip(pages[::2], pages[1::2], strict=True)]
    fill(Recorder(store.timeline()), both, last - 119 * INTERVAL)
    shown = {
        node: {row["family"]: row for row in series_with("node", node).rows}[
            "zerostate_node_scrape_duration_seconds"
        ]
        for node in ("well", "down")
    }
    assert shown["well"]["value"] == "4 ms"
    assert shown["down"]["value"] == "–"
    assert ("<circle" in shown["well"]["spark"], "<circle" in shown["down"]["spark"]) == (
        True,
        False,
    )


def test_series__what_lives_and_tells_most_comes_first(store, settings):
    """Up, peers, latency; others by name; what is gone stands below, whatever it is."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last = now_slot()
    names = ("zerostate_node_up", "zerostate_peer_connections", "zerostate_agents", "other")
    both = [
        {series(name, node="x"): 1.0 for name in names}
        | {series("zerostate_node_scrape_duration_seconds", node="x"): 0.1}
        | ({} if at > 60 else {series("zerostate_node_up", node="x", site="old"): 1.0})
        for at in range(120)
    ]
    fill(Recorder(store.timeline()), both, last - 119 * INTERVAL)
    rows = [(row["family"], row["value"] == "gone") for row in series_with("node", "x").rows]
    assert rows == [
        ("zerostate_node_up", False),
        ("zerostate_peer_connections", False),
        ("zerostate_node_scrape_duration_seconds", False),
        ("zerostate_agents", False),
        ("other", False),
        ("zerostate_node_up", True),
    ]


def test_about__leads_to_all_of_its_series(browser, store, settings):
    """The question can be asked in Explore, also where more series are known than shown."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last = now_slot()
    one = {series("zerostate_agents", node="x", status=f"s{n}"): 1.0 for n in range(42)}
    fill(Recorder(store.timeline()), [one] * 4, last - 3 * INTERVAL)
    html = text(page(browser, value="x"))
    address = reverse("admin:zerostate_monitoring_explore") + "?query=%7Bnode%3D%22x%22%7D"
    assert html.count(f'href="{address}"') == 2
    assert f'href="{address}">and 2 more series</a>' in html


@pytest.mark.parametrize(
    ("label", "value", "live"),
    [("site", "fra1", 3), ("alertname", "FewPeers", 3), ("severity", "critical", 1), ("x", "y", 0)],
)
def test_about__any_label(browser, label, value, live):
    """A rule's name is a label, too."""
    make_scene()
    assert len(page(browser, label, value).context["live_rows"]) == live


def test_about__a_label_with_two_underscores(browser):
    """A name is a name, and no path into something."""
    make_scene()
    Alert.objects.filter(rule_name="EdgeNodeDown").update(labels={"a__b": "c"})
    assert [row["name"] for row in page(browser, "a__b", "c").context["live_rows"]]


def test_silences__that_ask_for_it(browser):
    """Those with a matcher for the label that this value meets; none that ended."""
    hit = make_silence('node=~"relay-.*"')
    make_silence('node="edge-1"')
    make_silence('severity="critical"')
    make_silence("a=b,,,{")
    begun = timezone.now() - timedelta(hours=2)
    ended = begun + timedelta(hours=1)
    make_silence('node="relay-2"', starts_at=begun, ends_at=ended)
    response = page(browser)
    assert [row["pk"] for row in response.context["silences"]] == [hit.pk]
    assert "new disks" in text(response)


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("1x", "y"), ("a b", "y"), ("x" * 10_000, "y"), ("node", ""), ("node", "x" * 10_000),
        ("node", "a\x00b"), ("<script>", "y"),
    ],
)  # fmt: skip
def test_fault__is_said(browser, label, value):
    """What cannot be a label is refused in words."""
    response = page(browser, label, value)
    assert response.status_code == 200
    assert response.context["fault"]
    assert "<script>" not in text(response).split("content-main")[1].split("<datalist")[0]


@pytest.mark.parametrize("value", ["<b>x</b>", '"} or up{a="', "\u202eevil", "a\\n"])
def test_hostile__values_are_values(browser, history, value):
    """They are quoted in queries and escaped on the page."""
    html = text(page(browser, "node", value))
    assert "<b>x</b>" not in html
    assert "No series has had it in the last hour." in html


def test_empty__asks_for_a_label(browser):
    """Without anything it is a form."""
    response = browser.get(ABOUT)
    assert response.context["fault"] == ""
    assert "found" not in response.context


def test_asked__in_the_words_of_others():
    """The same question for metrics, logs and traces."""
    assert module.asked("guild_id", 'a"b') == [
        ("Metrics (PromQL)", '{guild_id="a\\"b"}'),
        ("Logs (LogQL)", '{service=~".+"} | guild="a\\"b"'),
        ("Traces (TraceQL)", '{ span.zerostate.guild.id = "a\\"b" }'),
    ]
    assert module.asked("site", "fra1")[1] == ("Logs (LogQL)", '{service=~".+"} |= "fra1"')


def test_links__lead_to_what_the_project_names(browser, settings):
    """With the label and its value filled in, once, and encoded."""
    settings.ZEROSTATE_MONITORING_LINKS = {
        "Logs": "https://logs.example/?q={label}%3D{value}",
        "Traces": "https://traces.example/{value}",
    }
    found = page(browser, "node", 'a/{label}&"b').context["links"]
    assert [one["url"] for one in found] == [
        "https://logs.example/?q=node%3Da%2F%7Blabel%7D%26%22b",
        "https://traces.example/a%2F%7Blabel%7D%26%22b",
    ]


def test_rights__only_what_one_may_see(client, history):
    """Who may see alerts alone sees neither nodes, nor silences, nor series."""
    make_scene()
    make_silence('node="relay-2"')
    Node.objects.create(name="relay-2", base_url="http://relay-2.example")
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_alert"))
    client.force_login(user)
    response = page(client)
    assert response.context["node"] is None
    assert response.context["series"] is None
    assert "new disks" not in text(response)


def test_store_away__it_opens(browser):
    """Alerts stand in the database; of series it says why there are none."""
    make_scene()
    response = page(browser)
    assert response.status_code == 200
    assert response.context["series"].problem
    assert response.context["live_rows"]
