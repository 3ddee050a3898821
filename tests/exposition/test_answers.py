"""Answers with the page are counted: by who asked, and whether it had to be made."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.exposition.pages import cache, snapshot
from tests.storage.frames import gauge, write
from zerostate_monitoring.exposition.answers import scraper_of
from zerostate_monitoring.exposition.page import Format
from zerostate_monitoring.exposition.selection import Selection
from zerostate_monitoring.instrumentation.registry import REGISTRY


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Prometheus/3.7.1", "prometheus"),
        ("Alloy/v1.11.0 (linux; docker)", "alloy"),
        ("GrafanaAgent/v0.40.0", "alloy"),
        ("vm_promscrape", "vmagent"),
        ("otelcol-contrib/0.130.0", "opentelemetry"),
        ("curl/8.14.1", "curl"),
        ("", "other"),
        ("x" * 10_000, "other"),
        ("Mozilla/5.0 prometheus", "other"),
    ],
)
def test_scraper__is_one_of_few_words(said, found):
    """Whatever a stranger sends, the label has no more values."""
    assert scraper_of(said) == found


def test_origin__says_whether_the_page_was_made():
    """The same page is kept for each form; a part is never kept; what is new is made again."""
    pages, told = cache(), []

    def ask(one, *, compressed=False, **how):
        pages.page(one, Format.TEXT, compressed=compressed, told=told.append, **how)

    first, second = snapshot({"a": gauge({"x": 1})}), snapshot({"a": gauge({"x": 2})})
    for one in (first, first, second):
        ask(one)
    ask(second, compressed=True)
    ask(second, compressed=True)
    ask(second, selection=Selection(frozenset({"a"}), frozenset()))
    assert told == ["made", "kept", "made", "made", "kept", "part"]


def counted(scraper, page):
    labels = {"scraper": scraper, "page": page}
    return REGISTRY.get_sample_value("zerostate_monitoring_page_answers_total", labels) or 0


def test_metrics__counts_its_answers(store):
    """Over HTTP, with what the request says of itself; who is refused had no page."""
    write(store, "collector:test", gauge({"x": 1.5}))
    before = counted("vmagent", "kept"), counted("vmagent", "part")
    client = Client(headers={"user-agent": "vm_promscrape"})
    for _ in range(3):
        client.get("/metrics")
    client.get("/metrics", {"name[]": "zerostate_test"})
    client.get("/metrics", {"collect[]": "nothing"})
    assert (counted("vmagent", "kept"), counted("vmagent", "part")) == (
        before[0] + 2,
        before[1] + 1,
    )
