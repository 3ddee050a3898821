"""Tests of the built-in rules about this app itself, and of those for outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.definition import Case
from zerostate_monitoring.rules.shipped.writing import case, fires, quiet

_PREFIX: Final = "zerostate_monitoring_"
_MISSED: Final = _PREFIX + 'evaluation_slots_missed_total{rule_group="zerostate-p2p"}'
_DEAD: Final = _PREFIX + 'deliveries_total{receiver="ops", outcome="dead_letter"}'
_SENT: Final = _PREFIX + 'deliveries_total{receiver="ops", outcome="sent"}'
_DROPPED: Final = _PREFIX + 'series_dropped_total{family="zerostate_p2p_messages_sent_total"}'
_UNHEALTHY: Final = _PREFIX + 'health_status{component="%s", status="unhealthy"}'
_INFO: Final = _PREFIX + 'store_info{store="s-1", instance="web-%s"}'
# When it last succeeded: each minute, not from 5 to 17 minutes, each minute.
_PAUSE: Final = "0+60x5 300x10 1020+60x20"


def _collector(last: str) -> dict[str, str]:
    return {
        _PREFIX + 'collector_last_success_timestamp_seconds{collector="nodes"}': last,
        _PREFIX + 'collector_interval_seconds{collector="nodes"}': "15x60",
    }


CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "Watchdog": (case("always", {}, fires("0s", 1), fires("10m", 1)),),
    "CollectorStale": (
        case(
            "no success for twelve minutes",
            _collector(_PAUSE),
            quiet("7m"),
            fires("10m", 300, collector="nodes"),
            quiet("19m30s"),
        ),
        case("a minute is not more than four intervals", _collector("0+60x40"), quiet("30m")),
    ),
    "EvaluationsMissed": (
        case(
            "four slots",
            {_MISSED: "0x10 1+1x3 4x40"},
            quiet("12m30s"),
            fires("15m", 4, rule_group="zerostate-p2p"),
            quiet("42m"),
        ),
        case("two are too few", {_MISSED: "0x10 1+1x1 2x40"}, quiet("15m")),
    ),
    "RulesFailing": (
        case(
            "two rules",
            {
                _PREFIX + 'rules{health="error"}': "0x5 2x20 0x20",
                _PREFIX + 'rules{health="ok"}': "44x50",
            },
            quiet("15m30s"),
            fires("16m", 2, health="error"),
            quiet("27m"),
        ),
    ),
    "OutboxDelayed": (
        case(
            "a message waits, and is sent",
            {_PREFIX + "outbox_oldest_due_timestamp_seconds": "_x5 300x10 stale"},
            quiet("9m"),
            fires("10m", 300),
            quiet("16m"),
        ),
        case(
            "each is sent within a minute",
            {_PREFIX + "outbox_oldest_due_timestamp_seconds": "0+60x40"},
            quiet("30m"),
        ),
    ),
    "DeliveriesDead": (
        case(
            "one message",
            {_DEAD: "0x10 1x50", _SENT: "0+1x60"},
            quiet("10m30s"),
            fires("20m", 1, receiver="ops"),
            quiet("45m"),
        ),
        case("none", {_DEAD: "0x60", _SENT: "0+1x60"}, quiet("30m")),
    ),
    "StoreDown": (
        case(
            "it goes away and comes back",
            {_PREFIX + "store_up": "1x5 0x4 1x20"},
            quiet("6m30s"),
            fires("7m", 0),
            quiet("11m"),
        ),
    ),
    "ComponentUnhealthy": (
        case(
            "no worker takes a queue, and one does again; others have rules of their own",
            {
                _UNHEALTHY % "worker": "0x5 1x10 0x30",
                _UNHEALTHY % "shop": "0x60",
                _UNHEALTHY % "payment": "1x60",
            },
            quiet("10m30s"),
            fires("12m", 1, component="worker"),
            quiet("20m"),
        ),
        case(
            "one that flaps",
            {_UNHEALTHY % "database": "0 1 1 0 1 1 0 1 1 0 1 1 0 1 1 0"},
            quiet("14m"),
        ),
    ),
    "SeriesOverflow": (
        case(
            "five a minute",
            {_DROPPED: "0x10 5+5x29 150x40"},
            quiet("25m"),
            fires("30m", 75, family="zerostate_p2p_messages_sent_total"),
            quiet("60m"),
        ),
        case("once", {_DROPPED: "0x10 5x60"}, quiet("40m")),
    ),
    "MonitoringPageDown": (
        case(
            "it goes away and comes back",
            {'up{job="zerostate-monitoring", instance="web"}': "1x5 0x9 1x20"},
            quiet("8m30s"),
            fires("9m", 1),
            quiet("16m"),
        ),
    ),
    "EvaluationStopped": (
        case(
            "none for twelve minutes",
            {
                _PREFIX + 'evaluation_last_success_timestamp_seconds{rule_group="a"}': _PAUSE,
                _PREFIX + 'evaluation_last_success_timestamp_seconds{rule_group="b"}': "0x40",
            },
            quiet("9m"),
            fires("10m", 300),
            quiet("17m"),
        ),
    ),
    "PageScrapedTwice": (
        case(
            "two targets",
            {_INFO % 1: "1x60", _INFO % 2: "_x5 1x20 stale"},
            quiet("14m30s"),
            fires("15m", 2, store="s-1"),
            quiet("26m"),
        ),
        case("one target", {_INFO % 1: "1x60"}, quiet("30m")),
    ),
}
