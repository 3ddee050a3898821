"""Families about money that is held: channels, escrows, disputes. Fed by the platform alone."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Layer
from zerostate_monitoring.catalogue.shapes import (
    COUNTED_ROWS,
    OTHER,
    counter,
    economic,
    mean,
    outcomes,
    ratio,
    state,
    units,
    window,
)

_OUTCOMES: Final = ("released", "refunded", "disputed", "cancelled")
_OVERDUE: Final = ("escrow_release", "escrow_expired", "channel_settling", "channel_escrowed")
_CONSERVATION: Final = (
    "Conservation of money: total_deposit = current_balance + escrowed_amount + total_settled"
    " + pending_refund, within 0.00000001. Of 100 deposited, 60 free + 15 in escrow + 25 settled"
    " + 0 refunded is in balance; 60 + 15 + 20 + 0 is not, 5 are nowhere."
)

_CHANNELS: Final = (
    state(
        "zerostate_payment_channels",
        "Payment channels by state.",
        "state",
        *("open", "escrowed", "settling", "closed"),
    ),
    units(
        name="zerostate_payment_channel_units",
        help="Units of all payment channels, closed ones too: what was deposited, and where it is.",
        labels=("part",),
        values={"part": ("deposited", "balance", "escrowed", "settled", "refunded")},
        note="Mean balance: part balance over the channels that are not closed.",
    ),
    economic(
        name="zerostate_payment_channels_settled",
        help="Payment channels through which something was paid out.",
        note="Mean settlement: zerostate_payment_channel_units, part settled, over this.",
    ),
    counter(
        name="zerostate_channel_transactions_total",
        help="Bookings on payment channels, by operation.",
        layer=Layer.ECONOMIC,
        labels=("operation",),
        values={"operation": ("deposit", "escrow", "release", "refund", "settle", "close", OTHER)},
        note=COUNTED_ROWS,
    ),
    counter(
        name="zerostate_channel_transaction_units_total",
        help="Units booked on payment channels, by operation.",
        layer=Layer.ECONOMIC,
        unit="units",
        labels=("operation",),
        values={"operation": ("deposit", "escrow", "release", "refund", "settle", "close", OTHER)},
        note=f"Operations are steps of the same money: never add them up. {COUNTED_ROWS}",
    ),
    economic(
        name="zerostate_ledger_unbalanced_channels",
        help="Payment channels whose deposits are not accounted for.",
        note=_CONSERVATION,
    ),
    economic(
        name="zerostate_funds_overdue",
        help="Escrows and channels that hold money longer than they should.",
        labels=("kind",),
        values={"kind": _OVERDUE},
        note="escrow_release: funded, past auto_release_at. escrow_expired: funded, past"
        " expires_at, and not counted as escrow_release. channel_settling: settling, unchanged"
        " for 15 minutes. channel_escrowed: its task ended, or its time was up, over an hour ago.",
    ),
    units(
        name="zerostate_funds_overdue_units",
        help="Units that are held longer than they should be.",
        labels=("kind",),
        values={"kind": _OVERDUE},
    ),
)

_ESCROWS: Final = (
    state(
        "zerostate_escrows",
        "Escrows by status.",
        "status",
        *("created", "funded", "released", "refunded", "disputed", "cancelled"),
    ),
    state(
        "zerostate_escrow_units",
        "Units of all escrows, by the status of the escrow.",
        "status",
        *("created", "funded", "released", "refunded", "disputed", "cancelled"),
        unit="units",
    ),
    outcomes(
        "zerostate_escrow_outcomes",
        "Escrows that came to this end within the window, each counted once.",
        *_OUTCOMES,
        note="One that was disputed within the window counts as disputed, whatever came after,"
        " so the outcomes of a window add up to its escrows.",
    ),
    ratio(
        name="zerostate_escrow_dispute_ratio",
        help="Disputed escrows over all escrows with an outcome within the window.",
    ),
    ratio(
        name="zerostate_escrow_success_ratio",
        help="Released escrows over those released, refunded or cancelled within the window.",
    ),
    mean(
        "zerostate_escrow_time_to_release_mean_seconds",
        "Mean time from funding to release, of the escrows released within the window.",
        count="zerostate_escrow_releases",
        unit="seconds",
    ),
    window(
        "zerostate_escrow_releases",
        "Escrows released within the window of which the time of funding is known.",
    ),
    mean(
        "zerostate_escrow_time_to_dispute_mean_seconds",
        "Mean time from funding to dispute, of the disputes opened within the window.",
        count="zerostate_escrow_disputes",
        unit="seconds",
    ),
    window(
        "zerostate_escrow_disputes",
        "Disputes opened within the window of which the escrow's time of funding is known.",
    ),
)

_DISPUTES: Final = (
    state(
        "zerostate_disputes",
        "Disputes by status.",
        "status",
        *("open", "reviewing", "resolved", "closed"),
    ),
    economic(
        name="zerostate_dispute_oldest_open_timestamp_seconds",
        help="When the oldest dispute that is open or under review was opened.",
        unit="seconds",
        note="No sample while none is.",
    ),
    mean(
        "zerostate_dispute_resolution_mean_seconds",
        "Mean time from opening to resolution, of the disputes resolved within the window.",
        count="zerostate_dispute_resolutions",
        unit="seconds",
    ),
    window("zerostate_dispute_resolutions", "Disputes that were resolved within the window."),
    economic(
        name="zerostate_dispute_evidence",
        help="Pieces of evidence handed in.",
        note="Mean per dispute, those without any included: over the sum of zerostate_disputes.",
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_CHANNELS,
    *_ESCROWS,
    *_DISPUTES,
)
