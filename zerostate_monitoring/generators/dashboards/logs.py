"""Logs explorer: what did the programs say about it?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Dashboard,
    Kind,
    Limits,
    Panel,
    Query,
    Row,
    Source,
    Unit,
    Variable,
    VariableKind,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    bars,
    lines,
    lines_of_log,
    logs,
    q,
    tile,
    top,
)

_CHOSEN: Final = '{service=~"$service", level=~"$level"}'
_FOUND: Final = f'{_CHOSEN} |= `$text` | trace_id=~"$trace_id.*" | request_id=~"$request_id.*"'


def _of(title: str, words: str, description: str) -> Panel:
    return logs(
        title,
        Unit.LINES,
        description,
        lines_of_log(f'{_CHOSEN} |= `$text` |~ "(?i){words}"', title.lower()),
        width=24,
        height=8,
    )


_FIRST: Final = Row(
    title="",
    panels=(
        lines(
            "Lines by level",
            Unit.LINES,
            "How much is said. Errors are red, warnings amber.",
            lines_of_log(
                'sum by (level) (count_over_time({service=~"$service"}[$__interval]))',
                "{{level}}",
            ),
            stacked=True,
        ),
        lines(
            "Errors by service",
            Unit.LINES,
            "Errors of five minutes: which program breaks?",
            lines_of_log(
                "sum by (service) (count_over_time"
                '({service=~"$service", level=~"error|critical"}[5m]))',
                "{{service}}",
            ),
            empty_when_well=True,
            fault="api",
            traces=True,
        ),
        Panel(
            title="Most frequent error events",
            kind=Kind.BARS,
            unit=Unit.LINES,
            empty_when_well=True,
            fault="api",
            description="Which errors come most often, of lines that are JSON or came over OTLP.",
            queries=(
                Query(
                    expr="topk(10, sum by (event) (count_over_time"
                    '({service=~"$service", level=~"error|critical"} | event!="" [$__range])))',
                    legend="{{event}}",
                    source=Source.LOKI,
                    instant=True,
                ),
            ),
        ),
        lines(
            "Events by level",
            Unit.LINES_PER_SECOND,
            "What all programs log, counted where it is logged: also what sampling leaves out.",
            q("sum by (level) (rate(zerostate_log_events_total[5m]))", "{{level}}"),
            rules=("LogErrorsHigh",),
            stacked=True,
        ),
        top(
            "Loggers with the most errors",
            "topk(10, sum by (logger) (rate("
            'zerostate_log_events_total{level=~"error|critical"}[5m])))',
            "{{logger}}",
            Unit.LINES_PER_SECOND,
            "Where errors come from, also where no Loki is.",
            empty_when_well=True,
            fault="api",
            rules=("LogErrorsHigh",),
        ),
        tile(
            "Dropped by sampling",
            'sum(rate(zerostate_log_events_dropped_total{reason="sampling"}[5m]))',
            Unit.LINES_PER_SECOND,
            "Lines that sampling has left out: what stands below is not all.",
            limits=Limits(amber=1e-9),
        ),
    ),
)

_LINES: Final = Row(
    title="Lines",
    panels=(
        logs(
            "All lines",
            Unit.LINES,
            "As chosen above. A line's trace id opens its trace.",
            lines_of_log(_FOUND, "lines"),
            width=24,
            height=14,
        ),
        bars(
            "Lines by service",
            Unit.LINES,
            "Which program talks the most in the time that is shown.",
            Query(
                expr="topk(10, sum by (service) (count_over_time"
                '({service=~"$service"}[$__range])))',
                legend="{{service}}",
                source=Source.LOKI,
                instant=True,
            ),
            width=12,
        ),
        bars(
            "Errors by service and logger, 1 h",
            Unit.LINES,
            "Where errors come from, of lines that are JSON or came over OTLP.",
            Query(
                expr="topk(10, sum by (service, logger) (count_over_time"
                '({service=~"$service", level=~"error|critical"} | logger!="" [1h])))',
                legend="{{service}} {{logger}}",
                source=Source.LOKI,
                instant=True,
                colour=Colour.RED,
            ),
            empty_when_well=True,
            fault="api",
            width=12,
        ),
    ),
)

_LAYERS: Final = Row(
    title="P2P, execution, payment",
    panels=(
        _of("P2P", "(p2p|node|peer|dht|gossip)", "Links, messages, discovery."),
        _of("Execution", "(execution|task|wasm|guild|orchestrator)", "Tasks and guilds."),
        _of(
            "Payment",
            "(economic|payment|channel|settlement|dispute|escrow)",
            "Channels, escrows, disputes.",
        ),
    ),
)

_SECURITY: Final = Row(
    title="Security events",
    panels=(
        logs(
            "Logins, refused tokens, changes of rights",
            Unit.LINES,
            "Who was refused, and who changed what others may do, or silenced a critical rule.",
            lines_of_log(
                '{service=~"$service"} | logger="zerostate.security"',
                "events",
            ),
            width=24,
            height=10,
        ),
    ),
)


def _choice(name: str, title: str, text: str) -> Variable:
    return Variable(name=name, title=title, kind=VariableKind.LOG_LABEL, label=name, help=text)


def _text(name: str, title: str, text: str) -> Variable:
    return Variable(name=name, title=title, kind=VariableKind.TEXT, help=text)


DASHBOARD: Final = Dashboard(
    uid="zerostate-logs",
    title="Logs explorer",
    question="What did the programs say about it?",
    variables=(
        DATA_SOURCE,
        _choice("service", "Service", "Program that writes."),
        _choice("level", "Level", "How grave a line is."),
        _text("text", "Text", "What stands in the line."),
        _text("trace_id", "Trace", "Lines of one trace."),
        _text("request_id", "Request", "Lines of one request and of its tasks, by X-Request-ID."),
    ),
    rows=(_FIRST, _LINES, _LAYERS, _SECURITY),
)
