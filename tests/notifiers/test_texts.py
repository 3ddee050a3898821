"""What a message says, in a subject, as text and as a page."""

from __future__ import annotations

import html as entities
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notifiers.batches import ANNOTATIONS, LABELS, START, alert, batch, on, samples
from zerostate_monitoring.notifiers.freezing import frozen
from zerostate_monitoring.notifiers.mail import MOST_PICTURES, html, pictures
from zerostate_monitoring.notifiers.numbers import duration, number
from zerostate_monitoring.notifiers.subjects import LONGEST, subject
from zerostate_monitoring.notifiers.texts import plain

NAMED = {"alertname": "NodeDown", "severity": "critical"}
TEXTS = st.text(max_size=40)


def page(*alerts, **changes):
    told = batch(*alerts, **changes)
    return html(told, pictures(told.alerts))


def other(name, severity, node, number):
    return alert(number, labels={"alertname": name, "severity": severity, "node": node})


@pytest.mark.parametrize("told", [plain, lambda one: html(one, {})], ids=["text", "page"])
def test_message__says_why_it_was_passed_on(told):
    """Who comes second learns why it is now theirs; who was told first does not read of it."""
    said = "nobody has acknowledged it in time"
    assert said in told(batch(alert(labels=NAMED, notice="escalated")))
    assert said not in told(batch(alert(labels=NAMED)))


@pytest.mark.parametrize(
    ("alerts", "changes", "line"),
    [
        ([alert(labels=NAMED)], {}, "[FIRING critical] NodeDown"),
        ([alert(labels={"node": "a"})], {}, "[FIRING] alert node=a"),
        (
            [on("edge-3", 1), on("edge-4", 2)],
            {},
            "[FIRING critical] ZeroStateNodeErrorsHigh node=edge-3,edge-4 (2 alerts)",
        ),
        (
            [other("Slow", "warning", "a", 1), other("Down", "critical", "a", 2)],
            {"group_labels": {"node": "a"}},
            "[FIRING critical] Slow, Down node=a (2 alerts)",
        ),
        (
            [on(f"n{n}", n) for n in range(5)],
            {"truncated": 7},
            "[FIRING critical] ZeroStateNodeErrorsHigh node=n0,n1,n2,+2 (12 alerts)",
        ),
        ([alert(labels=NAMED, ended=725)], {}, "[RESOLVED after 12m 5s] NodeDown"),
        (
            [on("a", 1), on("b", 2, ended=60)],
            {},
            "[FIRING critical] ZeroStateNodeErrorsHigh node=a,b (1 firing, 1 resolved)",
        ),
        ([alert(labels=NAMED, notice="repeated")], {}, "[STILL FIRING critical] NodeDown"),
        ([alert(labels=NAMED, notice="escalated")], {}, "[ESCALATED critical] NodeDown"),
        ([alert(labels=NAMED)], {"purpose": "test"}, "[TEST FIRING critical] NodeDown"),
    ],
)
def test_subject__says_what_is_up(alerts, changes, line):
    """Severity, name, the labels that matter, how many."""
    assert subject(batch(*alerts, **changes)) == line


def test_subject__common_labels_of_several_alerts_are_left_out():
    """What all share and nobody groups by tells nothing."""
    both = [
        alert(n, labels={**NAMED, "node": f"n{n}", "region": "eu", "job": "nodes"}) for n in (1, 2)
    ]
    assert subject(batch(*both)) == "[FIRING critical] NodeDown node=n1,n2 (2 alerts)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.42, "0.42"),
        (1 / 3, "0.3333"),
        (1234567.8, "1,234,568"),
        (0.0000123, "1.23e-05"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Inf"),
        (5e20, "5e+20"),
    ],
)
def test_number__is_short(value, text):
    """Four digits, thousands apart."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.6, "1m"), (725, "12m 5s"), (3600, "1h"), (3900, "1h 5m"), (90_061, "1d 1h")],
)
def test_duration__has_two_units(seconds, text):
    """The largest ones."""
    assert duration(seconds) == text


def test_plain__tells_all_that_one_wants_to_know():
    """Value against threshold, since when, how long, what to do, where to look."""
    text = plain(batch(alert(samples=samples())))
    for line in (
        "FIRING critical: ZeroStateNodeErrorsHigh",
        ANNOTATIONS["summary"],
        "Value       0.42, fires above 0.2",
        "Since       2026-11-26 04:14:05 UTC, for 10m",
        "Labels      node=edge-3",
        "What to do  https://ops.example/runbooks/node-errors",
        "Details     https://ops.example/admin/zerostate_monitoring/alert/1/change/",
    ):
        assert line in text.splitlines()
    assert "▁" in text
    assert "0.03 … 0.44 in 30m" in text


def test_plain__resolved_says_how_long():
    """And when."""
    text = plain(batch(alert(ended=725)))
    assert "RESOLVED after 12m 5s: ZeroStateNodeErrorsHigh" in text
    assert "Resolved    2026-11-26 04:26:10 UTC" in text
    assert "Value then  0.42" in text


def test_plain__resolved_speaks_of_what_was():
    """It does not say that something is broken, nor what to do about it."""
    told = {"summary": "Payments fail.", "description": "Look at the bank."}
    ended = plain(batch(alert(ended=725, annotations=told))).splitlines()
    assert "It was: Payments fail." in ended
    assert not {"Payments fail.", "Look at the bank."} & {*ended}
    firing = plain(batch(alert(annotations=told))).splitlines()
    assert {"Payments fail.", "Look at the bank."} <= {*firing}


def test_plain__long_lists_are_bounded():
    """The first ones in full, the others counted, with where they are."""
    text = plain(batch(*[on(f"n{n}", n) for n in range(50)], truncated=7))
    assert text.count("FIRING critical") == 20
    assert "and 37 more: https://ops.example" in text


def test_plain__a_test_says_so_first():
    """Before anything that might frighten."""
    assert plain(batch(purpose="test")).startswith("This is a test. Nothing is wrong.")


def test_html__draws_the_first_alerts_and_writes_the_others():
    """Pictures are dear; a line of text tells the rest."""
    many = [on(f"n{n}", n, samples=samples()) for n in range(5)]
    text = page(*many)
    assert text.count('src="cid:') == MOST_PICTURES
    assert text.count("Last values") == 5 - MOST_PICTURES
    assert len(pictures(many)) == MOST_PICTURES


def test_html__nothing_from_outside():
    """No script, no style sheet, no font, no picture of another server."""
    text = page(alert(samples=samples()))
    for word in ("<script", "<link", "@import", "url(", 'src="http'):
        assert word not in text


def test_html__only_web_addresses_are_links():
    """Annotations come from rules that anybody may have written."""
    told = {"runbook_url": "javascript:alert(1)", "dashboard": "https://d.example/", "x": "data:x"}
    text = page(alert(annotations=told, url="javascript:alert(2)"))
    assert "javascript" not in text
    assert 'href="https://d.example/"' in text
    assert 'href="data:' not in text


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_messages__hold_any_text_as_text(name, value, note, told):
    """Whatever stands in labels and annotations: one line of subject, no markup, plain JSON."""
    hostile = f"<img src=x onerror=alert(1)>{value}"
    labels = {**LABELS, "alertname": name + hostile, "node": hostile}
    one = alert(labels=labels, annotations={"summary": told + hostile, "note": note})
    both = batch(one, on(value, 2), receiver=note or "r")

    line = subject(both)
    assert len(line) <= LONGEST
    assert line.isprintable()
    assert "<img src=x" not in html(both, {})
    assert entities.escape(hostile[:28]) in html(both, {})
    assert orjson.dumps(frozen({"text": plain(both)}))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats()
        | st.text(st.characters(codec=None), max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    )
)
def test_frozen__every_database_keeps_it(value):
    """No NUL, no lone surrogate, no number that JSON cannot write; and twice is once."""
    kept = frozen(value)
    text = orjson.dumps(kept).decode()
    assert "\\u0000" not in text
    assert orjson.loads(text) == kept == frozen(kept)


def test_plain__without_alerts_there_is_still_a_message():
    """A reminder may have none."""
    assert "[REMINDER]" in plain(batch(alerts=(), purpose="reminder"))
    assert subject(batch(alerts=(), purpose="reminder")) == "[REMINDER] on-call"


def test_plain__a_value_that_is_no_number_is_left_out():
    """NaN is kept as none."""
    assert "Value" not in plain(batch(alert(value=None)))


def test_telling__an_alert_that_ended_at_once_lasts_no_time():
    """Nothing divides by how long it took."""
    one = alert(ended=0)
    assert one.ends_at - START == timedelta(0)
    assert subject(batch(one)).startswith("[RESOLVED after 0s]")
