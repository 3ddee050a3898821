"""Few sets of matchers are looked at for each alert, and never too few."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.suppression.indexing import Index
from zerostate_monitoring.rules.matchers import compile_text

VALUES = st.sampled_from(["", "a", "b", "ab"])
NAMES = st.sampled_from(["x", "y"])
LABELS = st.dictionaries(NAMES, VALUES)
MATCHER = st.builds(
    lambda name, op, value: f'{name}{op}"{value}"',
    NAMES,
    st.sampled_from(["=", "!=", "=~", "!~"]),
    st.sampled_from(["", "a", "b", "a|b", "a.*", ".*", ".+", "|a", "[ab]", "a?"]),
)
TEXTS = st.lists(st.lists(MATCHER, min_size=1, max_size=3).map("\n".join), max_size=8)


@given(TEXTS, LABELS)
def test_index__leaves_out_nothing_that_fits(texts, labels):
    """Whatever fits is among the candidates, once."""
    index = Index((compile_text(text).matchers, place) for place, text in enumerate(texts))
    found = list(index.candidates(labels))
    fitting = {place for place, text in enumerate(texts) if compile_text(text).test(labels)}
    assert fitting <= set(found)
    assert len(found) == len(set(found))


def test_index__looks_at_few():
    """Of a thousand silences of one instance each, one is looked at."""
    texts = [f'alertname="A"\nnode="n{place}"' for place in range(1000)]
    index = Index((compile_text(text).matchers, place) for place, text in enumerate(texts))
    assert list(index.candidates({"alertname": "A", "node": "n7"})) == [7]


def test_index__finds_words_of_a_choice():
    """A choice of plain words is looked up, too."""
    texts = [f"node=~n{place}|m{place}" for place in range(1000)]
    index = Index((compile_text(text).matchers, place) for place, text in enumerate(texts))
    assert list(index.candidates({"node": "m3"})) == [3]


def test_index__looks_at_few_of_many_patterns():
    """Where nothing is asked for exactly, each pattern is asked once for each value."""
    texts = [f'alertname="A{place % 50}"\nnode=~"n{place}.*"' for place in range(600)]
    texts += [f'team=~"t{place}.*"' for place in range(400)]
    index = Index((compile_text(text).matchers, text) for text in texts)
    for place in range(2_000):
        labels = {"alertname": f"A{place % 97}", "node": f"n{place}", "team": f"t{place % 200}"}
        found = list(index.candidates(labels))
        assert len(found) <= 12 + 3
        assert {text for text in texts if compile_text(text).test(labels)} <= set(found)
