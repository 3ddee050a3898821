"""Any expression over any window."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils.html import escape

from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.exploring.histories import MOST
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

EXPLORE = reverse("admin:zerostate_monitoring_explore")
COMPLETE = reverse("admin:zerostate_monitoring_explore_complete")
RULE = reverse("admin:zerostate_monitoring_explore_rule")
FORGET = reverse("admin:zerostate_monitoring_explore_forget")
HOSTILE = "<script>alert(1)</script>\u202e" + "x" * 10_000


def html_of(browser, query="", **asked):
    response = browser.get(EXPLORE, {"query": query, **asked})
    assert response.status_code == 200
    return response.content.decode()


def test_explore__asks_and_shows(browser, history):
    """A table at the end of the window, and a chart over it."""
    html = html_of(browser, "sum by (node) (zerostate_peer_connections)")
    assert "5 series" in html
    assert "<bdi>edge-1</bdi>" in html
    assert html.count("<g data-line=") == 5


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("1 + 1", ">2<"),
        ('"text"', "A range or a text has no chart"),
        ("zerostate_node_up[1m]", "A range or a text has no chart"),
    ],
)
def test_explore__every_type_has_an_answer(browser, history, query, said):
    """Numbers, texts and ranges, too."""
    assert said in html_of(browser, query)


def test_explore__an_error_is_shown_where_it_is(browser, store):
    """The line, carets below the place, and the place for the script."""
    html = html_of(browser, "sum(rate(zerostate_tasks_total[5m])\n) by by")
    assert escape(") by by\n     ^^") in html
    assert 'aria-invalid="true" data-from=' in html
    assert "Mend it there" in html


@pytest.mark.parametrize(
    ("settings_", "query", "said"),
    [
        ({"QUERY_MAX_SERIES": 2}, "zerostate_peer_connections", "Ask for fewer series"),
        ({"QUERY_MAX_STEPS": 5}, "zerostate_peer_connections", "a shorter window"),
        ({"HISTORY": 0}, "zerostate_peer_connections", "ZEROSTATE_MONITORING_HISTORY"),
        ({"ENABLED": False}, "1", "Monitoring is switched off"),
        ({}, "zerostate_peer_conections", "did you mean zerostate_peer_connections?"),
        ({}, "rate(zerostate_peer_connections[5m])", "delta() and deriv()"),
        ({}, "zerostate_peer_connections{node='x'}", "Choose a longer one"),
    ],
)
def test_explore__says_what_to_do_next(browser, history, settings, settings_, query, said):
    """Limits, warnings, and nothing found."""
    for name, value in settings_.items():
        setattr(settings, f"ZEROSTATE_MONITORING_{name}", value)
    assert said in html_of(browser, query)


def test_explore__the_store_is_away(browser):
    """The page opens, says so, and leads to the doctor."""
    html = html_of(browser, "zerostate_node_up")
    assert "The store does not answer" in html
    assert reverse("admin:zerostate_monitoring_doctor") in html


def test_explore__history_is_empty(browser, store):
    """And what would fill it."""
    assert "There is no history yet" in html_of(browser, "zerostate_node_up")


def test_explore__hostile_values_are_text(browser, store, settings):
    """Cut in the table, with the whole behind a click; a query is text, too."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    pages = [{series("x", a=HOSTILE): 1.0, series("x", a="b"): 2.0} for _ in range(9)]
    fill(Recorder(store.timeline()), pages, now_slot() - 9 * INTERVAL)
    html = html_of(browser, "x", window="15m")
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "<details><summary><bdi>&lt;script&gt;" in html
    assert "<script>alert" not in html_of(browser, f'x{{a="{HOSTILE}"}}')


# -- what was asked before ---------------------------------------------------------


def test_history__is_of_the_session(browser, store, client):
    """The newest first, each once, and what is wrong is not kept; others do not see it."""
    for query in ("a", "b", "a", "sum("):
        html_of(browser, query)
    html = html_of(browser)
    past = html.split('class="module zsm-past"')[1]
    assert past.index("<code>a</code>") < past.index("<code>b</code>")
    assert past.count("<code>") == 2
    client.logout()
    client.force_login(User.objects.create_superuser("other", "o@example.org", "x"))
    assert "zsm-past" not in html_of(client)


def test_history__is_bounded_and_can_be_forgotten(browser, store):
    """No session grows without end; forgetting is asked for by POST alone."""
    for number in range(MOST + 5):
        html_of(browser, f"{number}")
    html_of(browser, "1 + " * 2_000 + "1")
    assert html_of(browser).split("zsm-past")[1].count("<code>") == MOST
    browser.get(FORGET)
    assert "zsm-past" in html_of(browser)
    browser.post(FORGET)
    assert "zsm-past" not in html_of(browser)


# -- a rule of it ------------------------------------------------------------------


def test_rule__is_made_of_it(browser, history):
    """The form of a new rule with the expression in it, as it stands in the field."""
    query = "sum by (node) (zerostate_peer_connections) < 3"
    assert 'formaction="rule/"' in html_of(browser, query)
    form = browser.get(RULE, {"query": query, "last": "1h"}, follow=True)
    assert form.redirect_chain[0][0].startswith(reverse("admin:zerostate_monitoring_rule_add"))
    assert escape(query) in form.content.decode()


def test_rule__is_not_offered_to_who_may_not(viewer, history):
    """A way that one may not go is not drawn, and leads nowhere."""
    assert "Make a rule" not in html_of(viewer, "zerostate_node_up < 1")
    assert viewer.get(RULE, {"query": "x"}).status_code == 403


# -- who may -----------------------------------------------------------------------


def user_with(name, *codenames, is_staff=True):
    user = User.objects.create_user(name, is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.mark.parametrize("page", [EXPLORE, COMPLETE, FORGET, RULE])
def test_access__wants_the_right_to_see_metrics(client, store, page):
    """Other rights do not open it, and the answer names the one that does."""
    client.force_login(user_with("nodes", "view_node", "add_rule"))
    answer = client.get(page, {"query": "1"})
    assert answer.status_code == 403
    assert "<code>zerostate_monitoring.view_metric</code>" in answer.content.decode()
    client.force_login(user_with("metrics", "view_metric", "add_rule"))
    assert client.get(page, {"query": "1", "for": "names"}).status_code in {200, 302}
    client.force_login(user_with("guest", "view_metric", is_staff=False))
    assert "/login/" in client.get(page).headers["Location"]


def test_access__links_lead_only_whom_it_answers(client, store):
    """The lists, the start page of the app and the overview agree with the page."""
    app = reverse("admin:app_list", args=["zerostate_monitoring"])
    pages = [app] + [
        reverse(f"admin:zerostate_monitoring_{name}_changelist") for name in ("node", "overview")
    ]
    for name, rights, there in (("a", ["view_node"], 0), ("b", ["view_node", "view_metric"], 3)):
        client.force_login(user_with(name, *rights))
        assert (
            sum("metric/explore/" in client.get(page).content.decode() for page in pages) == there
        )


def test_access__the_query_api_asks_for_no_right(client, store):
    """Its rule is its own: every active member of staff."""
    client.force_login(user_with("nodes", "view_node"))
    address = "/monitoring/api/v1/query"
    assert client.get(address, {"query": "1"}).status_code == 200


# -- what may stand next -----------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"for": "names", "prefix": "zerostate_peer"}, ["zerostate_peer_connections"]),
        ({"for": "labels", "metric": "zerostate_node_up"}, ["node", "node_role", "site"]),
        ({"for": "values", "label": "node", "prefix": "edge"}, ["edge-1", "edge-2"]),
        (
            {"for": "values", "label": "node", "metric": "zerostate_node_up", "prefix": "b"},
            ["boot-1"],
        ),
        ({"for": "values", "label": "node", "prefix": "e.*"}, []),
        ({"for": "values", "label": "node", "metric": "nothing"}, []),
    ],
)
def test_complete__names_labels_and_values(browser, history, asked, found):
    """Of what history has seen in the last hour; a prefix is no pattern."""
    answer = browser.get(COMPLETE, asked).json()
    assert [one for one in answer["items"] if one in found or found == []] == found


def test_complete__the_store_is_away(browser):
    """Nothing is suggested, and it says why; no error for the console."""
    answer = browser.get(COMPLETE, {"for": "names", "prefix": "z"})
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert "does not answer" in answer.json()["problem"]


def test_words__are_on_the_page_and_few(browser, store):
    """Catalogue and functions come with the page, so most is suggested without asking."""
    html = html_of(browser)
    words = json.loads(
        html.split('id="query-words" type="application/json">')[1].split("</script>")[0]
    )
    names = [name for name, _kind, _help in words]
    assert {"zerostate_node_up", "rate", "sum", "histogram_quantile"} <= set(names)
    assert "zerostate_http_request_duration_seconds_bucket" in names
    assert len(html) < 100_000
