"""English texts are taken apart into sentence and values."""

from __future__ import annotations

import pytest

from zerostate_monitoring.models.sentences.matching import Book, Found

TRIED = ("%(n)d try", "%(n)d tries")
BOOK = Book(
    "Nothing waits.",
    "It answers %(status)s: %(said)s",
    "It answers %(status)s: %(said)s and redirects.",
    "%(n)s%% of %(path)s is used",
    "last tick %(age).0f s ago",
    TRIED,
    "since %(since)s",
    "%(name)s again, %(name)s",
)


@pytest.mark.parametrize(
    ("text", "wording", "values"),
    [
        ("Nothing waits.", "Nothing waits.", {}),
        ("It answers 5: a\nb", "It answers %(status)s: %(said)s", {"status": "5", "said": "a\nb"}),
        ("93% of /data is used", "%(n)s%% of %(path)s is used", {"n": "93", "path": "/data"}),
        ("last tick -3 s ago", "last tick %(age).0f s ago", {"age": -3.0}),
        ("1 try", TRIED, {"n": 1}),
        ("1,000 tries", TRIED, {"n": 1000}),
        ("since 2026-01-31 10:00:00 UTC", "since %(since)s", {"since": "2026-01-31 10:00:00 UTC"}),
        ("a again, a", "%(name)s again, %(name)s", {"name": "a"}),
    ],
)  # fmt: skip
def test_find__gives_the_sentence_and_its_values(text, wording, values):
    """Numbers as numbers, so that the form that counts can be chosen anew."""
    assert BOOK.find(text) == Found(wording, values)


@pytest.mark.parametrize(
    "text",
    ["", "Nothing waits", "Nothing waits. ", "since then", "a again, b", "x tries", "- tries"],
)
def test_find__knows_no_other(text):
    """One letter more or less is another sentence; so is a word where a time belongs."""
    assert BOOK.find(text) is None


def test_find__takes_what_says_more():
    """Of two sentences that fit, the longer one was meant."""
    found = BOOK.find("It answers 302: gone and redirects.")
    assert found.wording == "It answers %(status)s: %(said)s and redirects."
