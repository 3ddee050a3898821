"""What a role must be allowed to read, and no more; docs/platform.md and the doctor say this."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

WHOLE: Final = (
    "tasks",
    "payment_channels",
    "channel_transactions",
    "auctions",
    "bids",
    "reputation_scores",
    "reputation_events",
    "delegations",
    "subtasks",
    "escrows",
    "disputes",
    "dispute_evidence",
)
"""Tables that hold nothing of people but ids."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "users": ("id", "did"),
    "agents": ("id", "did", "status", "max_capacity", "current_load", "last_seen_at"),
}
"""Of these tables only what is read: users have e-mail addresses and password hashes."""

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*\Z")


def grants(role: str, tables: Collection[str] = (*WHOLE, *COLUMNS)) -> list[str]:
    """Statements that let ``role`` read ``tables``, as far as this app reads them."""
    name = _quoted(role)
    whole = [table for table in WHOLE if table in tables]
    found = [f"GRANT SELECT ON {', '.join(whole)} TO {name};"] if whole else []
    return found + [
        f"GRANT SELECT ({', '.join(columns)}) ON {table} TO {name};"
        for table, columns in COLUMNS.items()
        if table in tables
    ]


def all_grants(role: str) -> list[str]:
    """Statements for a role that may read nothing yet."""
    return [f"GRANT USAGE ON SCHEMA public TO {_quoted(role)};", *grants(role)]


def _quoted(role: str) -> str:
    return role if _PLAIN.match(role) else '"' + role.replace('"', '""') + '"'
