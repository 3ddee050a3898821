"""Tests of the built-in rules about objectives.

The slow ones are given what is recorded, a value every five minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.cases.economy import payments
from zerostate_monitoring.rules.shipped.cases.execution import tasks
from zerostate_monitoring.rules.shipped.definition import Case
from zerostate_monitoring.rules.shipped.writing import case, fires, quiet

_UP: Final = "zerostate:infrastructure_up:avg5m"


def _recorded(what: str, failed: str, ended: str) -> dict[str, str]:
    return {
        f"zerostate:{what}_failed:increase5m": failed,
        f"zerostate:{what}_ended:increase5m": ended,
    }


def _slow(what: str, some: int, few: int) -> tuple[Case, ...]:
    return (
        case(
            "one more than the budget allows, for some hours",
            _recorded(what, "0x100 1x80 0x200", f"{some}x400"),
            quiet("8h30m"),
            fires("12h30m", 50 / (151 * some)),
            quiet("21h40m"),
            every="5m",
            evaluated="5m",
        ),
        case(
            "too few",
            _recorded(what, "1x400", f"{few}x400"),
            quiet("30h"),
            every="5m",
            evaluated="5m",
        ),
    )


CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "TaskBudgetBurnFast": (
        case(
            "one in five, for an hour",
            tasks("0+8x150", "0x65 2+2x59 120x30"),
            quiet("1h40m"),
            fires("2h", 110 / 590),
            quiet("2h20m"),
        ),
        case(
            "90 tasks in the hour are too few",
            tasks("0+2x100", "0+1x100"),
            quiet("3h"),
            every="2m",
        ),
    ),
    "TaskBudgetBurnSlow": _slow("tasks", 10, 1),
    "PaymentBudgetBurnFast": (
        case(
            "one in fifty, for an hour",
            payments("0+98x150", "0x65 2+2x59 120x30"),
            quiet("1h40m"),
            fires("2h", 110 / 5990),
            quiet("2h20m"),
        ),
        case("300 in the hour are too few", payments("0+4x150", "0+1x150"), quiet("2h20m")),
    ),
    "PaymentBudgetBurnSlow": _slow("payments", 100, 10),
    "AvailabilityBudgetBurn": (
        case(
            "half of them away for two hours",
            {_UP: "1x100 0.5x20 1x200"},
            quiet("8h30m"),
            fires("10h", 0.5 * 20 / 121),
            quiet("16h40m"),
            every="5m",
            evaluated="5m",
        ),
        case("within the budget", {_UP: "0.9995x300"}, quiet("20h"), every="5m", evaluated="5m"),
    ),
}
