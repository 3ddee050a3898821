"""The platform's tables as ZeroState's migrations 1, 4 and 5 make them, on two databases.

The real system runs on PostgreSQL; on SQLite each type becomes the nearest one that
keeps its order and its arithmetic. Times are ``timestamptz`` there and ISO 8601 text
in UTC here; money is ``DECIMAL`` on both (SQLite holds it as a float).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Logical type: (PostgreSQL, SQLite). A "!" after a type in TABLES means NOT NULL.
TYPES: Final[dict[str, tuple[str, str]]] = {
    "key": ("uuid PRIMARY KEY", "text PRIMARY KEY NOT NULL"),
    "uuid": ("uuid", "text"),
    "text": ("text", "text"),
    "bool": ("boolean", "integer"),
    "int": ("integer", "integer"),
    "json": ("jsonb", "text"),
    "time": ("timestamptz", "text"),
    "money": ("decimal(20,8)", "decimal(20,8)"),
    "price": ("decimal(10,4)", "decimal(10,4)"),
    "score": ("decimal(5,2)", "decimal(5,2)"),
    "fine": ("decimal(10,6)", "decimal(10,6)"),
}

TABLES: Final[dict[str, str]] = {
    "users": """
        id key, did text!, email text, password_hash text, created_at time!, updated_at time!,
        last_login_at time, is_active bool!, metadata json""",
    "accounts": """
        id key, did text!, balance money!, total_deposited money!, total_withdrawn money!,
        created_at time!, updated_at time!, metadata json""",
    "payment_channels": """
        id key, payer_did text!, payee_did text!, auction_id text, total_deposit money!,
        current_balance money!, escrowed_amount money!, total_settled money!,
        pending_refund money!, state text!, task_id text, escrow_released bool!,
        sequence_number int!, created_at time!, updated_at time!, closed_at time""",
    "channel_transactions": """
        id key, channel_id uuid!, transaction_type text!, amount money!, task_id text,
        reason text, created_at time!, metadata json""",
    "agents": """
        id key, did text!, name text, description text, capabilities json, pricing_model text,
        status text!, max_capacity int!, current_load int!, region text, created_at time!,
        updated_at time!, last_seen_at time, metadata json""",
    "auctions": """
        id key, task_id text!, user_id text!, auction_type text!, status text!,
        duration_seconds int!, expires_at time!, reserve_price money, max_price money,
        min_reputation score, capabilities json, winning_bid_id uuid, final_price money,
        created_at time!, updated_at time!, metadata json""",
    "bids": """
        id key, auction_id uuid!, agent_did text!, price money!, estimated_time_seconds int,
        reputation_score score, quality_score score, composite_score fine, created_at time!""",
    "reputation_scores": """
        id key, agent_did text!, overall_score score!, reliability_score score!,
        quality_score score!, speed_score score!, total_tasks int!, successful_tasks int!,
        failed_tasks int!, created_at time!, updated_at time!""",
    "reputation_events": """
        id key, agent_did text!, event_type text!, task_id text, score_delta score!,
        created_at time!, metadata json""",
    "tasks": """
        id key, task_id text!, user_did text!, agent_did text, task_type text!, status text!,
        input json, output json, error text, created_at time!, started_at time,
        completed_at time, timeout_at time, metadata json""",
    "delegations": """
        id key, task_id text!, user_id text!, query text, capabilities json, budget price!,
        priority text, status text!, agents_count int!, estimated_completion time,
        actual_completion time, created_at time!, updated_at time!, error text""",
    "subtasks": """
        id key, delegation_id uuid!, task_id text, description text, agent_id text,
        status text!, budget_share price, started_at time, completed_at time, result json,
        error text, created_at time!, updated_at time!""",
    "escrows": """
        id key, task_id text!, payer_id text!, payee_id text!, amount price!, status text!,
        funded_at time, released_at time, refunded_at time, dispute_id uuid, expires_at time,
        auto_release_at time, conditions text, created_at time!, updated_at time!, error text""",
    "disputes": """
        id key, escrow_id uuid!, initiator_id text!, reason text!, status text!,
        reviewer_id text, resolution text, resolved_at time, created_at time!,
        updated_at time!""",
    "dispute_evidence": """
        id key, dispute_id uuid!, submitter_id text!, evidence_type text!, content text,
        file_url text, created_at time!""",
}

# Those of the real system, then those that docs/platform.md asks for (named monitoring_*).
INDEXES: Final[tuple[str, ...]] = (
    "CREATE UNIQUE INDEX users_did ON users (did)",
    "CREATE UNIQUE INDEX accounts_did ON accounts (did)",
    "CREATE UNIQUE INDEX agents_did ON agents (did)",
    "CREATE INDEX agents_status ON agents (status)",
    "CREATE UNIQUE INDEX tasks_task_id ON tasks (task_id)",
    "CREATE INDEX tasks_user_did ON tasks (user_did)",
    "CREATE INDEX tasks_status ON tasks (status)",
    "CREATE INDEX tasks_created_at ON tasks (created_at)",
    "CREATE INDEX payment_channels_payer ON payment_channels (payer_did)",
    "CREATE INDEX payment_channels_payee ON payment_channels (payee_did)",
    "CREATE INDEX payment_channels_state ON payment_channels (state)",
    "CREATE INDEX channel_transactions_channel ON channel_transactions (channel_id)",
    "CREATE INDEX channel_transactions_created_at ON channel_transactions (created_at)",
    "CREATE INDEX auctions_task ON auctions (task_id)",
    "CREATE INDEX auctions_status ON auctions (status)",
    "CREATE INDEX bids_auction ON bids (auction_id)",
    "CREATE UNIQUE INDEX reputation_scores_agent ON reputation_scores (agent_did)",
    "CREATE INDEX reputation_events_agent ON reputation_events (agent_did)",
    "CREATE INDEX delegations_user ON delegations (user_id)",
    "CREATE INDEX delegations_status ON delegations (status)",
    "CREATE INDEX subtasks_delegation ON subtasks (delegation_id)",
    "CREATE INDEX escrows_task ON escrows (task_id)",
    "CREATE INDEX escrows_payer ON escrows (payer_id)",
    "CREATE INDEX escrows_status ON escrows (status)",
    "CREATE INDEX disputes_escrow ON disputes (escrow_id)",
    "CREATE INDEX disputes_status ON disputes (status)",
    "CREATE INDEX dispute_evidence_dispute ON dispute_evidence (dispute_id)",
    "CREATE INDEX monitoring_tasks_waiting ON tasks (status) WHERE status IN ('pending', 'queued')",
    "CREATE INDEX monitoring_escrows_created ON escrows (created_at)",
    "CREATE INDEX monitoring_escrows_released ON escrows (released_at)",
    "CREATE INDEX monitoring_escrows_refunded ON escrows (refunded_at)",
    "CREATE INDEX monitoring_disputes_created ON disputes (created_at)",
    "CREATE INDEX monitoring_delegations_created ON delegations (created_at)",
)


def create_tables(connection: BaseDatabaseWrapper) -> None:
    """Make every table and index that is not there yet.

    ``connection`` is a Django connection to PostgreSQL or SQLite whose role may create.
    """
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(_table(table, connection.vendor))
        for index in INDEXES:
            cursor.execute(index.replace("INDEX ", "INDEX IF NOT EXISTS ", 1))


def drop_tables(connection: BaseDatabaseWrapper) -> None:
    """Drop every table of the platform, with its rows."""
    with connection.cursor() as cursor:
        for table in reversed(TABLES):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def _table(name: str, vendor: str) -> str:
    dialect = 0 if vendor == "postgresql" else 1
    columns = (_column(column.strip(), dialect) for column in TABLES[name].split(","))
    return f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)})"


def _column(column: str, dialect: int) -> str:
    name, kind = column.split()
    sql = TYPES[kind.removesuffix("!")][dialect]
    return f"{name} {sql} NOT NULL" if kind.endswith("!") else f"{name} {sql}"
