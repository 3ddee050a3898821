"""A preview does what the live evaluation does over the same series."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from zerostate_monitoring.alerting.identity import Surroundings, present
from zerostate_monitoring.alerting.preview.replaying import Replayed, replay
from zerostate_monitoring.alerting.preview.slots import Span, slots
from zerostate_monitoring.alerting.preview.values import Bounds
from zerostate_monitoring.alerting.states import Hold, advance, keep
from zerostate_monitoring.exceptions import QueryError, RuleError
from zerostate_monitoring.models.words import AlertState, EventKind
from zerostate_monitoring.promql.data import Sample, Vector
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule

START = 1_700_000_010_000
STEP = 15_000
AROUND = Surroundings(0)
BOUNDS = Bounds()

values = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan, math.inf])
lines = st.lists(st.none() | values, min_size=1, max_size=25)
EXPRS = [
    "x > 1",
    "x",
    "x >= on (node) group_left () max by (node) (x)",
    "max_over_time(x[45s]) > 2",
    "vector(1)",
    "1 < bool 2",
    "sum by (pair) (x) > 1 and on (pair) count by (pair) (x) > 1",
    'label_replace(x, "node", "same", "", "")',
    "absent(x)",
    "max_over_time(x[step() + 30s]) > 2",
    "x @ end() > 1",
    'count_values("node", x)',
]


def storage(rows):
    series = []
    for number, line in enumerate(rows):
        points = [(START + STEP * at, v) for at, v in enumerate(line) if v is not None]
        if points:
            times, found = zip(*points, strict=True)
            labels = (("__name__", "x"), ("node", f"n{number}"), ("pair", str(number // 2)))
            series.append((labels, times, found))
    return MemoryStorage(series)


def live_changes(querier, rule, hold, slots):
    """What the evaluation of each slot for itself would write, as (key, began, fired, ended)."""
    live, found, errors, highest = {}, {}, 0, {}
    for at_ms in slots:
        try:
            value = querier.instant(rule.expr, at_ms).value
            is_vector = isinstance(value, Vector)
            samples = value.samples if is_vector else (Sample((), value.value),)
            step = advance(live, present(rule, samples, Surroundings(at_ms)), hold, at_ms)
        except (QueryError, RuleError) as error:
            errors += 1
            step = keep(live, str(error), STEP)
        live = step.live
        for change in step.changes:
            key = (change.live.labels, change.live.started_ms)
            began = found.setdefault(key, [None, None])
            if change.kind is EventKind.FIRING:
                began[0] = at_ms
            if change.end_reason:
                began[1] = at_ms
        for one in live.values():
            if not math.isnan(one.value):
                key = (one.labels, one.started_ms)
                highest[key] = max(highest.get(key, -math.inf), one.value)
    return {(*key, *ends, highest.get(key)) for key, ends in found.items()}, errors, live


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(lines, min_size=1, max_size=4),
    expr=st.sampled_from(EXPRS),
    hold=st.integers(0, 4),
    keep=st.integers(0, 3),
    limit=st.sampled_from([0, 0, 1, 3]),
    label=st.sampled_from(["", "{{ $labels.node }}", "{{ if gt $value 1.0 }}high{{ end }}"]),
)
def test_replay__is_the_live_evaluation(rows, expr, hold, keep, limit, label):
    """One range query and one walk give what an evaluation of each slot would have written."""
    querier = EmbeddedQuerier(storage(rows))
    rule = AlertingRule(
        alert="X",
        expr=expr,
        for_=timedelta(milliseconds=hold * STEP),
        keep_firing_for=timedelta(milliseconds=keep * STEP),
        labels={"grade": label},
        annotations={"value": "{{ $value }}"},
    )
    what = Hold(hold * STEP, keep * STEP, limit)
    end = START + 30 * STEP
    asked, _ = slots(querier, parse(expr), Span(START, end, STEP), 30)
    found = replay(Replayed(rule, what, STEP), asked, AROUND, BOUNDS)
    expected, errors, live = live_changes(querier, rule, what, range(START, end + 1, STEP))
    ours = {
        (one.labels, one.pending_ms, one.fired_ms, one.ended_ms, one.highest)
        for one in found.incidents
    }
    assert ours == expected
    assert len(ours) == len(found.incidents)
    assert found.errors == errors
    assert found.stopped_ms == end
    firing = {one.labels for one in live.values() if one.state is AlertState.FIRING}
    assert {one.labels for one in found.incidents if one.is_firing} == firing


def columns(*columns):
    """A slot for each column; a series for each value in it."""
    return [
        (at * STEP, [Sample((("node", str(n)),), value) for n, value in enumerate(column)])
        for at, column in enumerate(columns)
    ]


def test_replay__too_many_alerts_end_it():
    """With what was found until there, and where that is."""
    rule = AlertingRule(alert="X", expr="x")
    found = replay(
        Replayed(rule, Hold(), STEP), columns([1.0] * 5, [1.0] * 5), AROUND, Bounds(alerts=4)
    )
    assert (found.excess, found.stopped_ms) == ("there were more than 4 alerts", 0)
    assert len(found.incidents) == 5


def test_replay__too_many_values_end_it():
    """Before the slot that has too many."""
    rule = AlertingRule(alert="X", expr="x")
    slots = columns(*[[1.0] * 5] * 3)
    found = replay(Replayed(rule, Hold(), STEP), slots, AROUND, Bounds(samples=11))
    assert (found.excess, found.stopped_ms) == ("there were more than 11 values", STEP)


def test_replay__too_much_time_ends_it():
    """With what was found until there."""
    rule = AlertingRule(alert="X", expr="x")
    ticks = iter([False, False, True])
    found = replay(
        Replayed(rule, Hold(), STEP), columns(*[[1.0]] * 5), AROUND, BOUNDS, lambda: next(ticks)
    )
    assert (found.excess, found.stopped_ms) == ("it would take more than 10 seconds", STEP)
    assert len(found.incidents) == 1


def test_replay__an_error_changes_nothing():
    """A slot with two equal label sets, or with no answer, leaves what fires, and is counted."""
    rule = AlertingRule(alert="X", expr="x", labels={"node": "same"})
    one, two, three = columns([1.0], [1.0, 1.0], [1.0])
    slots = [one, two, three, (3 * STEP, QueryError("no answer"))]
    found = replay(Replayed(rule, Hold(), STEP), slots, AROUND, BOUNDS)
    (incident,) = found.incidents
    assert (incident.pending_ms, incident.fired_ms, incident.ended_ms) == (0, 0, None)
    assert found.errors == 2
    assert "Two series have the same labels" in found.first_error
