"""Families of alert evaluation and delivery."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer, Measure

_PREFIX: Final = "zerostate_monitoring_"
HELD_BY: Final = ("nothing", "acknowledged", "silence", "window", "inhibition", "observing")
"""What may keep an alert from being sent."""
_SEVERITIES: Final = ("critical", "warning", "info", "none")

_family = partial(Definition, layer=Layer.MONITORING, feeds=(Feed.SELF,))
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
        note="0 for an enabled group that never was.",
    ),
    _counter(
        name=_PREFIX + "evaluation_slots_missed_total",
        help="Moments at which a rule group should have been evaluated and was not.",
        labels=("rule_group",),
    ),
    _counter(
        name=_PREFIX + "evaluation_slots_total",
        help="Moments at which a rule group was evaluated.",
        labels=("rule_group",),
    ),
    _gauge(
        name=_PREFIX + "evaluation_duration_seconds",
        help="How long the last evaluation of a rule group took.",
        unit="seconds",
        labels=("rule_group",),
    ),
    _gauge(
        name=_PREFIX + "evaluation_interval_seconds",
        help="How often a rule group is to be evaluated.",
        unit="seconds",
        labels=("rule_group",),
    ),
    _gauge(
        name=_PREFIX + "evaluation_delay_seconds",
        help="How long after its slot the results of a rule group stood, the last time.",
        unit="seconds",
        labels=("rule_group",),
        note="Waiting for beat, for a worker and for the groups before it, and the evaluation.",
    ),
    _gauge(
        name=_PREFIX + "rules",
        help="Enabled rules by how they fare; those that are in order and send nothing yet are "
        "observing.",
        labels=("health",),
        values={
            "health": (
                *("ok", "error", "unknown", "no_data", "stale", "waiting", "dormant"),
                "observing",
            ),
        },
    ),
    _gauge(
        name=_PREFIX + "recorded_bytes",
        help="Memory of the store that recorded series take, their labels too.",
        unit="bytes",
    ),
    _counter(
        name=_PREFIX + "recorded_entries_cut_total",
        help="Evaluations whose recorded series were let go of before their time, for lack of "
        "room.",
    ),
)

_ALERTS: Final = (
    _gauge(
        name=_PREFIX + "alerts",
        help="Alerts that are pending or firing, by severity and layer.",
        labels=("alertstate", "severity", "layer"),
        values={"alertstate": ("pending", "firing"), "severity": _SEVERITIES},
        note="0 for each severity and layer of which there are enabled rules.",
    ),
    _gauge(
        name=_PREFIX + "alerts_unrouted",
        help="Firing alerts that no receiver is told of, because no route takes them.",
    ),
    _gauge(
        name=_PREFIX + "alerts_acknowledged",
        help="Firing alerts that somebody has taken on, by severity.",
        labels=("severity",),
        values={"severity": _SEVERITIES},
    ),
    _gauge(
        name=_PREFIX + "live_alert_info",
        help="Always 1; its labels are those of an alert that is pending or firing.",
        labels=(
            *("alert", "alertname", "severity", "layer", "node", "about"),
            *("alertstate", "held_by", "acknowledged_by"),
        ),
        values={"alertstate": ("pending", "firing"), "held_by": HELD_BY},
        unbounded=("alert", "alertname", "node", "about", "acknowledged_by"),
        note="alert is its number in admin, about its other labels, held_by what keeps it from"
        " being sent. ZEROSTATE_MONITORING_ALERTS_ON_PAGE of them at most;"
        " ZEROSTATE_MONITORING_ALERTS_NAME_PEOPLE puts names into acknowledged_by.",
    ),
    _gauge(
        name=_PREFIX + "live_alert_since_timestamp_seconds",
        help="Since when an alert fires, or is pending, in seconds since 1970.",
        unit="seconds",
        labels=("alert",),
        unbounded=("alert",),
    ),
    _gauge(
        name=_PREFIX + "live_alert_value",
        help="The value of an alert's expression, as it was last evaluated.",
        labels=("alert",),
        unbounded=("alert",),
        note="Absent where it is no number, and where an Alertmanager tells of alerts: that tells"
        " no values.",
    ),
    _gauge(
        name=_PREFIX + "live_alerts_left_out",
        help="Live alerts that do not stand on the page one by one, because there are too many.",
    ),
    _gauge(
        name=_PREFIX + "silences",
        help="Silences and maintenance windows that hold alerts back now, or will.",
        labels=("kind", "state"),
        values={"kind": ("silence", "window"), "state": ("active", "pending")},
        note="A window of every week is pending between its times.",
    ),
    _gauge(
        name=_PREFIX + "definitions_changed_timestamp_seconds",
        help="When somebody last changed definitions of a kind, in seconds since 1970.",
        unit="seconds",
        labels=("kind",),
        values={"kind": ("rules", "silences")},
        note="Absent where there are none.",
    ),
    _counter(
        name=_PREFIX + "alert_transitions_total",
        help="How often an alert changed its state, by the new state.",
        labels=("alertname", "severity", "to"),
        values={"severity": _SEVERITIES, "to": ("pending", "firing", "resolved", "inactive")},
        unbounded=("alertname",),
        max_series=5000,
        note="inactive is the end of an alert that never fired. Counted two minutes late.",
    ),
    _counter(
        name=_PREFIX + "alert_verdicts_total",
        help="What people said of alerts after they were over.",
        labels=("alertname", "verdict"),
        values={"verdict": ("useful", "noise")},
        unbounded=("alertname",),
        max_series=5000,
        note="From 0 on for each enabled rule.",
    ),
    _counter(
        name=_PREFIX + "alert_messages_total",
        help="Messages that were sent, by the name of the alerts that they tell of.",
        labels=("alertname",),
        unbounded=("alertname",),
        max_series=5000,
        note="From 0 on for each enabled rule. A message counts once for each name in it.",
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
        note="What waits for a receiver that fails is not due until that is tried again.",
    ),
    _gauge(
        name=_PREFIX + "outbox_entries",
        help="Notices to receivers that are on their way, or could not be delivered.",
        labels=("state",),
        values={"state": ("due", "frozen", "dead")},
    ),
    _counter(
        name=_PREFIX + "deliveries_total",
        help="Messages to receivers, by what became of them.",
        labels=("receiver", "outcome"),
        values={"outcome": ("sent", "retried", "dead_letter")},
        note="retried are the tries of a message before its last; counted when that has ended.",
    ),
    _family(
        name=_PREFIX + "delivery_delay_seconds",
        kind=Kind.HISTOGRAM,
        measure=Measure.COUNTER,
        help="How long it took from the slot of a transition until its receiver had the message.",
        unit="seconds",
        labels=("receiver",),
        buckets=buckets.DELIVERY,
        note="The wait of its group is part of it, and what held it back: a silence, a receiver"
        " that failed.",
    ),
    _gauge(
        name=_PREFIX + "receiver_paused",
        help="Whether deliveries to a receiver are held back, because it fails.",
        labels=("receiver",),
    ),
    _gauge(
        name=_PREFIX + "receivers_failing",
        help="Enabled receivers whose last deliveries failed.",
    ),
    _gauge(
        name=_PREFIX + "heartbeat_last_success_timestamp_seconds",
        help="When a heartbeat last reached its receiver, in seconds since 1970.",
        unit="seconds",
        note="Absent until ZEROSTATE_MONITORING_HEARTBEAT_URL was called for the first time.",
    ),
    _gauge(
        name=_PREFIX + "table_rows",
        help="Rows of this app's tables; on PostgreSQL as it estimates them.",
        labels=("table",),
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (*_RULES, *_ALERTS, *_DELIVERIES)
