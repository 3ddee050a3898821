"""Metrics in the admin."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from tests.admin.pages import METRICS, page_of, row_text, write
from tests.models.rules import make_rule
from zerostate_monitoring.admin import live
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors import rows
from zerostate_monitoring.doctor.rules import examine_rules
from zerostate_monitoring.models import Metric

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def test_list__shows_live_values(browser, store):
    """A family with samples has its value, its series, its producer and the word fed."""
    write(store, "zerostate_escrows", {"funded": 3, "released": 4}, "collector:economic")

    text = row_text(browser.get(METRICS, {"q": "zerostate_escrows"}), "zerostate_escrows")

    assert "fed" in text
    assert "sum 7" in text
    assert "collector:economic" in text


def test_page__says_values_of_series_in_their_unit(browser, store):
    """Seconds as people say them; how many observations there were is a number."""
    write(store, "zerostate_node_scrape_duration_seconds", {"a": 0.0432}, label="node")
    row = Metric.objects.get(name="zerostate_node_scrape_duration_seconds")
    assert "43 ms" in browser.get(page_of(row)).content.decode()


@pytest.mark.parametrize(
    ("name", "scale", "shown"),
    [
        ("zerostate_agent_utilization_ratio", 1, "max 0.5"),
        ("zerostate_dispute_oldest_open_timestamp_seconds", 2e9, "max 2001-09-09 01:46:40 UTC"),
    ],
)
def test_list__does_not_add_up_what_has_no_sum(browser, store, name, scale, shown):
    """Of ratios the largest is shown, of times the latest, as a time."""
    write(store, name, {"a": 0.25 * scale, "b": 0.5 * scale})

    assert shown in row_text(browser.get(METRICS, {"q": name}), name)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "never seen"),
        ({"last_seen_at": timezone.now()}, "stale"),
        ({"enabled": False}, "disabled"),
        ({"withdrawn_at": timezone.now()}, "withdrawn"),
    ],
)
def test_list__says_each_state_in_words(browser, store, change, word):
    """States are words, and the filter finds the same families as the column."""
    Metric.objects.filter(name="zerostate_escrows").update(**change)
    state = {"never seen": "never"}.get(word, word)

    response = browser.get(METRICS, {"q": "zerostate_escrows", "state": state})

    assert word in row_text(response, "zerostate_escrows")


def test_list__the_filter_finds_fed_families(browser, store):
    """Fed means that there are samples now, for counters, too."""
    counter = next(d.name for d in CATALOGUE if d.kind == "counter")
    write(store, counter, {"a": 1})

    response = browser.get(METRICS, {"state": "fed", "q": counter})

    assert row_text(response, counter)


def test_list__opens_while_the_store_is_away(browser):
    """Without a store the page opens and says so."""
    response = browser.get(METRICS)

    assert response.status_code == 200
    assert "The store does not answer" in response.content.decode()


def test_list__takes_few_queries_and_one_look_into_the_store(
    browser, store, django_assert_max_num_queries, monkeypatch
):
    """However many rows there are."""
    looks = []
    look = live.look

    def counted():
        looks.append(1)
        return look()

    monkeypatch.setattr(live, "look", counted)
    with django_assert_max_num_queries(10):
        browser.get(METRICS)

    assert looks == [1]


def test_page__shows_live_series_and_escapes_them(browser, store):
    """Label values from outside stay text."""
    write(store, "zerostate_escrows", {HOSTILE: 3, 'quo"te\n': 1}, label="status")
    row = Metric.objects.get(name="zerostate_escrows")

    html = browser.get(page_of(row)).content.decode()

    assert HOSTILE not in html
    assert "&lt;script&gt;" in html
    assert "node:n1" in html


def test_page__shows_at_most_fifty_series(browser, store):
    """A family with many series does not make a page without end."""
    write(store, "zerostate_escrows", {f"s{i}": i for i in range(70)}, label="status")
    row = Metric.objects.get(name="zerostate_escrows")

    html = browser.get(page_of(row)).content.decode()

    assert html.count("<td>node:n1</td>") == 50
    assert "70 series" in html


def test_page__saves_the_operators_fields_only(browser, store):
    """Note, switch and producer can be changed; the catalogue's fields cannot."""
    row = Metric.objects.first()
    feed = row.feeds[0]

    browser.post(page_of(row), {"note": "mine", "feed": feed, "kind": "summary", "name": "hack"})

    row.refresh_from_db()
    assert (row.note, row.enabled, row.feed) == ("mine", False, feed)
    assert (row.kind, row.name) == (CATALOGUE[row.name].kind, row.name)


def test_page__offers_producers_that_can_feed_it(browser, store):
    """Another one is refused."""
    row = next(m for m in Metric.objects.all() if m.feeds == ["node"])

    html = browser.post(page_of(row), {"feed": "platform"}).content.decode()

    assert "Select a valid choice" in html


def test_bulk__disable_and_enable(browser, store):
    """Chosen rows are switched, with a message and an entry in the log."""
    rows = list(Metric.objects.all()[:2])
    chosen = [row.pk for row in rows]

    for action, enabled in (("disable", False), ("enable", True)):
        response = browser.post(
            METRICS, {"action": action, "_selected_action": chosen}, follow=True
        )
        assert f"2 rows {action}d" in response.content.decode()
        assert set(Metric.objects.filter(pk__in=chosen).values_list("enabled", flat=True)) == {
            enabled
        }
    assert LogEntry.objects.count() == 4


def test_bulk__disabling_asks_for_runs(
    browser, store, monkeypatch, django_capture_on_commit_callbacks
):
    """Rows changed in bulk send no signals, so the action does it: what is off leaves soon."""
    asked = []
    monkeypatch.setattr(rows, "_request", asked.extend)
    row = Metric.objects.get(name="zerostate_deposits_total")

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(METRICS, {"action": "disable", "_selected_action": [row.pk]})

    assert asked == ["p2p"]


def test_viewer__may_not_switch(viewer, store):
    """Who may only look has no actions."""
    row = Metric.objects.first()

    viewer.post(METRICS, {"action": "disable", "_selected_action": [row.pk]})

    row.refresh_from_db()
    assert row.enabled


def test_nobody__adds_or_deletes(browser, store):
    """Families come from the catalogue alone."""
    row = Metric.objects.first()

    assert browser.get(METRICS + "add/").status_code == 403
    assert browser.post(page_of(row).replace("change", "delete")).status_code == 403


def test_page__of_a_row_that_is_not_there(browser, store):
    """An unknown row leads back with a message, as everywhere in the admin."""
    url = reverse("admin:zerostate_monitoring_metric_change", args=(10**9,))

    assert browser.get(url).status_code == 302


# -- rules that read a family --------------------------------------------------------

READ = "zerostate_escrows"


def reading(name="FewEscrows", expr="sum(zerostate_escrows) < 3"):
    return make_rule(name=name, expr=expr)


def test_page__names_the_rules_that_read_it(browser, store):
    """Each as a link; those of other families are not among them."""
    rule, _other = reading(), make_rule(name="NodeDown")
    html = browser.get(page_of(Metric.objects.get(name=READ))).content.decode()
    readers = html.split('id="readers"')[1].split("</div>")[0]
    assert reverse("admin:zerostate_monitoring_rule_change", args=[rule.pk]) in readers
    assert "NodeDown" not in readers


def test_disabling__tells_which_rules_sleep(browser, store, sent):
    """On its page; the rules keep it as a finding, which goes when it is enabled again."""
    rule, row = reading(), Metric.objects.get(name=READ)
    html = browser.post(page_of(row), {"note": "", "feed": ""}, follow=True).content.decode()
    assert "Enabled rules read zerostate_escrows;" in html
    assert "FewEscrows" in html
    rule.refresh_from_db()
    assert "disabled-metric" in {finding["code"] for finding in rule.findings}

    browser.post(page_of(row), {"note": "", "feed": "", "enabled": "on"})
    rule.refresh_from_db()
    assert "disabled-metric" not in {finding["code"] for finding in rule.findings}


def test_disabling_many__tells_which_rules_sleep(browser, store, sent):
    """In bulk, too; and a rule that is disabled itself is not named."""
    reading()
    make_rule(name="Asleep", expr="zerostate_escrows > 9", enabled=False)
    posted = {
        "action": "disable",
        "_selected_action": [row.pk for row in Metric.objects.filter(name__contains="escrow")],
    }
    html = browser.post(METRICS, posted, follow=True).content.decode()
    assert "Enabled rules read zerostate_escrows;" in html
    assert "FewEscrows" in html
    assert "Asleep" not in html


def test_withdrawn__the_doctor_names_the_rules(store):
    """A family that left the catalogue, and the rules that read it."""
    reading()
    Metric.objects.filter(name=READ).update(withdrawn_at=timezone.now())
    [finding] = examine_rules()
    assert "zerostate_escrows is withdrawn or disabled, and is read by FewEscrows" in str(finding)
