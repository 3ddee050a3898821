"""Who uses a metric."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.exploring.limits import Seen, limits_of, uses_of
from zerostate_monitoring.admin.exploring.readings import EVERY, Reading
from zerostate_monitoring.admin.exploring.using import panels_of, spans_of
from zerostate_monitoring.admin.exploring.windows import Window
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import AlertState

NAME = "zerostate_peer_connections"
SERIES = tuple((("node", f"n{k}"), ("site", f"s{k % 2}")) for k in range(4))


def limits(expr, key="value", by=EVERY, name=NAME, put="sum", series=SERIES):
    seen = Seen(name, Reading(key, by, (), "", put), series)
    return list(limits_of(expr, seen))


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        (f"{NAME} < 3", [3.0]),
        (f"3 > {NAME}", [3.0]),
        (f"max by (node) ({NAME}) == 0 and on () vector(1)", [0.0]),
        (f"avg_over_time({NAME}[5m]) > 9 or {NAME} < 2", [9.0, 2.0]),
        (f"(sum by (node) ({NAME}) or sum by (node) (other)) < 4", [4.0]),
        (f"zerostate_node_up < 1 and on (node) {NAME} == 1", []),
        (f"count({NAME} == 0) / count({NAME}) > 0.3", []),
        (f"count({NAME}) < 5", []),
        (f"rate({NAME}[5m]) > 5", []),
        (f"{NAME} / 2 > 5", []),
        ("zerostate_node_up < 1", []),
        (f"{NAME} > zerostate_node_up", []),
        ("sum(", []),
    ],
)
def test_limits__of_what_the_chart_shows(expr, found):
    """A number that is compared with something else is not drawn."""
    assert limits(expr) == found


def test_limits__of_sums_where_they_are_the_same():
    """A sum by node is each series; a sum by site is not, but where the chart splits by it."""
    by_site = f"sum by (site) ({NAME}) > 7"
    assert limits(f"sum by (node) ({NAME}) > 7") == [7.0]
    assert limits(by_site) == []
    assert limits(by_site, by="site") == [7.0]
    assert limits(f"sum({NAME}) > 7", by="") == [7.0]


def test_limits__of_rates_and_quantiles():
    """Of a counter's rate, and of a histogram's quantile whichever it is."""
    rate = "rate(zerostate_tasks_total[5m]) > 2"
    assert limits(rate, "rate", name="zerostate_tasks_total") == [2.0]
    assert limits(rate, "value", name="zerostate_tasks_total") == []
    name = "zerostate_http_request_duration_seconds"
    quantile = f"histogram_quantile(0.95, sum by (le) (rate({name}_bucket[10m]))) > 0.5"
    assert limits(quantile, "quantiles", name=name) == [0.5]
    assert limits(quantile, "mean", name=name) == []


@pytest.mark.parametrize("by", ["", "site"])
def test_limits__of_each_series_are_not_those_of_sums(by):
    """Four nodes of which two are up are 2 together: that is not below 1, and yet two are down."""
    assert limits(f"{NAME} < 1", by=by) == []
    assert limits(f"max by (node) ({NAME}) < 1", by=by) == []
    assert limits(f"{NAME} < 1", by="node") == [1.0]
    assert limits(f"{NAME} < 1", by="", series=SERIES[:1]) == [1.0]
    assert limits(f"{NAME} < 1", by="", series=()) == []


def test_limits__where_the_highest_is_shown():
    """It is above a limit where any series is; below one it says nothing of the others."""
    assert limits(f"{NAME} > 5", by="", put="max") == [5.0]
    assert limits(f"{NAME} < 5", by="", put="max") == []
    assert limits(f"sum({NAME}) > 5", by="", put="max") == []


def test_limits__of_the_highest_and_the_lowest_of_many():
    """One series beyond it decides; an average is of no single one."""
    assert limits(f"max({NAME}) > 5") == limits(f"min({NAME}) < 5") == [5.0]
    assert limits(f"max({NAME}) < 5") == limits(f"avg({NAME}) > 5") == []


@pytest.mark.parametrize(
    ("expr", "by", "said"),
    [
        (f"{NAME} < 1", "", "each series"),
        (f"sum({NAME}) < 1", EVERY, "all together"),
        (f"sum by (site) ({NAME}) < 1", EVERY, "sum by site"),
        (f"rate({NAME}[5m]) > 5", EVERY, "rate(…)"),
        (f"{NAME} / 2 > 5", EVERY, "works out"),
        (f"{NAME} > zerostate_node_up", EVERY, "no plain number"),
        (f"avg({NAME}) > 5", "", "cannot show"),
        (f"sum by (node, site) ({NAME}) > 5", "", "cannot show"),
        (f"zerostate_node_up < 1 and on (node) {NAME} == 1", EVERY, "beside"),
        (f"sum({NAME})", EVERY, "no plain number"),
        (f"{NAME} < 1", EVERY, ""),
    ],
)
def test_uses__say_why_a_limit_is_not_drawn(expr, by, said):
    """And nothing where it is."""
    (use,) = uses_of([Rule(expr=expr)], Seen(NAME, Reading("value", by, (), ""), SERIES))
    assert said in use.why
    assert bool(use.why) != bool(use.limits)


@pytest.mark.django_db
def test_spans__are_when_it_was_pending_and_fired():
    """Alerts that overlap are one band; while one fires nobody is told of pending ones."""
    rule, other = make_rule(name="A"), make_rule(name="B")
    at = datetime(2026, 11, 26, 12, tzinfo=UTC)
    minute = timedelta(minutes=1)
    for node, pending, fired, ended in (("a", 0, 5, 20), ("b", 10, 15, 30), ("c", 40, None, None)):
        make_alert(
            rule,
            node,
            AlertState.RESOLVED if ended else AlertState.PENDING,
            started_at=at + pending * minute,
            active_at=at + pending * minute,
            fired_at=None if fired is None else at + fired * minute,
            ended_at=None if ended is None else at + ended * minute,
        )
    make_alert(other, "d", started_at=at, active_at=at, fired_at=at)
    start = round(at.timestamp() * 1000)
    found = spans_of([rule], Window(start, start + 3_600_000, 15_000))
    told = [
        ((one.start_ms - start) // 60_000, (one.end_ms - start) // 60_000, one.kind)
        for one in found
    ]
    assert told == [(0, 5, "pending"), (40, 60, "pending"), (5, 30, "firing")]


def test_panels__that_ask_for_it():
    """By the family's name, though a panel names a part of a histogram."""
    assert panels_of("zerostate_node_up")
    assert panels_of("zerostate_http_request_duration_seconds")
    assert panels_of("nobody_asks") == ()
