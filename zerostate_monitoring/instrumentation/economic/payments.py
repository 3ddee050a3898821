"""Channels, and the payments in them."""

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
    known,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_channels: Final = counts("zerostate_economic_channels_total")
_channels_active: Final = levels("zerostate_economic_channels_active")
_channel_seconds: Final = distributions("zerostate_economic_channel_duration_seconds")
_channel_balance: Final = levels("zerostate_economic_channel_balance")
_channel_operations: Final = counts("zerostate_economic_channel_operations_total")
_payments: Final = counts("zerostate_economic_payments_total")
_payment_amount: Final = distributions("zerostate_economic_payment_amount")
_payment_sequence: Final = levels("zerostate_economic_payment_sequence")
_payment_seconds: Final = distributions("zerostate_economic_payment_duration_seconds")
_payment_failures: Final = counts("zerostate_economic_payment_failures_total")

# -- channels --------------------------------------------------------------------


def channel_entered(state: str) -> None:
    """A payment channel is opening, active, closed or disputed from now on."""
    _channels[word("state", state)](1)


def channels_active(party_a: int, party_b: int) -> None:
    """So many channels are open, as each side sees them."""
    a, b = checked("party_a", party_a), checked("party_b", party_b)
    _channels_active["party_a"](a)
    _channels_active["party_b"](b)


def channel_operation_ended(operation: str, *, ok: bool = True) -> None:
    """A channel was opened, activated, updated or closed, or could not be."""
    _channel_operations[word("operation", operation), "success" if ok else "failed"](1)


class ChannelOperation(Operation):
    """Opening, activating, updating or closing a channel."""

    def __init__(self, operation: str, channel_id: Id | None = None) -> None:
        self.operation = word("operation", operation)
        self.span_name = f"{names.PAYMENT_CHANNEL}.{self.operation}"
        self._channel_id = channel_id

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.CHANNEL_OPERATION: self.operation, names.CHANNEL_ID: self._channel_id})

    def record(self) -> None:
        channel_operation_ended(self.operation, ok=self.ok)


def channel_operation(name: str, *, channel_id: Id | None = None) -> ChannelOperation:
    """Count open, activate, update or close by how it ends; span ``payment.channel.<name>``."""
    return ChannelOperation(word("name", name), channel_id)


def channel_balance(channel_id: Id, *, party_a: Amount, party_b: Amount) -> None:
    """What each party holds in a channel."""
    channel = word("channel_id", channel_id)
    a, b = checked("party_a", party_a), checked("party_b", party_b)
    _channel_balance[channel, "party_a"](a)
    _channel_balance[channel, "party_b"](b)


def channel_closed(channel_id: Id, age_seconds: float, reason: str = "normal") -> None:
    """A channel ended after so long: its series end."""
    channel = word("channel_id", channel_id)
    _channel_seconds[word("reason", reason)](checked("age_seconds", age_seconds))
    for party in ("party_a", "party_b"):
        _channel_balance.end(channel, party)
    _payment_sequence.end(channel)


# -- payments --------------------------------------------------------------------


def payment_made(amount: Amount, seconds: float) -> None:
    """A payment of so much succeeded."""
    much, long = checked("amount", amount), checked("seconds", seconds)
    _payment_amount[()](much)
    _payment_seconds[()](long)
    _payments["success"](1)


def payment_failed(reason: str, seconds: float | None = None) -> None:
    """A payment failed, such as for insufficient_funds or channel_expired."""
    why = word("reason", reason)
    if seconds is not None:
        _payment_seconds[()](checked("seconds", seconds))
    _payments["failed"](1)
    _payment_failures[why](1)


def payment_refunded() -> None:
    """A payment was given back."""
    _payments["refunded"](1)


class Payment(Operation):
    """One payment."""

    span_name = names.PAYMENT_SEND

    def __init__(
        self, amount: Amount, channel_id: Id | None = None, sequence: int | None = None
    ) -> None:
        self.amount = checked("amount", amount)
        self._channel_id, self._sequence = channel_id, known("sequence", sequence)

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said(
            {
                names.PAYMENT_AMOUNT: self.amount,
                names.CHANNEL_ID: self._channel_id,
                names.PAYMENT_SEQUENCE: self._sequence,
            }
        )

    def record(self) -> None:
        if self.ok:
            payment_made(self.amount, self.seconds)
        else:
            payment_failed(self.reason or "error", self.seconds)


def payment(
    amount: Amount, *, channel_id: Id | None = None, sequence: int | None = None
) -> Payment:
    """Time a payment; call ``fail(reason)`` where it fails without an exception."""
    return Payment(amount, channel_id, sequence)


def payment_sequence(number: int, channel_id: Id) -> None:
    """The last sequence number of a channel."""
    last = checked("number", number)
    _payment_sequence[word("channel_id", channel_id)](last)


def payment_flow(*, channel_id: Id | None = None, task_id: Id | None = None) -> Step:
    """Follow a payment from the wish to the receipt; what it is made of stands beneath."""
    return Step(names.PAYMENT_FLOW, {names.CHANNEL_ID: channel_id, names.TASK_ID: task_id})


def payment_transaction(*, channel_id: Id | None = None, sequence: int | None = None) -> Step:
    """Follow one transaction of a channel."""
    return Step(
        names.PAYMENT_TRANSACTION,
        {names.CHANNEL_ID: channel_id, names.PAYMENT_SEQUENCE: known("sequence", sequence)},
    )


def payment_signature(operation: str, *, channel_id: Id | None = None) -> Step:
    """Follow sign or verify; neither key nor signature is said."""
    return Step(
        f"{names.PAYMENT_SIGNATURE}.{word('operation', operation)}",
        {names.SIGNATURE_OPERATION: operation, names.CHANNEL_ID: channel_id},
    )


def payment_verification(*, channel_id: Id | None = None, sequence: int | None = None) -> Step:
    """Follow the check of a payment that came in."""
    return Step(
        names.PAYMENT_VERIFY,
        {names.CHANNEL_ID: channel_id, names.PAYMENT_SEQUENCE: known("sequence", sequence)},
    )
