"""What the dashboards ask Loki, held to the lines that this app writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.generators.dashboards.logql import Line, PipelineError, parse
from tests.logs.conftest import Written
from tests.packages import ROOT
from zerostate_monitoring import logs
from zerostate_monitoring.generators.dashboards.logs import DASHBOARD
from zerostate_monitoring.generators.dashboards.panels import placed, resolved
from zerostate_monitoring.generators.dashboards.values import Source
from zerostate_monitoring.logs.context import KEYS

ALLOY = Path(ROOT) / "example_project/deploy/compose/alloy/config.alloy"
STREAM = {"service", "level", "environment"}


def as_sent(query, dashboard):
    """As Grafana sends it with every choice at "all" and every text empty."""
    return resolved(query, dashboard)


ASKED = [
    pytest.param(as_sent(query, one.dashboard), id=one.panel.title)
    for one in placed()
    for query in one.panel.queries
    if query.source is Source.LOKI
]
EVENTS = (
    ("node_scrape_failed", "warning", "zerostate_monitoring.collectors.nodes"),
    ("task_failed", "error", "zerostate_monitoring.execution"),
    ("channel_disputed", "error", "zerostate_monitoring.economic"),
    ("token_refused", "warning", "zerostate.security"),
    ("ready", "info", "django"),
)


def metadata():
    """Keys that Alloy makes structured metadata of."""
    text = ALLOY.read_text()
    [inside] = re.findall(r"stage\.structured_metadata \{\s*values = \{([^}]*)\}", text)
    return set(re.findall(r"(\w+)\s*=", inside))


def shipped(text):
    """A line as Alloy hands it to Loki."""
    line = json.loads(text)
    stream = {"service": "web", "environment": "compose", "level": line["level"]}
    return Line(stream, {key: line[key] for key in metadata() if key in line}, text)


@pytest.fixture
def lines():
    """Lines that our own chain wrote: all with the ids of one request."""
    written = Written("json", always={"service": "web"})
    [handler] = written.logger.handlers
    with logs.bound(request_id="r-1", trace_id="4bf92f35"):
        for event, level, name in EVENTS:
            made = written.logger.makeRecord(
                name, {"info": 20, "warning": 30, "error": 40}[level], "f", 1, event, (), None
            )
            handler.handle(made)
    return [shipped(text) for text in written.text.splitlines()]


@pytest.mark.parametrize("text", ASKED)
def test_query__asks_for_labels_that_there_are(text, lines):
    """Stream labels are bounded; ids are structured metadata; the rest stands in our JSON."""
    query = parse(text)
    assert {name for name, _, _ in query.stream} <= STREAM
    assert query.labels <= STREAM | metadata()
    assert query.keys <= {"event", "logger"} | STREAM
    assert all(query.keys - STREAM <= json.loads(line.text).keys() for line in lines)


@pytest.mark.parametrize("text", ASKED)
def test_query__finds_lines(text, lines):
    """Put to lines of ours, each panel shows some."""
    query = parse(text)
    found = query.counted(lines) if query.by else query.matched(lines)
    assert found
    assert not query.by or all(all(key) for key in found)


def test_query__by_event_counts_what_was_logged(lines):
    """The panels of errors name events and loggers, not messages."""
    by_event = parse(
        'topk(10, sum by (event) (count_over_time({service=~".+", level="error"} [5m])))'
    )
    assert by_event.counted(lines) == {("task_failed",): 1, ("channel_disputed",): 1}


def test_query__of_one_request_finds_all_its_lines(lines):
    """As the documents say at three in the morning."""
    asked = parse('{service=~".+"} | request_id="r-1"')
    assert len(asked.matched(lines)) == len(EVENTS)
    assert parse('{service=~".+"} | request_id="other"').matched(lines) == []


def test_security__panel_shows_its_logger_alone(lines):
    """Other words with "refused" in them are no events of security."""
    [panel] = [
        panel for row in DASHBOARD.rows if row.title == "Security events" for panel in row.panels
    ]
    [query] = panel.queries
    found = parse(as_sent(query, DASHBOARD)).matched(lines)
    assert len(found) == 1


def test_alloy__keeps_every_bound_key():
    """What is bound as context can be asked for without reading the line."""
    assert {*KEYS, "trace_id", "span_id", "event", "logger"} == metadata()
    text = ALLOY.read_text()
    [read] = re.findall(r"stage\.json \{\s*expressions = \{([^}]*)\}", text)
    assert set(re.findall(r"(\w+)\s*=", read)) == metadata() | {"level", "timestamp"}


def test_query__that_parses_fails_on_lines_that_are_no_json(lines):
    """As Loki does, where numbers are asked for; a filter on errors lets it answer."""
    told = [*lines, Line(lines[0].stream, {}, "Traceback (most recent call last):")]
    text = 'sum by (event) (count_over_time({service="web"} | json%s [5m]))'
    with pytest.raises(PipelineError):
        parse(text % "").counted(told)
    assert sum(parse(text % ' | __error__=""').counted(told).values()) == len(lines)


@pytest.mark.parametrize(
    "text",
    ["{a=}", '{a="b"} | logfmt', "rate(x)", '{a="b"} |= `x', "{}", '{a=~".*", b!="c"}'],
)
def test_parse__refuses_what_it_does_not_understand(text):
    """A query that nobody here can read is no green test."""
    with pytest.raises(ValueError):
        parse(text)
