"""Durations that are computed: how they are read, and what they come to."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exceptions import QueryError, QuerySyntaxError
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.nodes import Duration, Number
from zerostate_monitoring.promql.parser import parse_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.resolving import is_computed, resolved

STEP, RANGE = 15_000, 3_600_000
YEARS_292 = "9223372036"


# -- reading -------------------------------------------------------------------


def computed(length):
    """``length`` with brackets around every operation."""
    match length:
        case Duration("()", (inner,)):
            return f"<{computed(inner)}>"
        case Duration("step" | "range" | "min_of" | "max_of" as name, operands):
            return f"{name}({','.join(map(computed, operands))})"
        case Duration(op, (operand,)):
            return f"({op}{computed(operand)})"
        case Duration(op, (left, right)):
            return f"({computed(left)} {op} {computed(right)})"
        case Number(value, is_duration):
            return f"{value:g}" + ("s" if is_duration else "")
    return None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1m + 2 * 3s ^ 2", "(60s + (2 * (3s ^ 2)))"),
        ("9 - 3 - 1m", "((9 - 3) - 60s)"),
        ("1h / 2 % 7", "((3600s / 2) % 7)"),
        ("2 ^ 3 ^ 2", "(2 ^ (3 ^ 2))"),
        ("-2 ^ 2", "(-(2 ^ 2))"),
        ("-2 * 1m", "(-2 * 60s)"),
        ("2 ^ -2 * 3", "((2 ^ -2) * 3)"),
        ("(2 + 3) * 1m", "(<(2 + 3)> * 60s)"),
        ("((2 + 3))", "<(2 + 3)>"),
        ("(5) * (-(1m))", "(5 * -60s)"),
        ("- step() ^ 2", "(-(step() ^ 2))"),
        ("+(+step())", "<step()>"),
        ("STEP () + Range( )", "(step() + range())"),
        ("Min_Of(2 * step(), max_of(1m, range()))", "min_of((2 * step()),max_of(60s,range()))"),
        ("min_of(1, 2) * 3", "(min_of(1,2) * 3)"),
    ],
)
def test_durations__are_computed_in_brackets(text, expected):
    """As numbers are; a range or a step that is one number stays one."""
    assert computed(parse_expr(f"up[{text}]").range_expr) == expected
    for between in ("1h:{}", "{}:", "{0}:{0}"):
        expr = parse_expr(f"up[{between.format(text)}]")
        given = [each for each in (expr.range_expr, expr.step_expr) if each is not None]
        assert {computed(each) for each in given} == {expected}
        assert len(given) == between.count("{")


@pytest.mark.parametrize("text", ["(5m)", "((300))", "-(-5m)", "+(0x12C)", "--(300)"])
def test_durations__are_plain_where_nothing_is_computed(text):
    """Parentheses and signs make no expression of a number."""
    assert parse_expr(f"up[{text}]") == parse_expr("up[5m]")
    assert parse_expr(f"up[5m:{text}] offset {text}") == parse_expr("up[5m:5m] offset 5m")


@pytest.mark.parametrize(
    ("text", "expected", "behind"),
    [
        ("1m * 2", None, "* 2"),
        ("-2 ^ 2", None, "^ 2"),
        ("-(1m) * 2", None, "* 2"),
        ("step() * 2", "step()", "* 2"),
        ("-range() ^ 2", "(-range())", "^ 2"),
        ("min_of(step(), 1m) + 2", "min_of(step(),60s)", "+ 2"),
        ("-(1m + 1m) - 2", "(-<(60s + 60s)>)", "- 2"),
        ("+(1m + 1m) - 2", "(+<(60s + 60s)>)", "- 2"),
        ("(1m + 1m)", "<(60s + 60s)>", ""),
        ("(1m) * 2", "(60s * 2)", ""),
        ("(1m + 1m) * 2 ^ 2", "(<(60s + 60s)> * (2 ^ 2))", ""),
        ("--1m * 2", "(60s * 2)", ""),
        ("+-step() * 2", "((-step()) * 2)", ""),
        ("(1m * 2) == 2", "<(60s * 2)>", "== 2"),
        ("(1m * 2) atan2 2", "<(60s * 2)>", "atan2 2"),
    ],
)
def test_offsets__end_behind_their_first_part(text, expected, behind):
    """Unless that stands in parentheses without a sign, or behind two signs."""
    expr = parse_expr(f"up offset {text}")
    if behind:
        op, other = behind.split()
        assert (expr.op, expr.right) == (op, Number(float(other)))
        expr = expr.left
    assert computed(expr.offset_expr) == expected
    ranged = parse_expr(f"rate(up[5m] offset {text})" if not behind else "rate(up[5m])")
    assert computed(ranged.arguments[0].selector.offset_expr) == (None if behind else expected)


def test_durations__know_their_places():
    """In the text, parentheses and signs included."""
    text = "x[ (2 * step()) + -(1m)]"
    whole = parse_expr(text).range_expr
    inner = whole.operands[0].operands[0]
    nodes = [whole, *whole.operands, inner, *inner.operands]
    assert [text[node.span.start : node.span.end] for node in nodes] == [
        "(2 * step()) + -(1m)",
        "(2 * step())",
        "-(1m)",
        "2 * step()",
        "2",
        "step()",
    ]


# -- resolving -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("5m * 2", "10m"),
        ("10m - 1m", "9m"),
        ("(5 + 2) * 1m", "7m"),
        ("1h / 2", "30m"),
        ("4h % 3h", "1h"),
        ("(2 ^ 3) * 1m", "8m"),
        ("-5m + 35m", "30m"),
        ("step() + 1", "16s"),
        ("max_of(step(), 5s)", "15s"),
        ("min_of(2 * step() + 5s, 5m)", "35s"),
        ("min_of(range(), 1h)", "1h"),
        ("-(-step())", "15s"),
        ("1 / 3 + 1", "1333ms"),
        ("0.0019999 * 1", "1ms"),
        ("2 ^ 0.5 * 0 + 1m", "1m"),
        ("min_of(1e9 ^ 99, 1m)", "1m"),
        ("1m / 1e9 ^ 99 + 1", "1s"),
        (f"{YEARS_292} * 1", YEARS_292),
    ],
)
def test_resolved__has_what_prometheus_computes(text, plain):
    """As floats of seconds; what is below a millisecond is lost."""
    for whole in ("x[{}]", "rate(x[{0}:{0}])", "sum(1 - ((x offset ({}))))"):
        expr = resolved(parse_expr(whole.format(text)), STEP, RANGE)
        assert expr == parse_expr(whole.format(plain))


@pytest.mark.parametrize(
    "text",
    [
        "topk(scalar(x offset step()), y)",
        "topk(2, max_over_time(y[1m:step()]))",
        "x + (-max_over_time(x[range():] offset range()))",
        "count_values('a', (x offset -(1m * 2)))",
    ],
)
def test_resolved__goes_everywhere(text):
    """Into arguments, parameters, operands and subqueries."""
    expr = parse_expr(text)
    assert is_computed(expr)
    assert not is_computed(resolved(expr, STEP, RANGE))


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("x[1m - 1m]", "1m - 1m", "at least one millisecond"),
        ("x[(2m - 3m)]", "(2m - 3m)", "at least one millisecond"),
        ("x[0.0001 * 1]", "0.0001 * 1", "at least one millisecond"),
        ("x[5m:step() - 1m]", "step() - 1m", "at least one millisecond"),
        ("x[-step()]", "-step()", "at least one millisecond"),
        ("x offset (1m / (1m - 60))", "1m / (1m - 60)", "divided by zero"),
        ("x offset (1m % (step() - 15))", "1m % (step() - 15)", "divided by zero"),
        ("x offset (1e9 ^ 99)", "(1e9 ^ 99)", "infinite, or no number"),
        ("x offset ((-1) ^ 0.5)", "((-1) ^ 0.5)", "infinite, or no number"),
        ("x offset (NaN * 1)", "(NaN * 1)", "infinite, or no number"),
        (f"1 + rate(x[{YEARS_292} * 2])", f"{YEARS_292} * 2", "too long"),
        (f"x offset -({YEARS_292} + 1)", f"-({YEARS_292} + 1)", "too long"),
    ],
)
def test_resolved__refuses_what_is_no_duration(text, place, message):
    """With its place in the text, when the step and the range are known."""
    expr = parse_expr(text)
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        resolved(expr, STEP, RANGE)
    assert text[caught.value.start : caught.value.end] == place


# -- evaluation ----------------------------------------------------------------


@pytest.fixture
def engine():
    """One sample each second, its own time."""
    times = list(range(0, 100_001, 1000))
    return Engine(MemoryStorage([((("__name__", "x"),), times, [at / 1000 for at in times])]))


def test_range__takes_its_own_step_and_range(engine):
    """The range is that which is asked for, whole steps or not."""

    def values(text):
        (run,) = engine.range(parse(text), 50_000, 63_000, 5000).value.runs
        return run.values.tolist()

    assert values("count_over_time(x[step() + 1])") == [6, 6, 6]
    assert values("count_over_time(x[range()])") == [13, 13, 13]
    assert values("x offset -step()") == [55, 60, 65]
    assert values("count_over_time(x[range():step()])") == [3, 3, 3]
    assert values("max_over_time(x[range()] @ end())") == [63, 63, 63]


def test_instant__has_neither_step_nor_range(engine):
    """Both are zero, in subqueries too."""

    def value(text):
        (sample,) = engine.instant(parse(text), 50_000).value.samples
        return sample.value

    assert value("x offset (step() + range())") == 50
    assert value("x offset (1m / 6)") == 40
    assert value("max_over_time((x offset (step() + 2))[10s:1s])") == 48
    with pytest.raises(QuerySyntaxError, match="at least one millisecond"):
        engine.instant(parse("rate(x[step()])"), 50_000)


def test_many__shares_what_comes_to_the_same(engine):
    """A query without an answer costs the others nothing."""
    texts = ["sum(rate(x[1m]))", "sum(rate(x[30s * 2]))", "rate(x[step()])", "x offset (1 + 1)"]
    one, other, wrong, last = engine.many(map(parse, texts), 50_000)
    assert one.value == other.value
    assert isinstance(wrong, QueryError)
    assert last.value.samples[0].value == 48
