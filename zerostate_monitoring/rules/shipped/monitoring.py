"""Built-in rules about this app itself."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import (
    ShippedRule,
    minutes,
    number,
    seconds,
    window,
)

_rule = partial(ShippedRule, layer="monitoring")

RULES: Final = (
    _rule(
        name="Watchdog",
        severity="none",
        fault="watchdog",
        is_exempt=True,
        is_observed=False,
        expr="vector(1)",
        summary="Alerts are evaluated (value {{ $value }}; this alert always fires).",
        description="It goes to the heartbeat alone. Where it stays away, alerts are broken.",
    ),
    _rule(
        name="CollectorStale",
        severity="warning",
        fault="collector_stale",
        switch="collector",
        for_=minutes(1),
        keep_firing_for=minutes(2),
        no_data="fire",
        is_exempt=True,
        parameters=(number("intervals", 4, 2, 100, "Fires above so many intervals without."),),
        expr="time() - zerostate_monitoring_collector_last_success_timestamp_seconds"
        " > <intervals> * zerostate_monitoring_collector_interval_seconds",
        # One that never succeeded has 0 as the time of its last success; where nothing is known of
        # any of them the value is NaN, which equals nothing.
        summary="{{ if ne $value $value }}It is not known when collectors last succeeded"
        "{{ else if gt $value 1e9 }}Collector {{ $labels.collector }} has never succeeded"
        "{{ else }}Collector {{ $labels.collector }} last succeeded"
        " {{ $value | humanizeDuration }} ago{{ end }} (limit <intervals> of its intervals).",
        description="What it collects grows old, and alerts on it say nothing. Look at its last"
        " error in admin, at the worker and its queue.",
    ),
    _rule(
        name="EvaluationsMissed",
        severity="warning",
        fault="evaluation",
        switch="beat",
        keep_firing_for=minutes(10),
        is_exempt=True,
        parameters=(
            number("slots", 3, 1, 1000, "Fires from so many missed slots in the window."),
            window("window", 900, 120, 1800, "In which slots are counted."),
        ),
        expr="sum by (rule_group)"
        " (increase(zerostate_monitoring_evaluation_slots_missed_total[<window>])) >= <slots>",
        summary='Group {{ $labels.rule_group }} missed {{ printf "%.0f" $value }} evaluations'
        " within <window> (limit <slots>).",
        description="Alerts come late. Is beat alive, are its workers busy, is a rule of the"
        " group slow?",
    ),
    _rule(
        name="RulesFailing",
        severity="warning",
        fault="rule_errors",
        switch="rule",
        for_=minutes(10),
        is_exempt=True,
        expr='zerostate_monitoring_rules{health="error"} > 0',
        summary="{{ $value }} rules end in an error (limit 0).",
        description="What they watch is not watched. In admin, list rules whose health is error;"
        " each says why.",
    ),
    _rule(
        name="OutboxDelayed",
        severity="critical",
        fault="outbox",
        switch="delivery",
        for_=minutes(2),
        no_data="fire",
        is_exempt=True,
        parameters=(seconds("age", 120, 30, 3600, "Fires above this age."),),
        expr="time() - zerostate_monitoring_outbox_oldest_due_timestamp_seconds > <age>",
        # Where nothing is known the value is NaN, which equals nothing.
        summary="{{ if ne $value $value }}It is not known whether messages wait"
        "{{ else }}A message has been due for {{ $value | humanizeDuration }}{{ end }}"
        " (limit <age>).",
        description="Alerts do not reach anybody. Does the worker of deliveries run, is the"
        " database locked, does a receiver hang?",
    ),
    _rule(
        name="DeliveriesDead",
        severity="critical",
        fault="deliveries",
        switch="receiver",
        keep_firing_for=minutes(15),
        is_exempt=True,
        parameters=(window("window", 900, 120, 1800, "In which messages are counted."),),
        expr="sum by (receiver) (increase("
        'zerostate_monitoring_deliveries_total{outcome="dead_letter"}[<window>])) > 0',
        summary='{{ printf "%.0f" $value }} messages to {{ $labels.receiver }} were given up'
        " within <window> (limit 0).",
        description="Somebody was not told. Read the provider's answer at the dead letters, mend"
        " it, send them again.",
    ),
    _rule(
        name="StoreDown",
        severity="critical",
        fault="store",
        switch="store",
        for_=minutes(1),
        no_data="fire",
        is_exempt=True,
        expr="min(zerostate_monitoring_store_up) == 0",
        summary="The store (Redis) does not answer (up is {{ $value }}, 1 is expected).",
        description="Nothing is collected and nothing can be asked. Is it up, is its memory full,"
        " did credentials change?",
    ),
    _rule(
        name="ComponentUnhealthy",
        severity="warning",
        fault="component",
        switch="delivery",
        for_=minutes(5),
        is_exempt=True,
        # Those that are left out have rules of their own, which say more.
        expr="max by (component) (zerostate_monitoring_health_status{"
        'status="unhealthy", component!~"p2p|dht|execution|payment|guild|redis|beat|collectors'
        '|evaluation|outbox"}) == 1',
        summary="{{ $labels.component }} has been unhealthy for five minutes (value {{ $value }}).",
        description="A check of this project says so: it may be the database, the broker, a disk,"
        " workers, or what the project itself has a check for. /health says what the matter is.",
    ),
    _rule(
        name="SeriesOverflow",
        severity="warning",
        fault="cardinality",
        switch="cardinality",
        for_=minutes(15),
        is_exempt=True,
        parameters=(window("window", 900, 120, 1800, "In which series are counted."),),
        expr="sum by (family) (increase(zerostate_monitoring_series_dropped_total[<window>])) > 0",
        summary='{{ printf "%.0f" $value }} series of {{ $labels.family }} found no room within'
        " <window> (limit 0).",
        description="Their figures stand under “other”. Which label grew? Drop it, or raise the"
        " family's limit.",
    ),
)
