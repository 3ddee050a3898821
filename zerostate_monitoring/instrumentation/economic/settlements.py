"""What channels and escrows end with, and how the economy stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import (
    Amount,
    Id,
    Operation,
    Step,
    checked,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_settlements: Final = counts("zerostate_economic_settlements_total")
_settlement_amount: Final = distributions("zerostate_economic_settlement_amount")
_settlement_seconds: Final = distributions("zerostate_economic_settlement_duration_seconds")
_payout: Final = distributions("zerostate_settlement_amount")
_locked: Final = levels("zerostate_escrow_amount_locked")
_disputes: Final = counts("zerostate_economic_disputes_total")
_dispute_seconds: Final = distributions("zerostate_economic_dispute_resolution_seconds")
_value_locked: Final = levels("zerostate_economic_total_value_locked")
_participants: Final = levels("zerostate_economic_active_participants")
_throughput: Final = distributions("zerostate_economic_transaction_throughput")
_deposits: Final = counts("zerostate_deposits_total")
_deposit_amount: Final = counts("zerostate_deposit_amount_total")
_withdrawals: Final = counts("zerostate_withdrawals_total")
_withdrawal_amount: Final = counts("zerostate_withdrawal_amount_total")

# -- settlements and disputes ----------------------------------------------------


def settled(amount: Amount, age_seconds: float | None = None) -> None:
    """A channel was settled with so much, so long after it was opened."""
    much = checked("amount", amount)
    if age_seconds is not None:
        _settlement_seconds[()](checked("age_seconds", age_seconds))
    _settlement_amount[()](much)
    _settlements["success"](1)


def settlement_failed() -> None:
    """A channel could not be settled."""
    _settlements["failed"](1)


class Settlement(Operation):
    """The settlement of a channel."""

    span_name = names.PAYMENT_SETTLE

    def __init__(
        self, amount: Amount, age_seconds: float | None, channel_id: Id | None = None
    ) -> None:
        self.amount = checked("amount", amount)
        self._channel_id = channel_id
        self.age_seconds = None if age_seconds is None else checked("age_seconds", age_seconds)

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.SETTLEMENT_AMOUNT: self.amount, names.CHANNEL_ID: self._channel_id})

    def record(self) -> None:
        if self.ok:
            settled(self.amount, self.age_seconds)
        else:
            settlement_failed()


def settlement(
    amount: Amount, *, age_seconds: float | None = None, channel_id: Id | None = None
) -> Settlement:
    """Count a settlement by how it ends."""
    return Settlement(amount, age_seconds, channel_id)


def escrow_paid_out(amount: Amount) -> None:
    """An escrow paid to whoever earned it."""
    _payout[()](checked("amount", amount))


def escrow_locked(amount: Amount) -> None:
    """Escrows hold so much."""
    _locked[()](checked("amount", amount))


def dispute_opened() -> None:
    """A dispute began."""
    _disputes["pending"](1)


def dispute_ended(resolution: str, seconds: float) -> None:
    """A dispute was resolved or arbitrated after so long."""
    how = word("resolution", resolution)
    _dispute_seconds[how](checked("seconds", seconds))
    _disputes[how](1)


def dispute_step(action: str, *, channel_id: Id | None = None) -> Step:
    """Follow open, evidence, review or resolve of a dispute; its span is ``payment.dispute``."""
    return Step(
        names.PAYMENT_DISPUTE,
        {names.DISPUTE_ACTION: word("action", action), names.CHANNEL_ID: channel_id},
    )


# -- economic health -------------------------------------------------------------


def total_value_locked(amount: Amount) -> None:
    """Channels and escrows hold so much."""
    _value_locked[()](checked("amount", amount))


def active_participants(count: int) -> None:
    """So many parties take part, each counted once."""
    _participants[()](checked("count", count))


def transaction_throughput(per_second: float) -> None:
    """Transactions per second, as seen now."""
    _throughput[()](checked("per_second", per_second))


def deposited(amount: Amount) -> None:
    """A deposit was booked."""
    _deposit_amount[()](checked("amount", amount))
    _deposits[()](1)


def withdrawn(amount: Amount) -> None:
    """A withdrawal was booked."""
    _withdrawal_amount[()](checked("amount", amount))
    _withdrawals[()](1)
