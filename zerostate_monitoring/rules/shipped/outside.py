"""Rules for a Prometheus that watches from outside. They are exported, never evaluated here."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import ShippedRule, minutes, seconds

_rule = partial(ShippedRule, layer="outside")

JOB: Final = "zerostate-monitoring"
"""What the scrape job of the merged page is called."""

RULES: Final = (
    _rule(
        name="MonitoringPageDown",
        severity="critical",
        fault="page_down",
        for_=minutes(3),
        expr=f'absent(up{{job="{JOB}"}} == 1)',
        summary="The page of ZeroState's metrics cannot be scraped (absent is {{ $value }}).",
        description="Nothing is known of the network. Look at the web processes, the token, the"
        " way from Prometheus to them.",
    ),
    _rule(
        name="EvaluationStopped",
        severity="critical",
        fault="evaluation_stopped",
        for_=minutes(1),
        parameters=(seconds("age", 180, 60, 3600, "Fires above this age."),),
        expr="time() - max(zerostate_monitoring_evaluation_last_success_timestamp_seconds) > <age>",
        summary="No rule has been evaluated for {{ $value | humanizeDuration }} (limit <age>).",
        description="No alert of the app can fire. Look at its worker, at beat, at its database.",
    ),
    _rule(
        name="PageScrapedTwice",
        severity="warning",
        fault="page_twice",
        for_=minutes(10),
        expr="count by (store) (zerostate_monitoring_store_info) > 1",
        summary="The page of one store is scraped by {{ $value }} targets (1 is expected).",
        description="Every sum is a multiple of what is true. Scrape one target per store, not"
        " each web process.",
    ),
)
