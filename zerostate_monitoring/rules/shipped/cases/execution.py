"""Tests of the built-in rules about tasks and what runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.definition import Case
from zerostate_monitoring.rules.shipped.writing import case, fires, quiet, slow

_MIB: Final = 1024 * 1024
_QUEUE: Final = 'zerostate_task_queue_depth{node="api-1", node_role="api", priority="%s"}'


def tasks(completed: str, failed: str) -> dict[str, str]:
    return {
        'zerostate_tasks_total{status="completed"}': completed,
        'zerostate_tasks_total{status="failed"}': failed,
    }


def _durations(below: str, total: str) -> dict[str, str]:
    family = "zerostate_task_duration_seconds"
    return {
        f'{family}_bucket{{le="25", type="compute"}}': below,
        f'{family}_bucket{{le="30", type="compute"}}': total,
        f'{family}_bucket{{le="+Inf", type="compute"}}': total,
        f'{family}_count{{type="compute"}}': total,
    }


def _memory(below: str, total: str) -> dict[str, str]:
    family = "zerostate_wasm_memory_bytes"
    labels = 'node="edge-1", node_role="edge"'
    return {
        f'{family}_bucket{{{labels}, le="{96 * _MIB}.0"}}': below,
        f'{family}_bucket{{{labels}, le="{128 * _MIB}.0"}}': total,
        f'{family}_bucket{{{labels}, le="+Inf"}}': total,
        f"{family}_count{{{labels}}}": total,
    }


def _receipts(success: str, failed: str) -> dict[str, str]:
    family = "zerostate_receipts_verified_total"
    return {f'{family}{{result="success"}}': success, f'{family}{{result="failed"}}': failed}


def _guilds(success: str, failed: str) -> dict[str, str]:
    family = 'zerostate_guild_operations_total{operation="join", status='
    return {f'{family}"success"}}': success, f'{family}"failed"}}': failed}


def _agents(working: str) -> dict[str, str]:
    return {
        'zerostate_agents{status="online"}': working,
        'zerostate_agents{status="busy"}': working,
        'zerostate_agents{status="offline"}': "2x60",
    }


CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "TasksFailing": (
        case(
            "three in four",
            tasks("0+10x60", "0x10 30+30x9 300x40"),
            quiet("12m"),
            fires("17m", 0.75),
            quiet("30m"),
        ),
        case(
            "few tasks, and none is completed",
            tasks("0x80", "0x5 1+1x5 6x70"),
            quiet("9m"),
            fires("20m", 6),
            quiet("45m"),
        ),
        case(
            "seven tasks in five minutes are too few",
            tasks("0+1x40", "0+2x40"),
            quiet("40m"),
            every="2m",
        ),
    ),
    "TaskDurationHigh": (
        case(
            "nine in ten take 25 to 30 seconds",
            _durations(slow(10), "0+10x70"),
            quiet("20m"),
            fires("28m", 25 + 5 * (0.95 - 0.1) / 0.9, type="compute"),
            quiet("50m"),
        ),
        case("ten tasks are too few", _durations("0x60", "0+1x60"), quiet("30m")),
    ),
    "TaskQueueNearFull": (
        case(
            "900 wait",
            {_QUEUE % "high": "100x5 500x9 100x20", _QUEUE % "low": "0x5 400x9 0x20"},
            quiet("8m30s"),
            fires("9m", 900, node="api-1"),
            quiet("19m"),
        ),
        case("800 are not more than 800", {_QUEUE % "high": "800x40"}, quiet("20m")),
    ),
    "TasksStalled": (
        case(
            "five wait, and none ends for twenty minutes",
            {_QUEUE % "normal": "5x70"} | tasks("0+1x10 10x19 11+1x30", "0x60"),
            quiet("23m30s"),
            fires("26m", 5),
            quiet("35m"),
        ),
        case("none waits", {_QUEUE % "normal": "0x70"} | tasks("0x70", "0x70"), quiet("40m")),
    ),
    "ExecutorsUnavailable": (
        case(
            "all agents are offline while tasks wait",
            {_QUEUE % "normal": "5x60"} | _agents("3x5 0x10 3x40"),
            quiet("7m30s"),
            fires("8m", 0),
            quiet("19m"),
        ),
        case("none waits", {_QUEUE % "normal": "0x60"} | _agents("0x60"), quiet("20m")),
    ),
    "WasmMemoryNearLimit": (
        case(
            "nine runs in ten need 96 to 128 MiB",
            _memory(slow(10), "0+10x70"),
            quiet("20m"),
            fires("28m", (96 + 32 * (0.95 - 0.1) / 0.9) * _MIB),
            quiet("55m"),
        ),
        case("ten runs are too few", _memory("0x60", "0+1x60"), quiet("30m")),
    ),
    "ReceiptsRejected": (
        case(
            "five of some hundred",
            _receipts("0+10x80", "0x10 1+1x4 5x60"),
            quiet("12m"),
            fires("16m", 5),
            quiet("45m"),
        ),
        case("two are too few", _receipts("0+1x80", "0x10 1+1x1 2x60"), quiet("20m")),
        case("a small share", _receipts("0+100x80", "0x10 1+1x2 3x60"), quiet("20m")),
    ),
    "GuildOperationsFailing": (
        case(
            "every second",
            _guilds("0+2x70", "0x10 2+2x19 40x40"),
            quiet("22m"),
            fires("28m", 0.5, operation="join"),
            quiet("50m"),
        ),
        case("seven are too few", _guilds("0x40", "0+1x40"), quiet("40m"), every="2m"),
    ),
}
