"""The built-in rules as values: what each must hold."""

from __future__ import annotations

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.models.words import NoDataPolicy, RuleLayer, Severity
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import RecordingRule
from zerostate_monitoring.rules.lint import lint, metrics_of, recorded
from zerostate_monitoring.rules.schema import PROMETHEUS, Joined, of_definitions
from zerostate_monitoring.rules.shipped import GROUPS, INHIBITIONS, OUTSIDE, RULES, Unit, applied
from zerostate_monitoring.rules.templates import Context, Template

RECORDING = [
    RecordingRule(record=rule.name, expr=rule.expr)
    for group in (GROUPS[0], GROUPS[-1])
    for rule in group.rules
]
SCHEMA = recorded(RECORDING, Joined(of_definitions(CATALOGUE), PROMETHEUS))

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def test_shipped__is_what_was_promised():
    """48 rules for the network and its control plane, three for outside, 7 and 8 recordings."""
    assert len(RULES) - len(OUTSIDE.rules) == 48
    assert [rule.name for rule in OUTSIDE.rules] == [
        *("MonitoringPageDown", "EvaluationStopped", "PageScrapedTwice"),
    ]
    assert len(RECORDING) == 15
    # Only what is about days is kept for weeks: the others have a series for each bound.
    kept = [rule.name for group in (GROUPS[0], GROUPS[-1]) for rule in group.rules if rule.kept]
    assert kept == [rule.record for rule in RECORDING[:7]]


@each_rule
def test_rule__passes_the_lint(rule):
    """Against the catalogue and what is recorded: no errors, and no warnings either."""
    assert applied(rule).rule().problems() == ()
    assert lint(applied(rule).rule(), SCHEMA, interval_s=15) == ()


@pytest.mark.parametrize("rule", RECORDING, ids=lambda rule: rule.record)
def test_recording__passes_the_lint(rule):
    """As the alerting rules."""
    assert rule.problems() == ()
    assert lint(rule, SCHEMA, interval_s=15) == ()


@each_rule
def test_rule__holds_words_that_rows_know(rule):
    """Severity, layer and policy are choices of the row's columns."""
    assert rule.severity in Severity.values
    assert rule.layer in RuleLayer.values
    assert rule.no_data in NoDataPolicy.values
    assert rule.fault


@each_rule
@pytest.mark.parametrize("bound", ["lowest", "default", "highest"])
def test_parameter__works_over_its_range(rule, bound):
    """Each parameter stands in the expression, which is one at both ends of the range, too."""
    values = {parameter.name: getattr(parameter, bound) for parameter in rule.parameters}

    changed = applied(rule, {"parameters": values})

    assert rule.places() == set(values)
    assert changed.rule().problems() == ()
    assert [f for f in lint(changed.rule(), SCHEMA) if f.severity == "error"] == []
    assert all(p.lowest <= p.default <= p.highest and p.help for p in rule.parameters)


@each_rule
def test_windows__are_four_intervals_of_their_producer_or_longer(rule):
    """Nodes are read every 15 s, execution every 30 s, the economy every 60 s."""
    intervals = {"execution": 30, "economic": 60}
    slowest = max(
        (
            intervals.get(definition.layer, 15)
            for name in metrics_of(rule.rendered_expr())
            if (definition := CATALOGUE.find(name.removesuffix("_bucket").removesuffix("_count")))
        ),
        default=15,
    )
    for parameter in rule.parameters:
        if parameter.unit is Unit.WINDOW:
            assert parameter.lowest >= 4 * slowest


@each_rule
def test_summary__tells_value_and_limit(rule):
    """What was seen stands in it, and what would have been right."""
    summary = rule.rendered_annotations()["summary"]
    text = Template.parse(summary).render(Context(labels={"node": "n-1"}, value=0.625))

    assert Template.parse(summary).uses.value
    assert "<" not in text
    assert "{{" not in text
    assert any(char.isdigit() for char in text)
    assert rule.description.strip()


def test_inhibitions__name_rules_that_exist():
    """Each alert that is named in a matcher is built in."""
    for inhibition in INHIBITIONS:
        for matcher in (*inhibition.source, *inhibition.target):
            if matcher.startswith("alertname"):
                names = matcher.partition('"')[2].rstrip('"').split("|")
                assert set(names) <= set(RULES), inhibition.key


def test_long_windows__are_read_from_what_is_recorded():
    """No rule needs more than 75 minutes of what stands on the page."""
    kept = {rule.record for rule in RECORDING}
    for rule in RULES.values():
        for selection in parse(rule.rendered_expr()).selectors:
            names = {m.value for m in selection.selector.matchers if m.name == "__name__"}
            if not names <= kept:
                reach = (selection.range_ms or 0) + (selection.selector.offset_ms or 0)
                assert reach <= 75 * 60_000, rule.name
