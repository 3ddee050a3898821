"""A preview on the page of a rule: one page over a chosen window; what breaks is a sentence."""

from __future__ import annotations

import pytest

from tests.admin.rules.posting import ADD, PROMQL, change_url, text
from tests.models.rules import make_rule
from zerostate_monitoring.admin.rules import previewing
from zerostate_monitoring.admin.rules.previewing import span_of, spans
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
