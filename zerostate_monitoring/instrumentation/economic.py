"""What happens to money and trust: channels, payments, reputation, settlements, disputes.

Label values are bounded words; channels and peers are the exception, and theirs are capped
and end with ``channel_closed`` and ``peer_gone``. Levels are set by whoever knows them. A
payment is counted once, however it ends, and its amount only if it was made. Amounts below
0, NaN and infinities raise ``ValueError``.
"""

from __future__ import annotations

from typing import ClassVar, Final

from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import Amount, Id, Operation, checked, word

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
_score: Final = levels("zerostate_economic_reputation_score")
_executed: Final = counts("zerostate_economic_tasks_executed_total")
_success_rate: Final = levels("zerostate_economic_success_rate")
_average_seconds: Final = levels("zerostate_economic_average_duration_seconds")
_average_cost: Final = levels("zerostate_economic_average_cost")
_decays: Final = counts("zerostate_economic_reputation_decay_total")
_blacklisted: Final = levels("zerostate_economic_blacklisted_peers")
_blacklist_events: Final = counts("zerostate_economic_blacklist_events_total")
_violations: Final = counts("zerostate_economic_violations_total")
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

    span_name: ClassVar[str] = "payment.channel"

    def __init__(self, operation: str) -> None:
        self.operation = word("operation", operation)

    def record(self) -> None:
        channel_operation_ended(self.operation, ok=self.ok)


def channel_operation(name: str) -> ChannelOperation:
    """Count open, activate, update or close by how it ends."""
    return ChannelOperation(word("name", name))


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

    span_name: ClassVar[str] = "payment.send"

    def __init__(self, amount: Amount) -> None:
        self.amount = checked("amount", amount)

    def record(self) -> None:
        if self.ok:
            payment_made(self.amount, self.seconds)
        else:
            payment_failed(self.reason or "error", self.seconds)


def payment(amount: Amount) -> Payment:
    """Time a payment; call ``fail(reason)`` where it fails without an exception."""
    return Payment(amount)


def payment_sequence(number: int, channel_id: Id) -> None:
    """The last sequence number of a channel."""
    last = checked("number", number)
    _payment_sequence[word("channel_id", channel_id)](last)


# -- reputation ------------------------------------------------------------------


def reputation_updated(
    peer_id: Id,
    score: float,
    *,
    success_rate: float | None = None,
    average_seconds: float | None = None,
    average_cost: Amount | None = None,
) -> None:
    """A peer's trust from 0 to 1, and what it rests on where that is known."""
    peer = word("peer_id", peer_id)
    figures = [(_score, checked("score", score))]
    if success_rate is not None:
        figures.append((_success_rate, checked("success_rate", success_rate)))
    if average_seconds is not None:
        figures.append((_average_seconds, checked("average_seconds", average_seconds)))
    if average_cost is not None:
        figures.append((_average_cost, checked("average_cost", average_cost)))
    for family, value in figures:
        family[peer](value)


def task_executed(peer_id: Id, *, ok: bool) -> None:
    """A peer carried a task out."""
    _executed[word("peer_id", peer_id), "success" if ok else "failure"](1)


def reputation_decayed(peer_id: Id) -> None:
    """A peer's trust was lowered because time had passed."""
    _decays[word("peer_id", peer_id)](1)


def peer_gone(peer_id: Id) -> None:
    """A peer left for good: its series end."""
    peer = word("peer_id", peer_id)
    for family in (_score, _success_rate, _average_seconds, _average_cost, _decays):
        family.end(peer)
    for result in ("success", "failure"):
        _executed.end(peer, result)


def blacklisted_peers(count: int) -> None:
    """So many peers are on the blacklist."""
    _blacklisted[()](checked("count", count))


def blacklist_event(kind: str) -> None:
    """A peer was added, removed, or its time expired."""
    _blacklist_events[word("kind", kind)](1)


def violation(kind: str) -> None:
    """The rules were broken, such as by timeout or failed_task."""
    _violations[word("kind", kind)](1)


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

    span_name: ClassVar[str] = "payment.settle"

    def __init__(self, amount: Amount, age_seconds: float | None) -> None:
        self.amount = checked("amount", amount)
        self.age_seconds = None if age_seconds is None else checked("age_seconds", age_seconds)

    def record(self) -> None:
        if self.ok:
            settled(self.amount, self.age_seconds)
        else:
            settlement_failed()


def settlement(amount: Amount, *, age_seconds: float | None = None) -> Settlement:
    """Count a settlement by how it ends."""
    return Settlement(amount, age_seconds)


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
