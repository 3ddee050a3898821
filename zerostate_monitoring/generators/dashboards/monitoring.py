"""Monitoring itself: can I believe what I see?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.monitoring_rules import EVALUATION
from zerostate_monitoring.generators.dashboards.monitoring_ways import (
    DELIVERY,
    PAGE_LIMITS,
    PAGE_ROW,
    SIZE,
    STORE,
)
from zerostate_monitoring.generators.dashboards.selectors import (
    UP,
)
from zerostate_monitoring.generators.dashboards.values import (
    Dashboard,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    label,
    lines,
    q,
    tile,
    timeline,
)

_COLLECTOR: Final = 'collector=~"$collector"'


_AGE: Final = "time() - zerostate_monitoring_collector_last_success_timestamp_seconds"

_FIRST: Final = Row(
    title="",
    panels=(
        tile(
            "Oldest collector",
            f"max(({_AGE}) / zerostate_monitoring_collector_interval_seconds)",
            Unit.INTERVALS,
            "How many of its own intervals the collector is behind that is behind the most.",
            limits=Limits(
                amber=Rule("CollectorStale", "intervals", times=0.5),
                red=Rule("CollectorStale", "intervals"),
            ),
            rules=("CollectorStale",),
        ),
        tile(
            "Sources",
            "min by (source) (zerostate_monitoring_source_up)",
            Unit.UP,
            "Whether what figures come from could be read.",
            legend="{{source}}",
            words=UP,
            limits=Limits(red=1, below=True),
            rules=("PlatformSourceDown",),
        ),
        tile(
            "Store",
            "min(zerostate_monitoring_store_up)",
            Unit.UP,
            "Whether Redis or Valkey answered for this page.",
            words=UP,
            limits=Limits(red=1, below=True),
            rules=("StoreDown",),
        ),
        tile(
            "Slots missed, 1 h",
            "sum(increase(zerostate_monitoring_evaluation_slots_missed_total[1h]))",
            Unit.COUNT,
            "Moments at which rules should have been evaluated and were not.",
            limits=Limits(amber=1, red=Rule("EvaluationsMissed", "slots")),
            rules=("EvaluationsMissed",),
        ),
        tile(
            "Rules in error",
            'sum(zerostate_monitoring_rules{health="error"})',
            Unit.COUNT,
            "Rules that cannot be evaluated: what they watch is not watched.",
            limits=Limits(red=1),
            rules=("RulesFailing",),
        ),
        tile(
            "Outbox, oldest due",
            "(time() - min(zerostate_monitoring_outbox_oldest_due_timestamp_seconds)) or vector(0)",
            Unit.SECONDS,
            "How long the oldest message waits that should have been sent.",
            limits=Limits(
                amber=Rule("OutboxDelayed", "age", times=0.25), red=Rule("OutboxDelayed", "age")
            ),
            rules=("OutboxDelayed",),
        ),
        tile(
            "Dead letters, 24 h",
            'sum(increase(zerostate_monitoring_deliveries_total{outcome="dead_letter"}[24h]))',
            Unit.COUNT,
            "Messages that were given up: somebody was not told.",
            limits=Limits(red=1),
            rules=("DeliveriesDead",),
        ),
        tile(
            "Last heartbeat",
            "time() - max(zerostate_monitoring_heartbeat_last_success_timestamp_seconds)",
            Unit.SECONDS,
            "Since the service that watches from outside last heard of us; none, where"
            " ZEROSTATE_MONITORING_HEARTBEAT_URL is not set.",
            limits=Limits(red=Rule("EvaluationStopped", "age")),
            needs="ZEROSTATE_MONITORING_HEARTBEAT_URL",
            rules=("Watchdog", "EvaluationStopped"),
        ),
        tile(
            "Series on the page",
            "sum(zerostate_monitoring_page_series)",
            Unit.COUNT,
            "What a scrape of the merged page brings. Red where a Prometheus refuses it: the"
            " exported job has ZEROSTATE_MONITORING_PAGE_MAX_SERIES as its limit.",
            spark=True,
            limits=PAGE_LIMITS,
            rules=("SeriesOverflow",),
        ),
    ),
)

_COLLECTORS: Final = Row(
    title="Collectors",
    panels=(
        lines(
            "Duration against interval",
            Unit.RATIO,
            "Time of a run over the time between two. At 1 a collector never rests.",
            q(
                f"max by (collector) (zerostate_monitoring_collector_duration_seconds"
                f"{{{_COLLECTOR}}} / zerostate_monitoring_collector_interval_seconds"
                f"{{{_COLLECTOR}}})",
                "{{collector}}",
            ),
            limits=Limits(amber=0.5, red=1),
        ),
        lines(
            "Since the last success",
            Unit.SECONDS,
            "Teeth of a saw are well; a line that rises is a collector that fails.",
            q(
                "max by (collector) (time() - zerostate_monitoring_collector_last_success_"
                f"timestamp_seconds{{{_COLLECTOR}}})",
                "{{collector}}",
            ),
            rules=("CollectorStale",),
        ),
        lines(
            "Samples",
            Unit.COUNT,
            "What the last successful run gave.",
            q(
                f"max by (collector) (zerostate_monitoring_collector_samples{{{_COLLECTOR}}})",
                "{{collector}}",
            ),
        ),
        lines(
            "Errors by kind",
            Unit.PER_MINUTE,
            "Errors in runs. The last one of each stands in admin, with its text.",
            q(
                "60 * sum by (collector, kind) "
                f"(rate(zerostate_monitoring_collector_errors_total{{{_COLLECTOR}}}[5m])) > 0",
                "{{collector}}: {{kind}}",
            ),
            empty_when_well=True,
            fault="collector",
            rules=("CollectorStale",),
            traces=True,
        ),
        lines(
            "Families absent",
            Unit.COUNT,
            "Families that a source should give and could not.",
            q("max by (source) (zerostate_monitoring_families_absent)", "{{source}}"),
        ),
        lines(
            "Families refused",
            Unit.COUNT,
            "Families that a source gives and another one feeds.",
            q("max by (source) (zerostate_monitoring_families_refused)", "{{source}}"),
        ),
    ),
)

_STATUS: Final = "zerostate_monitoring_health_status"

_HEALTH: Final = Row(
    title="Health",
    panels=(
        timeline(
            "Components",
            Unit.UP,
            "As a worker finds them every 15 s; what each is stands in docs/health.md. Where all"
            " break off at once, no worker looked.",
            q(
                f'max by (component) ({_STATUS}{{status="degraded"}})'
                f' + 2 * max by (component) ({_STATUS}{{status="unhealthy"}})'
                f' - max by (component) ({_STATUS}{{status="unknown"}})',
                "{{component}}",
            ),
            words={"-1": "unknown", "0": "healthy", "1": "degraded", "2": "unhealthy"},
            limits=Limits(amber=1, red=2),
            width=16,
            height=10,
            rules=("ComponentUnhealthy",),
        ),
        lines(
            "How long asking takes",
            Unit.SECONDS,
            "What takes longer than its timeout is unhealthy; a line that rises steadily hangs.",
            q(
                "max by (component) (zerostate_monitoring_health_duration_seconds)",
                "{{component}}",
            ),
            width=8,
            height=10,
        ),
    ),
)

DASHBOARD: Final = Dashboard(
    uid="zerostate-monitoring",
    title="Monitoring itself",
    question="Can I believe what I see?",
    variables=(
        DATA_SOURCE,
        label(
            "collector",
            "Collector",
            "zerostate_monitoring_collector_interval_seconds",
            "What turns a source into figures.",
        ),
        label(
            "receiver",
            "Receiver",
            "zerostate_monitoring_receiver_paused",
            "Who is told of alerts.",
        ),
        label("job", "Job", "up", "Scrape jobs of the Prometheus that is asked."),
        FILTERS,
    ),
    rows=(_FIRST, _HEALTH, _COLLECTORS, EVALUATION, DELIVERY, STORE, PAGE_ROW, SIZE),
    layers=("monitoring",),
)
