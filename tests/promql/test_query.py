"""What a query says about itself."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.nodes import ValueType
from zerostate_monitoring.promql.query import Reach, parse

MINUTE = 60_000
HOUR = 60 * MINUTE
LOOKBACK = 5 * MINUTE


@pytest.mark.parametrize(
    ("text", "back_ms"),
    [
        ("1", 0),
        ('"x"', 0),
        ("time()", 0),
        ("up", LOOKBACK),
        ("up offset 1h", HOUR + LOOKBACK),
        ("up offset -1m", 4 * MINUTE),
        ("up offset -1h", 0),
        ("rate(up[1m])", MINUTE),
        ("rate(up[10m] offset 1h)", HOUR + 10 * MINUTE),
        ("up + rate(up[1h]) + up offset 10m", HOUR),
        ("max_over_time(up[1h:5m])", HOUR + LOOKBACK),
        ("max_over_time(rate(up[1h] offset 2h)[3h:] offset 4h)", 10 * HOUR),
        ("max_over_time(max_over_time(up[1h:])[1h:])", 2 * HOUR + LOOKBACK),
        ("topk(scalar(a offset 1h), b)", HOUR + LOOKBACK),
        ("up @ start()", LOOKBACK),
        ("up @ end() offset 1h", HOUR + LOOKBACK),
        ("max_over_time(up[1h:] @ end())", HOUR + LOOKBACK),
        ("max_over_time((up @ start())[1h:])", LOOKBACK),
        ("up @ 100", 0),
    ],
)
def test_reach__is_how_far_back_samples_are_needed(text, back_ms):
    """Ranges, offsets and lookback add up along the way to a selector; the farthest counts."""
    assert parse(text).reach(LOOKBACK).back_ms == back_ms


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("up @ 1000", Reach(0, 1_000_000 - LOOKBACK)),
        ("up @ 1000 offset 1m", Reach(0, 1_000_000 - MINUTE - LOOKBACK)),
        ("rate(up[10m] @ -1)", Reach(0, -1000 - 10 * MINUTE)),
        ("a @ 2000 + b @ 1000 + c", Reach(LOOKBACK, 1_000_000 - LOOKBACK)),
        ("max_over_time(up[1h:] @ 9000)", Reach(0, 9_000_000 - HOUR - LOOKBACK)),
        ("max_over_time((up @ 1000)[1h:] @ 9000)", Reach(0, 1_000_000 - LOOKBACK)),
        ("max_over_time((up @ end())[1h:] @ 9000)", Reach(LOOKBACK, None)),
    ],
)
def test_reach__names_the_earliest_time_behind_an_at(text, reach):
    """``@`` ties a selector, or a whole subquery, to a time; the innermost one counts."""
    assert parse(text).reach(LOOKBACK) == reach


@pytest.mark.parametrize(
    ("text", "back_ms"),
    [
        ("rate(up[1m * 10] offset (1h / 2))", 40 * MINUTE),
        ("rate(up[4 * step()])", 2 * MINUTE),
        ("up offset range()", HOUR + LOOKBACK),
        ("max_over_time(rate(up[step()])[2m + 1m:step()] offset -step())", 3 * MINUTE),
    ],
)
def test_reach__knows_step_and_range(text, back_ms):
    """Those of the question that is to be answered."""
    assert parse(text).reach(LOOKBACK, MINUTE // 2, HOUR).back_ms == back_ms


def test_reach__is_refused_where_the_query_is():
    """At an instant there is no step."""
    with pytest.raises(QuerySyntaxError, match="at least one millisecond"):
        parse("rate(up[step()])").reach(LOOKBACK)


def test_resolved__is_the_query_with_plain_durations():
    """It is made once for all instants, and is the query itself where nothing is computed."""
    plain, query = parse("rate(up[5m])"), parse("rate(up[2m + 3m] offset range())")
    assert plain.resolved(1, 2) is plain
    assert query.resolved() is query.resolved()
    assert query.resolved().expr == plain.expr
    later = query.resolved(0, 60_000)
    assert (later.text, later.expr) == (query.text, parse("rate(up[5m] offset 1m)").expr)
    assert [selection.range_ms for selection in later.selectors] == [300_000]


def test_selectors__are_all_with_their_ranges():
    """Those of parameters and of subqueries are among them."""
    query = parse("topk(scalar(a), rate(b[5m]) + max_over_time(c[1h:]))")
    found = {s.selector.name: s.range_ms for s in query.selectors}
    assert found == {"a": None, "b": 5 * MINUTE, "c": None}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1 + 1", ValueType.SCALAR),
        ("1 + up", ValueType.VECTOR),
        ("('x')", ValueType.STRING),
        ("up[5m]", ValueType.MATRIX),
        ("-scalar(up)", ValueType.SCALAR),
    ],
)
def test_query__has_the_type_of_its_answer(text, kind):
    """As Prometheus calls it."""
    assert parse(text).type is kind


def test_parse__keeps_what_it_has_parsed():
    """The same text gives the same object; a text that is no query is refused each time."""
    assert parse("up + 1") is parse("up + 1")
    assert parse("up + 1").text == "up + 1"
    for _ in range(2):
        with pytest.raises(QuerySyntaxError):
            parse("up +")


def test_parse__does_not_keep_long_texts():
    """They would fill the memory that many short ones share."""
    text = "up" + " " * 20_000
    assert parse(text).expr == parse(text).expr
    assert parse(text) is not parse(text)
