"""Figures over several tables: each person, each unit and each payment counted once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.catalogue.shapes import WINDOWS
from zerostate_monitoring.sources.platform.economic import HELD_IN_CHANNEL, HELD_IN_ESCROW
from zerostate_monitoring.sources.platform.figures import (
    Figure,
    by_window,
    joined,
    one_of,
    over,
    single,
)

# A state that nobody wrote down is no end.
NOT_CLOSED: Final = "coalesce({state}, '') NOT IN ('closed', 'settled')"

# A channel that holds the money of a task in escrow, beside an escrow row of that task,
# holds the same money.
VALUE_LOCKED: Final = joined(
    {"t": "payment_channels", "e": "escrows"},
    f"(SELECT sum({HELD_IN_CHANNEL})"
    f" AS units FROM payment_channels AS t WHERE {NOT_CLOSED}) AS channels"
    " CROSS JOIN (SELECT sum({e.amount}) AS units FROM escrows AS e"
    f" WHERE {one_of('{e.status}', HELD_IN_ESCROW)} AND NOT EXISTS (SELECT 1"
    " FROM payment_channels AS t WHERE {task_id:id} = {e.task_id:id}"
    f" AND {{escrowed_amount}} > 0 AND {NOT_CLOSED})) AS escrowed",
    single(
        "economic_total_value_locked",
        "coalesce(max(channels.units), 0) + coalesce(max(escrowed.units), 0)",
    ),
)

# Channels name people by DID, escrows by id: one person, once.
PARTICIPANTS: Final = joined(
    {"t": "payment_channels", "e": "escrows", "u": "users", "a": "agents"},
    "parties LEFT JOIN users AS u ON {u.did:id} = parties.party"
    " LEFT JOIN agents AS a ON {a.did:id} = parties.party",
    single(
        "economic_active_participants",
        "count(DISTINCT coalesce({u.id:text}, {a.id:text}, parties.party))",
    ),
    ctes="parties (party) AS ("
    + " UNION ".join(
        f"SELECT {{{side}:text}} FROM payment_channels AS t WHERE {NOT_CLOSED}"
        for side in ("payer_did", "payee_did")
    )
    + " UNION "
    + " UNION ".join(
        f"SELECT {{e.{side}:text}} FROM escrows AS e"
        " WHERE {e.status} IN ('created', 'funded', 'disputed')"
        for side in ("payer_id", "payee_id")
    )
    + ")",
)

USERS: Final = joined(
    {"e": "escrows", "g": "delegations", "u": "users"},
    "parties LEFT JOIN users AS u ON {u.did:id} = parties.party",
    single(
        "economic_active_users",
        "count(DISTINCT coalesce({u.id:text}, parties.party)) FILTER (WHERE parties.recent)",
        "1h",
    ),
    single("economic_active_users", "count(DISTINCT coalesce({u.id:text}, parties.party))", "24h"),
    ctes="parties (party, recent) AS ("
    "SELECT {e.payer_id:text}, {e.created_at:within 3600} FROM escrows AS e"
    " WHERE {e.created_at:within 86400}"
    " UNION SELECT {g.user_id:text}, {g.created_at:within 3600} FROM delegations AS g"
    " WHERE {g.created_at:within 86400})",
)


def _payments() -> Iterator[Figure]:
    for outcome in ("paid", "returned"):
        for window in WINDOWS:
            where = f"outcome = '{outcome}'" + (" AND recent" if window == "1h" else "")
            yield from single(
                "economic_transactions", f"count(*) FILTER (WHERE {where})", outcome, window
            )
            yield from single(
                "economic_transaction_units",
                f"coalesce(sum(units) FILTER (WHERE {where}), 0)",
                outcome,
                window,
            )


# A payment through a channel for a task that has an escrow row is that escrow's.
PAYMENTS: Final = joined(
    {"e": "escrows", "x": "channel_transactions"},
    "payments",
    _payments(),
    ctes="payments (outcome, units, recent) AS ("
    "SELECT 'paid', {e.amount}, {e.released_at:within 3600} FROM escrows AS e"
    " WHERE {e.status} IN ('released', 'completed') AND {e.released_at:within 86400}"
    " UNION ALL SELECT 'returned', {e.amount}, {e.refunded_at:within 3600} FROM escrows AS e"
    " WHERE {e.status} = 'refunded' AND {e.refunded_at:within 86400}"
    " UNION ALL SELECT CASE {x.transaction_type} WHEN 'release' THEN 'paid' ELSE 'returned' END,"
    " {x.amount}, {x.created_at:within 3600} FROM channel_transactions AS x"
    " WHERE {x.transaction_type} IN ('release', 'refund') AND {x.created_at:within 86400}"
    " AND NOT EXISTS (SELECT 1 FROM escrows AS e WHERE {e.task_id:id} = {x.task_id:id}))",
)

HEALTH: Final = (
    VALUE_LOCKED,
    PARTICIPANTS,
    USERS,
    PAYMENTS,
    over("agents", by_window("economic_active_agents", "last_seen_at", "true")),
)
