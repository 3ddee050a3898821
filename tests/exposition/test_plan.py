"""The plan: which producers may stand beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exposition.layout import Layout
from zerostate_monitoring.exposition.plan import Candidate, make_plan, told_apart
from zerostate_monitoring.frames.builder import FrameBuilder

LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")).map(
    lambda found: tuple(sorted(found.items()))
)


def candidate(producer: str, labels: tuple[tuple[str, str], ...] = (), **series: int) -> Candidate:
    """A producer of gauges; each has as many series as it says."""
    builder = FrameBuilder()
    for name, count in series.items():
        builder.declare(name, "gauge")
        for number in range(count):
            builder.add(name, {"key": str(number)}, number)
    return Candidate(producer, Layout(builder.build(0).schema, labels), labels)


@given(st.lists(LABELS, max_size=8))
def test_told_apart__is_what_comparing_each_with_each_gives(found):
    """A producer is apart if it differs from every other labelled one in a common name."""
    candidates = [candidate(str(number), labels) for number, labels in enumerate(found)]

    def differ(one: Candidate, other: Candidate) -> bool:
        theirs = dict(other.labels)
        return any(theirs.get(name, value) != value for name, value in one.labels)

    labelled = [c for c in candidates if c.labels]
    expected = {
        one.producer
        for one in labelled
        if all(differ(one, other) for other in labelled if other is not one)
    }
    assert told_apart(candidates) == expected


@given(st.lists(st.tuples(LABELS, st.integers(1, 2)), max_size=6))
def test_plan__never_lets_a_line_stand_twice(found):
    """Whatever constant labels the producers have."""
    made = [candidate(str(number), labels, f=n) for number, (labels, n) in enumerate(found)]
    plan = make_plan(made)
    lines = [line for s in plan.sections for share in s.shares for line in share.lines.lines]
    assert len(lines) == len(set(lines)) == plan.series
    assert plan.series + plan.refused == sum(n for _, n in found)


def test_plan__orders_families_and_producers_by_name():
    """The page has the same order in every process."""
    plan = make_plan([candidate("q", (("n", "q"),), b=1, a=1), candidate("p", (("n", "p"),), b=1)])
    order = [
        (section.name, [share.producer for share in section.shares]) for section in plan.sections
    ]
    assert order == [("a", ["q"]), ("b", ["p", "q"])]
