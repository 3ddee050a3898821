"""What the dashboards declare: every query is right, every picture says what it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.generators.dashboards.heads import variables
from zerostate_monitoring.generators.dashboards.known import RECORDED, schema
from zerostate_monitoring.generators.dashboards.panels import (
    DASHBOARDS,
    asked,
    placed,
    resolved,
)
from zerostate_monitoring.generators.dashboards.records import of_rules
from zerostate_monitoring.generators.dashboards.values import Kind, Limits, Rule, Source, Unit
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.lint import lint_expr, metrics_of
from zerostate_monitoring.rules.shipped import RULES

SCHEMA = schema()
PROMQL = [
    (dashboard, panel, query)
    for dashboard, _, panel in placed()
    for query in panel.queries
    if query.source is Source.PROMETHEUS
]
UIDS = (
    *("zerostate-overview", "zerostate-nodes", "zerostate-p2p", "zerostate-execution"),
    *("zerostate-economic", "zerostate-slo", "zerostate-service", "zerostate-monitoring"),
    "zerostate-logs",
)
GRAFANAS_UNITS = {
    *("short", "percentunit", "s", "m", "bytes", "Bps", "dateTimeFromNow", "bool_on_off"),
    *("reqps", "ops", "opm"),
}


def test_dashboards__are_the_nine():
    """Each answers one question in its first row, which has no heading; the others have one."""
    assert tuple(one.uid for one in DASHBOARDS) == UIDS
    for dashboard in DASHBOARDS:
        assert dashboard.question.endswith("?")
        assert [bool(row.title) for row in dashboard.rows] == [False] + [True] * (
            len(dashboard.rows) - 1
        )


def test_queries__pass_the_lint():
    """Every metric, label and value is one that is known, and nothing is added that cannot be."""
    found = [
        (dashboard.uid, panel.title, finding.message)
        for dashboard, panel, query in PROMQL
        for finding in lint_expr(resolved(query, dashboard), SCHEMA, interval_s=15)
    ]
    assert found == []
    assert [q.expr for dashboard, _, q in PROMQL if "$" in resolved(q, dashboard)] == []


def test_queries__name_series_by_labels_that_they_have():
    """A legend's label is one that the answer carries, so no series is named by nothing."""
    for _, panel, query in PROMQL:
        labels = set(re.findall(r"{{(\w+)}}", query.legend))
        grouped = re.findall(r"by \(([^)]*)\)", query.expr)
        kept = {name.strip() for names in grouped for name in names.split(",")} | {"version"}
        kept |= set(re.findall(r'count_values(?: by \([^)]*\))? \("(\w+)"', query.expr))
        assert not grouped or labels <= kept, (panel.title, query.legend, query.expr)


def test_panels__say_what_they_show():
    """A title, a sentence, a unit that Grafana has, and a name for each series."""
    for _, _, panel in placed():
        assert panel.title
        assert re.search(r"[.:?]$", panel.description), panel.description
        assert panel.unit in GRAFANAS_UNITS or panel.unit.startswith("suffix:"), panel.title
        assert panel.queries, panel.title
        legends = [query.legend for query in panel.queries]
        assert all(legends), panel.title
        assert len(set(legends)) == len(legends), panel.title


def test_panels__lead_to_what_is_there():
    """Dashboards and rules that they link to exist; none leads to its own dashboard."""
    uids = {dashboard.uid for dashboard in DASHBOARDS}
    for dashboard, _, panel in placed():
        assert not panel.to or panel.to in uids - {dashboard.uid}, panel.title
        assert set(panel.rules) <= set(RULES), panel.title
        limits = (panel.limits, *panel.limits_of.values())
        for bound in (bound for one in limits if one for bound in one.bounds):
            if isinstance(bound, Rule):
                assert bound.parameter in RULES[bound.name].defaults, panel.title


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=UIDS)
def test_titles__are_unique(dashboard):
    """People and links find a panel by its title."""
    counts = Counter(panel.title for _, panel in dashboard.panels)
    assert [title for title, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=UIDS)
def test_variables__are_used(dashboard):
    """Each choice changes something: a query, or the choices of another variable."""
    text = "\n".join(
        [
            *(query.expr for _, panel in dashboard.panels for query in panel.queries),
            *(variable.metric for variable in dashboard.variables),
        ]
    )
    named = {one.name for one in dashboard.variables} - {"datasource", "filters"}
    assert {name for name in named if f"${name}" not in text} == set()
    assert set(re.findall(r"\$(\w+)", text)) - {"__interval", "__range"} <= named


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=UIDS)
def test_variables__come_from_metrics_with_that_label(dashboard):
    """Choices are values of a label that the metric has."""
    for variable in dashboard.variables:
        if variable.metric:
            name = next(iter(metrics_of(variable.metric.replace("$", ""))))
            metric = SCHEMA.metric(name)
            assert metric is not None
            assert metric.labels is None or variable.label in metric.labels, variable
    assert len(variables(dashboard, ExportOptions())) == len(dashboard.variables)


def test_panels__that_may_be_empty_say_why():
    """What is empty while all is well names the fault that fills it; planned is what is planned."""
    for dashboard, _, panel in placed():
        if panel.empty_when_well:
            assert panel.fault, (dashboard.uid, panel.title)
        families = {
            definition
            for query in panel.queries
            if query.source is Source.PROMETHEUS
            for name in metrics_of(resolved(query, dashboard))
            if (definition := CATALOGUE.find(name))
        }
        planned = bool(families) and all(one.planned for one in families)
        assert panel.planned == planned, (dashboard.uid, panel.title)


def test_recorded__is_asked_for_by_its_name():
    """What looks days back reads recorded series, and each of these is read.

    Those of what is asked often are read in the place of what they are made of, by two panels
    or more each: who records what nobody asks for pays for nothing.
    """
    records = of_rules(RECORDED.items())
    read = Counter(
        name
        for one in asked()
        if one.source is Source.PROMETHEUS
        for name in metrics_of(resolved_text(records.asked(one.expr)))
    )
    assert set(RECORDED) <= set(read)
    assert {name for name in RECORDED if ":rate" in name and read[name] < 2} == set()
    long = [one.expr for one in asked() if re.search(r"\[(3d|6h)\]", one.expr)]
    assert long
    assert all("zerostate:" in expr for expr in long)


def resolved_text(expr):
    """Variables at anything, whosever they are."""
    return re.sub(r"\$\w+", ".*", expr)


def test_windows__are_no_shorter_than_producers_allow():
    """Four times the longest interval of a producer that a window is about: 5 m and more."""
    windows = {
        found
        for one in asked()
        if one.source is Source.PROMETHEUS
        for found in re.findall(r"\[(\d+[smhd])(?::\d+m)?\]", one.expr)
    }
    assert windows <= {"5m", "10m", "15m", "30m", "1h", "2h", "6h", "1d", "24h", "3d", "7d", "30d"}


def test_figures__have_colours_only_where_limits_are():
    """A tile without limits is plain; amber comes before red."""
    for dashboard, _, panel in placed():
        limits = panel.limits or Limits()
        assert panel.limits is None or limits.bounds, (dashboard.uid, panel.title)


def test_state_pictures__have_words():
    """1 and 0 are never shown as numbers."""
    for dashboard, _, panel in placed():
        if panel.unit is Unit.UP or panel.kind is Kind.TIMELINE:
            assert panel.words, (dashboard.uid, panel.title)


def test_listing__needs_no_sdk():
    """Whoever only lists panels does not pay for Grafana's classes."""
    program = (
        "import sys\n"
        "from zerostate_monitoring.generators.dashboards.panels import asked\n"
        "assert len(list(asked())) > 100\n"
        "assert 'grafana_foundation_sdk' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_asked__parses_as_a_whole():
    """Also with variables as they stand in the quotes."""
    for one in asked():
        if one.source is Source.PROMETHEUS:
            parse(one.expr)


def test_failures__lead_to_traces_and_log_lines():
    """Whoever sees a curve of failures wants to see one of them."""
    silent = [
        (dashboard.uid, panel.title)
        for dashboard, _, panel in placed()
        if panel.kind is Kind.LINES and not panel.traces
        if re.search(r"that fail|[Ff]ailures|[Ee]rrors|refused$|dropped$", panel.title)
    ]
    assert silent == [("zerostate-monitoring", "Families refused")]
