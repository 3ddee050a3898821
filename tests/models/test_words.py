"""What is kept in English is told in the language of who reads it."""

from __future__ import annotations

import pytest

from tests.admin.pseudo import speak
from zerostate_monitoring.models.sentences import BOOK
from zerostate_monitoring.models.words import in_words

KNOWN = frozenset(
    text for one in BOOK.wordings for text in ([one] if isinstance(one, str) else one)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("There is no address.", "⟦There is no address.⟧"),
        ("It answers 500: There is no address.", "⟦It answers 500: There is no address.⟧"),
        ("no data: table a is missing", "⟦no data: ⟦table a is missing⟧⟧"),
        (
            "no data: zerostate_x: collector p2p has not succeeded yet; table a is missing",
            "⟦no data: ⟦zerostate_x: ⟦collector p2p has not succeeded yet⟧⟧⟧; ⟦table a is missing⟧",
        ),
        (
            "has not answered yet; 9 s ago it was healthy: postgresql answers",
            "⟦has not answered yet; 9 s ago it was healthy: ⟦postgresql answers⟧⟧",
        ),
        ("1 sample, 3 s ago", "⟦1 sample, 3 s ago⟧"),
        ("7 samples, 3 s ago", "⟦7 samples, 3 s ago⟧"),
        (
            "collector a: has not answered yet; and 3 more",
            "⟦collector a: ⟦has not answered yet⟧⟧; ⟦and 3 more⟧",
        ),
        ("who knows; and 3 more", "who knows; ⟦and 3 more⟧"),
        ("what is this?", "what is this?"),
        ("100% of it, %(n)s", "100% of it, %(n)s"),
    ],
)
def test_in_words__finds_the_sentence(text, told, monkeypatch):
    """Alone or one after another; what a receiver said itself stays as it is."""
    speak(monkeypatch, KNOWN)
    assert in_words(text) == told


@pytest.mark.parametrize(
    "text",
    ["93% of /data is used", "needs history from 1 ms on, there is none", "last tick 5 s ago"],
)
def test_in_words__is_the_text_itself_in_english(text):
    """Values come back as they were written."""
    assert in_words(text) == text


def test_in_words__asks_for_the_whole_text_where_no_sentence_is_known(monkeypatch):
    """A project may translate what the catalogue of metrics says."""
    speak(monkeypatch, {"Peers connected."})
    assert in_words("Peers connected.") == "⟦Peers connected.⟧"
