"""A preview on the page of a rule: one page over a chosen window; what breaks is a sentence."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.admin.rules.posting import ADD, PROMQL, change_url, text
from tests.models.rules import make_rule
from zerostate_monitoring.admin.rules import previewing
from zerostate_monitoring.admin.rules.previewing import span_of, spans
from zerostate_monitoring.alerting.preview import preview
from zerostate_monitoring.exceptions import QueryLimitError, QueryTimeoutError

pytestmark = pytest.mark.django_db

ASKED = {**PROMQL, "_preview": "1"}


def test_page__has_all_of_it(browser, history):
    """Figure with threshold and bands, how often, whom, what it means and what begins."""
    page = text(browser.post(ADD, {**ASKED, "_span": "900"}))
    for part in (
        'id="preview"',
        "the last 15 min",
        'id="chart-of-rule"',
        'data-limit="0.0"',
        'class="zsm-chart zsm-strips"',
        "<title>firing</title>",
        'id="meaning"',
        'id="foreseen"',
        "would have gone to nobody",
    ):
        assert part in page
    assert page.count("<figure") == 1
    assert '<option value="900" selected>' in page


def test_spans__as_far_as_history_reaches(settings):
    """Those that cannot be answered are not offered; a server keeps more."""
    assert [seconds for seconds, _ in spans()] == ["900", "3600", "7200"]
    assert (span_of("900"), span_of("86400"), span_of("x")) == (900, 3600, 3600)
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "http://127.0.0.1:9"
    assert span_of("86400") == 86_400


def test_page__of_a_stored_rule_over_a_window(browser, history):
    """The figure is over the window of the address, with links to others."""
    page = text(browser.get(change_url(make_rule()), {"span": "7200"}))
    assert "in the last 2 h" in page
    assert 'href="?span=900#chart"' in page


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (QueryTimeoutError("the query took longer than 10 seconds"), "Choose a shorter time"),
        (QueryLimitError("a selector finds 9,000,000 series: add matchers"), "add matchers"),
        (ZeroDivisionError("by zero"), "the log says why"),
        (MemoryError(), "the log says why"),
    ],
)
def test_preview__that_breaks(browser, store, monkeypatch, error, said):
    """A sentence with what to do, and the form as it was typed."""

    class Broken:
        def range(self, *args):
            raise error

        def instant(self, *args):
            raise error

    monkeypatch.setattr("zerostate_monitoring.alerting.preview.asking.querier", Broken)
    response = browser.post(ADD, {**ASKED, "owner": "network"})
    page = text(response)
    assert response.status_code == 200
    assert said in page
    assert 'value="network"' in page


def test_preview__the_figure_may_fail_alone(browser, history, monkeypatch):
    """The rest of the page is there."""

    class Slow:
        def range(self, *args):
            raise QueryTimeoutError("the query took longer than 2 seconds")

    monkeypatch.setattr("zerostate_monitoring.admin.rules.charting.querier", Slow)
    page = text(browser.post(ADD, ASKED))
    assert "would have fired" in page
    assert "longer than 2 seconds. Choose a shorter time" in page


def test_preview__of_any_text(browser, history):
    """Markup in annotations and labels stays text in the picture, the table and the sentences."""
    bad = "<script>alert(1)</script>\u202e" + "x" * 10_000
    page = text(
        browser.post(ADD, {**ASKED, "annotations": f"summary: {bad}", "labels": f"t: {bad}"})
    )
    assert 'id="preview"' in page
    assert "<script>alert(1)" not in page
    assert previewing.span_of("") == 3600


# -- what it begins with -----------------------------------------------------------------

MANY = "zerostate_node_up * on () zerostate_node_up == 0"
"""Cannot be evaluated wherever there is more than one node."""


def summary(page):
    [said] = re.findall(r'<p class="zsm-summary">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


def test_preview__of_what_cannot_be_evaluated_begins_with_that(browser, history):
    """At how many slots of how many; that it would not have fired says nothing then."""
    page = text(browser.post(ADD, {**ASKED, "expr": MANY, "_span": "900"}))
    found = re.match(r"✖ It could not be evaluated at (\d+) of (\d+) slots\.", summary(page))
    assert found is not None, summary(page)
    assert found[1] == found[2] != "0"
    assert "It would not have fired" not in page


def test_preview__what_was_not_recorded_stands_below_the_figure(browser, history, monkeypatch):
    """Of how many moments; the figure comes before all remarks."""
    known = preview

    def with_gaps(*arguments, **options):
        return replace(known(*arguments, **options), missed=9, steps=120, remarks=("so it is",))

    monkeypatch.setattr(previewing, "preview", with_gaps)
    page = text(browser.post(ADD, ASKED))
    told = page.index("For 9 of 120 moments nothing was recorded")
    assert page.index("<figure") < page.index("So it is.") < told


def test_preview__without_any_data_says_so(browser, store, monkeypatch):
    """Not that it would not have fired."""
    known = preview

    def without(*arguments, **options):
        return replace(known(*arguments, **options), evaluated=4, silent=4)

    monkeypatch.setattr(previewing, "preview", without)
    page = text(browser.post(ADD, ASKED))
    assert "Its data were not there in this time" in summary(page)
    assert "It would not have fired" not in page


def test_preview__has_the_window_to_itself(browser, store):
    """No field takes the focus from it; on a page that only asks, the first field has it."""
    assert "data-model-name" in text(browser.get(ADD))
    page = text(browser.post(ADD, ASKED))
    assert "data-model-name" not in page
    assert page.count("autofocus") == 1
    assert '<h2 id="preview-head" tabindex="-1" autofocus>' in page
