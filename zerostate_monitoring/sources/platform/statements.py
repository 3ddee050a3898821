"""The two runs: what the collectors ask of the platform."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.sources.platform import economic, execution, health

EXECUTION: Final = execution.EXECUTION
ECONOMIC: Final = (
    *economic.CHANNELS,
    *economic.ESCROWS,
    *economic.DISPUTES,
    *economic.AUCTIONS,
    *economic.REPUTATION,
    *economic.DELEGATIONS,
    *health.HEALTH,
)

# Whose series each say something alone. Of any other family a part would deceive: without
# the escrows' own outcomes, all outcomes would be disputes.
DIVISIBLE: Final = frozenset({"funds_overdue", "funds_overdue_units", "payment_channel_units"})
