"""Inhibitions, as in Alertmanager."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting.suppression.inhibiting import Inhibitor, Shares, Source
from zerostate_monitoring.rules.matchers import compile_matchers, parse_matchers


def inhibitor(source, target, equal, *firing):
    alerts = [Source(pk, f"s{pk}", labels) for pk, labels in enumerate(firing)]
    sides = [compile_matchers(parse_matchers(text)) for text in (source, target)]
    return Inhibitor(sides[0], sides[1], equal, alerts)


@pytest.mark.parametrize(
    ("firing", "labels", "expected"),
    [
        ({"s": "1", "e": "f"}, {"t": "1", "e": "f"}, True),
        ({"s": "1", "e": "g"}, {"t": "1", "e": "f"}, False),
        ({"s": "1"}, {"t": "1"}, True),
        ({"s": "1", "e": ""}, {"t": "1"}, True),
        ({"s": "1"}, {"t": "1", "e": "f"}, False),
        ({"s": "0", "e": "f"}, {"t": "1", "e": "f"}, False),
        ({"s": "1", "e": "f"}, {"t": "0", "e": "f"}, False),
        # Source on both sides, target on one: held back. Both on both sides: not.
        ({"s": "1", "t": "1", "e": "f"}, {"t": "1", "e": "f"}, True),
        ({"s": "1", "t": "1", "e": "f"}, {"s": "1", "t": "1", "e": "f", "x": "y"}, False),
        ({"s": "1", "e": "f"}, {"s": "1", "t": "1", "e": "f"}, True),
    ],
)
def test_target__is_held_back_by_a_source_with_equal_labels(firing, labels, expected):
    """A missing label is an empty one; those on both sides hold none of their like back."""
    found = inhibitor("s=1", "t=1", ("e",), firing).source_for(labels)
    assert (found is not None) is expected


def test_alert_on_both_sides__does_not_hold_itself_back():
    """An inhibition of a thing by itself does nothing."""
    labels = {"severity": "critical"}
    assert (
        inhibitor("severity=critical", "severity=critical", (), labels).source_for(labels) is None
    )


def test_two_sided_source__does_not_hide_a_one_sided_one():
    """Whichever source is seen first, one that counts is found."""
    two, one = {"s": "1", "t": "1"}, {"s": "1"}
    for firing in ([two, one], [one, two]):
        found = inhibitor("s=1", "t=1", (), *firing).source_for({"s": "1", "t": "1", "x": "y"})
        assert found.labels == one


def test_shares__are_made_in_one_pass_when_the_first_is_read():
    """Many inhibitions look at firing alerts once, and each at few of them."""
    passes = []

    def firing():
        passes.append(1)
        return (Source(n, "s", {"alertname": f"A{n % 50}", "n": str(n)}) for n in range(500))

    class Firing:
        def __iter__(self):
            return firing()

    shares = Shares(Firing())
    found = [shares.of(parse_matchers(f"alertname=A{n}\nn=~1.*")) for n in range(50)]
    everything = shares.of(parse_matchers("alertname!=A1"))
    assert passes == []
    assert {len(list(share)) for share in found} == {10}
    assert len(list(everything)) == 500
    assert passes == [1]
