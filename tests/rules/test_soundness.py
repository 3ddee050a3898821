"""What the lint claims holds: invented queries over invented series never refute it."""

from __future__ import annotations

import math

import pytest

from tests.promql.dataset import dataset
from tests.promql.generator import Generator
from tests.promql.sequences import STALE
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.nodes import ValueType
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.bounds import bounds_of
from zerostate_monitoring.rules.label_flow import labels_of
from zerostate_monitoring.rules.lint import Code, lint_expr
from zerostate_monitoring.rules.schema import Metric, Metrics

QUERIES = 1_000


def schema_of(rows):
    """A schema that says of the series exactly what is true of all of them."""
    by_name: dict[str, list[tuple[dict[str, str], list[float]]]] = {}
    for labels, _, values in rows:
        by_name.setdefault(dict(labels)[NAME], []).append((dict(labels), values))
    return Metrics([_metric(name, series) for name, series in by_name.items()])


def _metric(name, series):
    sets = [{key for key, value in labels.items() if value and key != NAME} for labels, _ in series]
    values = [v for _, some in series for v in some if v is not STALE and not math.isnan(v)]
    ends = {labels["le"] for labels, _ in series if "le" in labels}
    bounds = sorted(map(float, ends)) if "none" not in ends else []
    return Metric(
        name=name,
        labels=frozenset().union(*sets),
        always=frozenset.intersection(*map(frozenset, sets)),
        lowest=min(values, default=0),
        highest=max(values, default=0),
        buckets=tuple(bound for bound in bounds if math.isfinite(bound)),
    )


@pytest.fixture(scope="module", params=[1, 2, 3])
def world(request):
    """Series, what is known of them, and queries about them."""
    rows = dataset(request.param)
    generator = Generator(request.param)
    asks = [ask for _ in range(QUERIES) if is_query((ask := generator.ask()[1]).text)]
    return schema_of(rows), Engine(MemoryStorage(rows)), asks


def is_query(text):
    """Whether the engine takes it: some invented queries are about native histograms."""
    try:
        parse(text)
    except QueryError:
        return False
    return True


def samples(engine, text, at_ms):
    """The samples of an instant vector; none where there is no answer."""
    try:
        answer = engine.instant(parse(text), at_ms=at_ms)
    except QueryError:
        return []
    return list(getattr(answer.value, "samples", []))


def test_labels__no_result_has_others(world):
    """Each label of a result was known to be possible, each sure one is there."""
    schema, engine, asks = world
    seen = 0
    for ask in asks:
        expr = parse(ask.text).expr
        if expr.type is not ValueType.VECTOR:
            continue
        known = labels_of(expr, schema)
        for sample in samples(engine, ask.text, ask.start_ms):
            labels = {name for name, value in sample.labels if value}
            assert all(known.may_have(name) for name in labels), f"{ask.text}: {labels}, {known}"
            assert known.always <= labels, f"{ask.text}: {labels}, {known}"
            seen += 1
    assert seen > QUERIES


def test_bounds__no_value_lies_beyond(world):
    """Each value of a result lies within its bounds."""
    schema, engine, asks = world
    for ask in asks:
        expr = parse(ask.text).expr
        if expr.type is not ValueType.VECTOR:
            continue
        bounds = bounds_of(expr, schema)
        for sample in samples(engine, ask.text, ask.start_ms):
            # Sums of floats may end a last digit off.
            value = sample.value
            slack = 1e-9 * max(1.0, abs(value)) if math.isfinite(value) else 0.0
            within = bounds.low - slack <= value <= bounds.high + slack
            assert math.isnan(value) or within, (ask.text, sample, bounds)


def test_findings__what_never_gives_anything_gives_nothing(world):
    """The part of a query that is called never true, or never to meet, is empty."""
    schema, engine, asks = world
    claimed = 0
    for ask in asks:
        for finding in lint_expr(ask.text, schema):
            part = ask.text[finding.start : finding.end]
            expr = parse(part).expr if finding.code in {Code.NEVER_TRUE, Code.NO_MATCH} else None
            if expr is None or getattr(expr, "returns_bool", False):
                continue
            if finding.code == Code.NO_MATCH and expr.op == "unless":
                continue
            claimed += 1
            assert samples(engine, part, ask.start_ms) == [], (ask.text, finding)
    assert claimed > 20
