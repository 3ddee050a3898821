"""Tests of the built-in rules about money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.definition import Case
from zerostate_monitoring.rules.shipped.writing import case, fires, quiet

_SCORE: Final = "zerostate_reputation_median_score"


def payments(success: str, failed: str) -> dict[str, str]:
    family = "zerostate_economic_payments_total"
    return {f'{family}{{status="success"}}': success, f'{family}{{status="failed"}}': failed}


def _settlements(success: str, failed: str) -> dict[str, str]:
    family = "zerostate_economic_settlements_total"
    return {f'{family}{{result="success"}}': success, f'{family}{{result="failed"}}': failed}


def _escrows(**outcomes: str) -> dict[str, str]:
    family = "zerostate_escrow_outcomes"
    # What came within the last hour stands beside, and is not added.
    hour = {f'{family}{{outcome="released", window="1h"}}': "500x200"}
    return hour | {
        f'{family}{{outcome="{outcome}", window="24h"}}': values
        for outcome, values in outcomes.items()
    }


def _auctions(awarded: str, expired: str) -> dict[str, str]:
    family = "zerostate_auction_outcomes"
    return {
        f'{family}{{outcome="awarded", window="24h"}}': awarded,
        f'{family}{{outcome="expired", window="24h"}}': expired,
    }


def _blacklist(listed: str, participants: str) -> dict[str, str]:
    """Two nodes that see the same: their figures are not added."""
    return {
        f'zerostate_economic_{family}{{node="edge-{node}", node_role="edge"}}': values
        for node in (1, 2)
        for family, values in (("blacklisted_peers", listed), ("active_participants", participants))
    }


CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "PaymentsFailing": (
        case(
            "half of them",
            payments("0+30x60", "0x10 30+30x9 300x40"),
            quiet("11m"),
            fires("17m", 0.5),
            quiet("30m"),
        ),
        case(
            "few payments, and none succeeds",
            payments("0x80", "0x5 1+1x5 6x70"),
            quiet("9m"),
            fires("20m", 6),
            quiet("45m"),
        ),
        case(
            "seven payments in five minutes are too few",
            payments("0+1x40", "0+2x40"),
            quiet("40m"),
            every="2m",
        ),
    ),
    "SettlementFailuresHigh": (
        case(
            "nearly half of them",
            _settlements("0+1x90", "0x10 1+1x29 30x60"),
            quiet("20m"),
            fires("35m", 25 / 55),
            quiet("80m"),
        ),
        case("three are too few", _settlements("0x12", "0+1x12"), quiet("1h40m"), every="10m"),
    ),
    "FundsOverdue": (
        case(
            "two escrows are not released",
            {
                'zerostate_funds_overdue{kind="escrow_release"}': "0x5 2x30 0x40",
                'zerostate_funds_overdue{kind="escrow_expired"}': "0x80",
            },
            quiet("20m30s"),
            fires("21m", 2, kind="escrow_release"),
            fires("51m", 2, kind="escrow_release"),
            quiet("53m"),
        ),
        case(
            "they are released in time",
            {'zerostate_funds_overdue{kind="escrow_release"}': "0x5 2x10 0x40"},
            quiet("21m"),
        ),
    ),
    "LockedValueDrop": (
        case(
            "from 1,000 to 400",
            {"zerostate_economic_total_value_locked": "1000x70 400x20 1000x60"},
            quiet("75m30s"),
            fires("76m", 400),
            quiet("110m"),
        ),
        case(
            "100 units are too few",
            {"zerostate_economic_total_value_locked": "100x70 40x40"},
            quiet("90m"),
        ),
    ),
    "LedgerUnbalanced": (
        case(
            "one channel",
            {"zerostate_ledger_unbalanced_channels": "0x5 1x9 0x10"},
            quiet("7m30s"),
            fires("8m", 1),
            quiet("16m"),
        ),
    ),
    "DisputeShareHigh": (
        case(
            "ten of thirty",
            _escrows(disputed="1x5 10x60 1x60", released="20x130"),
            quiet("35m30s"),
            fires("36m", 10 / 30),
            quiet("98m"),
        ),
        case("ten of nineteen", _escrows(disputed="10x90", released="9x90"), quiet("1h")),
    ),
    "DisputesUnresolved": (
        case(
            "one is as old as 50 hours, and is resolved",
            {"zerostate_dispute_oldest_open_timestamp_seconds": "-180000x90 stale"},
            quiet("59m30s"),
            fires("60m", 183_600),
            quiet("91m"),
        ),
        case(
            "one of 28 hours",
            {"zerostate_dispute_oldest_open_timestamp_seconds": "-100000x90"},
            quiet("80m"),
        ),
    ),
    "EscrowFailuresHigh": (
        case(
            "eight refunded and two cancelled of thirty",
            _escrows(refunded="1x5 8x60 1x60", cancelled="2x130", released="20x130"),
            quiet("35m30s"),
            fires("36m", 10 / 30),
            quiet("98m"),
        ),
        case("ten of nineteen", _escrows(refunded="10x90", released="9x90"), quiet("1h")),
    ),
    "AuctionsUnawarded": (
        case(
            "eight of twenty are awarded",
            _auctions("20x5 8x60 20x60", "5x5 12x60 5x60"),
            quiet("35m30s"),
            fires("36m", 0.4),
            quiet("98m"),
        ),
        case("four of nineteen", _auctions("4x90", "15x90"), quiet("1h")),
    ),
    "BlacklistShareHigh": (
        case(
            "five of twenty",
            _blacklist("1x5 5x20 1x40", "20x70"),
            quiet("10m30s"),
            fires("11m", 0.25),
            quiet("43m"),
        ),
        case("five of nine", _blacklist("5x60", "9x60"), quiet("30m")),
    ),
    "ReputationShift": (
        case(
            "20 points less after a day, then as before",
            {_SCORE: "60x290 40x19 60x30"},
            quiet("24h20m"),
            fires("24h35m", 20 - 20 * 5 / 288),
            quiet("26h40m"),
            every="5m",
            evaluated="5m",
        ),
        case(
            "less than six hours are known",
            {_SCORE: "60x50 40x20"},
            quiet("5h50m"),
            every="5m",
            evaluated="5m",
        ),
    ),
}
