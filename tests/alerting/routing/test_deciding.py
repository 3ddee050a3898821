"""Which routes take an alert."""

from __future__ import annotations

import logging

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.routing.deciding import Routing, Verdict
from zerostate_monitoring.alerting.routing.values import Entry, Routed, Step, Taken

LABELS = {"alertname": "NodeDown", "severity": "critical"}


def entry(pk, matchers="", *, is_continued=False, receivers=(1,), disabled=()):
    taken = Taken(Routed(pk, f"r{pk}"), tuple(map(Step, receivers)))
    return Entry(taken, matchers, is_continued, disabled)


def taken(*entries, labels=None):
    return [one.route.pk for one in Routing(entries).of(LABELS if labels is None else labels)]


def verdicts(*entries):
    return [look.verdict for look in Routing(entries).explain(LABELS)]


def test_first_match__takes():
    """Routes are looked at in order, and the first that matches ends it."""
    assert taken(entry(1, "severity=info"), entry(2, "severity=critical"), entry(3)) == [2]


def test_continue__looks_on():
    """A route that continues takes the alert, and so do those after it up to the next end."""
    routes = [entry(1, is_continued=True), entry(2, "a=b", is_continued=True), entry(3), entry(4)]
    assert taken(*routes) == [1, 3]


def test_no_match__is_unrouted():
    """Where nothing matches there is no receiver."""
    assert taken(entry(1, "severity=info")) == []


def test_route_without_receiver__is_passed_over():
    """A route that cannot tell anybody takes an alert from nobody."""
    assert taken(entry(1, receivers=(), disabled=("mail",)), entry(2)) == [2]
    looks = Routing([entry(1, receivers=(), disabled=("mail",)), entry(2)]).explain(LABELS)
    assert looks[0].verdict is Verdict.NO_RECEIVER
    assert "mail disabled" in looks[0].reason


def test_broken_route__takes_what_nobody_takes(caplog):
    """A route that cannot be read loses nothing, takes nothing from others, and is logged once."""
    broken = entry(1, "severity=")
    with caplog.at_level(logging.ERROR):
        routing = Routing([broken, entry(2, "severity=critical")])
    assert [record.message for record in caplog.records] == ["route_broken"]
    assert [one.route.pk for one in routing.of(LABELS)] == [2]
    assert [one.route.pk for one in routing.of({"severity": "info"})] == [1]
    assert routing.faults() == {1: "Line 1: a value of severity is missing."}


def test_explanation__says_why_of_each_route():
    """Each route is there with its verdict, and with the value that did not fit."""
    routes = [entry(1, 'severity="info"'), entry(2), entry(3), entry(4, "a==")]
    looks = Routing(routes).explain(LABELS)
    assert [look.verdict for look in looks] == [
        Verdict.NO_MATCH,
        Verdict.TAKES,
        Verdict.NOT_REACHED,
        Verdict.BROKEN,
    ]
    assert looks[0].reason == 'severity="info" is not met: it is "critical"'
    assert "r2 took the alert" in looks[2].reason


def test_explanation__of_a_last_resort():
    """Where only a broken route is left, it is said that this one takes the alert."""
    assert verdicts(entry(1, "severity=info"), entry(2, "a==")) == [
        Verdict.NO_MATCH,
        Verdict.LAST_RESORT,
    ]


ENTRIES = st.lists(
    st.builds(
        lambda matchers, is_continued, receivers: (matchers, is_continued, receivers),
        st.sampled_from(["", "severity=critical", "severity=info", "a==", "a!=b"]),
        st.booleans(),
        st.sampled_from([(), (1,), (1, 2)]),
    ),
    max_size=6,
)


@given(ENTRIES, st.sampled_from([{}, LABELS, {"severity": "info", "a": "b"}]))
def test_explanation__agrees_with_what_is_done(rows, labels):
    """What the dry run says takes an alert is what takes it, and every taker has a receiver."""
    logging.disable(logging.CRITICAL)
    try:
        routing = Routing(
            entry(pk, matchers, is_continued=is_continued, receivers=receivers)
            for pk, (matchers, is_continued, receivers) in enumerate(rows)
        )
    finally:
        logging.disable(logging.NOTSET)
    told = [look.taken for look in routing.explain(labels) if look.takes]
    assert tuple(told) == routing.of(labels)
    assert all(one.steps for one in told)
