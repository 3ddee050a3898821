"""Tests of the built-in rules about the control plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.definition import Case
from zerostate_monitoring.rules.shipped.writing import case, fires, quiet, slow


def _requests(good: str, bad: str) -> dict[str, str]:
    family = 'zerostate_http_requests_total{method="GET", path="/api/agents", status='
    return {f'{family}"200"}}': good, f'{family}"503"}}': bad}


def _latencies(below: str, total: str) -> dict[str, str]:
    family, labels = "zerostate_http_request_duration_seconds", 'method="GET", path="/"'
    return {
        f'{family}_bucket{{{labels}, le="0.5"}}': below,
        f'{family}_bucket{{{labels}, le="1.0"}}': total,
        f'{family}_bucket{{{labels}, le="+Inf"}}': total,
        f"{family}_count{{{labels}}}": total,
    }


def _waits(below: str, total: str) -> dict[str, str]:
    family = "zerostate_celery_task_queue_wait_seconds"
    return {
        f'{family}_bucket{{queue="celery", le="60.0"}}': below,
        f'{family}_bucket{{queue="celery", le="120.0"}}': total,
        f'{family}_bucket{{queue="celery", le="+Inf"}}': total,
    }


CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "ApiErrorsHigh": (
        case(
            "one in ten",
            _requests("0+90x60", "0x10 10+10x9 100x40"),
            quiet("13m"),
            fires("18m", 0.1),
            quiet("30m"),
        ),
        case("45 requests are too few", _requests("0+5x60", "0+4x60"), quiet("30m")),
    ),
    "LogErrorsHigh": (
        case(
            "one logger fails twenty times a minute for a while",
            {
                'zerostate_log_events_total{logger="django.request", level="error"}': (
                    "0x10 20+20x9 200x40"
                ),
                'zerostate_log_events_total{logger="django.request", level="info"}': "0+90x60",
            },
            quiet("11m"),
            fires("18m", 100, logger="django.request"),
            quiet("35m"),
        ),
        case(
            "two a minute are too few",
            {'zerostate_log_events_total{logger="a", level="error"}': "0+2x60"},
            quiet("30m"),
        ),
        case(
            "a scanner asks for other hosts",
            {
                'zerostate_log_events_total{logger="django.security.DisallowedHost",'
                ' level="error"}': "0+200x60",
            },
            quiet("30m"),
        ),
    ),
    "ApiLatencyHigh": (
        case(
            "nine in ten take longer than half a second",
            _latencies(slow(20), "0+20x70"),
            quiet("20m"),
            fires("28m", 0.5 + 0.5 * (0.95 - 0.1) / 0.9),
            quiet("50m"),
        ),
        case("90 requests are too few", _latencies("0x60", "0+9x60"), quiet("30m")),
    ),
    "PlatformSourceDown": (
        case(
            "it goes away and comes back",
            {
                'zerostate_monitoring_source_up{source="platform"}': "1x5 0x9 1x20",
                'zerostate_monitoring_source_up{source="nodes"}': "0x40",
            },
            quiet("8m30s"),
            fires("9m", 0, source="platform"),
            quiet("16m"),
        ),
    ),
    "CeleryQueueWaitLong": (
        case(
            "nine in ten wait for more than a minute",
            _waits(slow(10), "0+10x70"),
            quiet("20m"),
            fires("28m", 60 + 60 * (0.95 - 0.1) / 0.9, queue="celery"),
            quiet("50m"),
        ),
        case("none waits that long", _waits("0+10x70", "0+10x70"), quiet("40m")),
    ),
}
