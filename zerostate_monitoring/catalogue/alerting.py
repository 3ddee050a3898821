"""Families of alert evaluation and delivery.

They are declared before anything feeds them, so that rules and dashboards which name
them can be checked.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer, Measure

_PREFIX: Final = "zerostate_monitoring_"
_SEVERITIES: Final = ("critical", "warning", "info", "none")
_EVALUATION: Final = "alert evaluation"
_DELIVERY: Final = "alert delivery"

_family = partial(Definition, layer=Layer.MONITORING, feeds=(Feed.SELF,), planned=_EVALUATION)
_gauge = partial(_family, kind=Kind.GAUGE)
_counter = partial(_family, kind=Kind.COUNTER, measure=Measure.COUNTER)
_histogram = partial(
    _family,
    kind=Kind.HISTOGRAM,
    measure=Measure.COUNTER,
    unit="seconds",
    labels=("severity",),
    buckets=buckets.RESPONSE,
    values={"severity": _SEVERITIES},
)

_RULES: Final = (
    _gauge(
        name=_PREFIX + "evaluation_last_success_timestamp_seconds",
        help="When a rule group was last evaluated, in seconds since 1970.",
        unit="seconds",
        labels=("rule_group",),
    ),
    _counter(
        name=_PREFIX + "evaluation_slots_missed_total",
        help="Moments at which a rule group should have been evaluated and was not.",
        labels=("rule_group",),
    ),
    _gauge(
        name=_PREFIX + "evaluation_duration_seconds",
        help="How long the last evaluation of a rule group took.",
        unit="seconds",
        labels=("rule_group",),
    ),
    _gauge(
        name=_PREFIX + "rules",
        help="Rules by how they fare.",
        labels=("health",),
        values={"health": ("ok", "error", "unknown", "dormant", "observing")},
    ),
)

_ALERTS: Final = (
    _gauge(
        name=_PREFIX + "alerts",
        help="Alerts that are pending or firing, by severity and layer.",
        labels=("alertstate", "severity", "layer"),
        values={"alertstate": ("pending", "firing"), "severity": _SEVERITIES},
    ),
    _counter(
        name=_PREFIX + "alert_transitions_total",
        help="How often an alert changed its state, by the new state.",
        labels=("alertname", "severity", "to"),
        values={"severity": _SEVERITIES, "to": ("pending", "firing", "resolved", "inactive")},
    ),
    _counter(
        name=_PREFIX + "alert_verdicts_total",
        help="What people said of alerts after they were over.",
        labels=("verdict",),
        values={"verdict": ("useful", "noise")},
    ),
    _histogram(
        name=_PREFIX + "alert_acknowledge_seconds",
        help="How long it takes until somebody acknowledges a firing alert.",
    ),
    _histogram(
        name=_PREFIX + "alert_firing_seconds",
        help="How long alerts fire.",
    ),
)

_DELIVERIES: Final = (
    _gauge(
        name=_PREFIX + "outbox_oldest_due_timestamp_seconds",
        help="Since when the oldest message that is due waits; absent when none is due.",
        unit="seconds",
        planned=_DELIVERY,
    ),
    _counter(
        name=_PREFIX + "deliveries_total",
        help="Messages to receivers, by what became of them.",
        labels=("receiver", "outcome"),
        values={"outcome": ("sent", "retried", "dead_letter")},
        planned=_DELIVERY,
    ),
    _gauge(
        name=_PREFIX + "receiver_paused",
        help="Whether deliveries to a receiver are held back.",
        labels=("receiver",),
        planned=_DELIVERY,
    ),
    _gauge(
        name=_PREFIX + "heartbeat_last_success_timestamp_seconds",
        help="When a heartbeat last reached its receiver, in seconds since 1970.",
        unit="seconds",
        planned=_DELIVERY,
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (*_RULES, *_ALERTS, *_DELIVERIES)
