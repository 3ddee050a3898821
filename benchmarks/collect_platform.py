"""What one run of each platform collector costs on PostgreSQL with a million tasks.

Median seconds of several whole runs, as a worker makes them: the collector's row, lease,
connecting, all statements, the frame and what is written down of the run. Beside them the
number of statements that ask for data, and the larger of the two shares of their default
intervals. No family may be missing. The rows are spread over 30 days, a tenth of them in the
last day.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from string import Template
from typing import Final

from django.core.management import call_command
from django.db import connections

from benchmarks.measuring import headline
from benchmarks.servers import installation
from example_project.network.schema import create_tables
from tests.sources.platform.cluster import cluster
from zerostate_monitoring.collectors import COLLECTORS
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION, read
from zerostate_monitoring.storage.store import current_store

RUNS: Final = 5
ALIAS: Final = "benchmark"


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows the tables hold."""

    tasks: int = 1_000_000
    transactions: int = 1_000_000
    escrows: int = 200_000
    channels: int = 50_000
    agents: int = 5_000
    users: int = 20_000
    auctions: int = 100_000
    bids: int = 400_000
    events: int = 500_000
    delegations: int = 50_000


# A tenth of the rows lies in the last day, the others in the 29 days before.
AT: Final = (
    "now() - interval '1 second' * (CASE WHEN n / 60 % 10 = 0 THEN n % 86400"
    " ELSE 86400 + (n::bigint * 7919) % 2505600 END)"
)

# Ids of people, made so that escrows and delegations name the people that there are. Channels
# name them by DID, so each person is found on both ways.
USER: Final = "md5('user ' || ({0}))::uuid"
AGENT: Final = "md5('agent ' || ({0}))::uuid"
USER_N: Final = USER.format("n")
AGENT_N: Final = AGENT.format("n")
PAYER: Final = USER.format("1 + n % $users")
PAYEE: Final = AGENT.format("1 + n % $agents")

ROWS: Final = (
    f"""INSERT INTO users (id, did, created_at, updated_at, is_active)
    SELECT {USER_N}, 'did:user:' || n, now(), now(), true
    FROM generate_series(1, $users) AS n""",
    f"""INSERT INTO agents (id, did, status, max_capacity, current_load, created_at, updated_at,
        last_seen_at)
    SELECT {AGENT_N}, 'did:agent:' || n, (ARRAY['online', 'busy', 'offline'])[1 + n % 3],
        10, n % 10, {AT}, now(), {AT} FROM generate_series(1, $agents) AS n""",
    f"""INSERT INTO tasks (id, task_id, user_did, agent_did, task_type, status, created_at,
        started_at, completed_at, input, metadata)
    SELECT gen_random_uuid(), 'task-' || n, 'did:user:' || (1 + n % $users),
        'did:agent:' || (1 + n % $agents), 'compute',
        CASE WHEN n % 1000 = 0 THEN 'pending' WHEN n % 1000 = 1 THEN 'executing'
        WHEN n % 20 = 2 THEN 'failed' ELSE 'completed' END, {AT}, {AT}, {AT},
        '{{"cid": "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"}}',
        '{{"priority": "high"}}'
    FROM generate_series(1, $tasks) AS n""",
    f"""INSERT INTO payment_channels (id, payer_did, payee_did, total_deposit, current_balance,
        escrowed_amount, total_settled, pending_refund, state, task_id, escrow_released,
        sequence_number, created_at, updated_at)
    SELECT gen_random_uuid(), 'did:user:' || (1 + n % $users),
        'did:agent:' || (1 + n % $agents), 100, 60,
        CASE WHEN n % 3 = 0 THEN 15 ELSE 0 END, CASE WHEN n % 3 = 0 THEN 25 ELSE 40 END, 0,
        (ARRAY['escrowed', 'open', 'closed'])[1 + n % 3], 'task-' || n, false, 1, {AT}, now()
    FROM generate_series(1, $channels) AS n""",
    f"""INSERT INTO channel_transactions (id, channel_id, transaction_type, amount, task_id,
        created_at)
    SELECT gen_random_uuid(), gen_random_uuid(),
        (ARRAY['deposit', 'escrow', 'release', 'refund', 'settle'])[1 + n % 5],
        n % 100 + 0.12345678, 'task-' || n, {AT} FROM generate_series(1, $transactions) AS n""",
    f"""INSERT INTO escrows (id, task_id, payer_id, payee_id, amount, status, funded_at,
        released_at, refunded_at, expires_at, created_at, updated_at)
    SELECT gen_random_uuid(), 'task-' || n * 3, ({PAYER})::text, ({PAYEE})::text,
        n % 50 + 0.5, (ARRAY['funded', 'released', 'released', 'refunded', 'disputed',
        'cancelled'])[1 + n % 6], {AT}, CASE WHEN n % 6 IN (1, 2) THEN {AT} END,
        CASE WHEN n % 6 = 3 THEN {AT} END, now() + interval '1 day', {AT}, {AT}
    FROM generate_series(1, $escrows) AS n""",
    """INSERT INTO disputes (id, escrow_id, initiator_id, reason, status, created_at, updated_at)
    SELECT gen_random_uuid(), id, payer_id, 'late', 'open', updated_at, now()
    FROM escrows WHERE status = 'disputed'""",
    f"""INSERT INTO auctions (id, task_id, user_id, auction_type, status, duration_seconds,
        expires_at, final_price, created_at, updated_at)
    SELECT gen_random_uuid(), 'task-' || n, n::text, 'reserve',
        (ARRAY['open', 'awarded', 'awarded', 'expired'])[1 + n % 4], 60, {AT}, n % 7, {AT}, {AT}
    FROM generate_series(1, $auctions) AS n""",
    f"""INSERT INTO bids (id, auction_id, agent_did, price, created_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'did:agent:' || n, 1, {AT}
    FROM generate_series(1, $bids) AS n""",
    """INSERT INTO reputation_scores (id, agent_did, overall_score, reliability_score,
        quality_score, speed_score, total_tasks, successful_tasks, failed_tasks, created_at,
        updated_at)
    SELECT gen_random_uuid(), 'did:agent:' || n, n % 100, 50, 50, 50, 20, 18, 2, now(), now()
    FROM generate_series(1, $agents) AS n""",
    f"""INSERT INTO reputation_events (id, agent_did, event_type, score_delta, created_at)
    SELECT gen_random_uuid(), 'did:agent:' || n, (ARRAY['success', 'failure'])[1 + n % 2], 1, {AT}
    FROM generate_series(1, $events) AS n""",
    f"""INSERT INTO delegations (id, task_id, user_id, budget, status, agents_count, created_at,
        actual_completion, updated_at)
    SELECT gen_random_uuid(), 'task-' || n, ({PAYER})::text, 5,
        (ARRAY['completed', 'failed', 'in_progress'])[1 + n % 3], 3, {AT}, {AT}, {AT}
    FROM generate_series(1, $delegations) AS n""",
    """INSERT INTO subtasks (id, delegation_id, status, created_at, updated_at)
    SELECT gen_random_uuid(), id, 'completed', now(), now() FROM delegations,
    generate_series(1, 3)""",
)
"""What fills the tables; ``Size`` names the numbers."""


def figures(size: Size | None = None, runs: int = RUNS) -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects; needs Debian's postgresql-15."""
    size = size or Size()
    with (
        cluster(shared_buffers="512MB", max_wal_size="4GB", synchronous_commit="off") as server,
        installation(PLATFORM_DATABASE=ALIAS),
    ):
        plain = {**connections.settings["default"], "OPTIONS": {}}
        connections.settings[ALIAS] = {**plain, **server.alias()}
        _fill(size)
        call_command("migrate", verbosity=0)
        yield from headline("collect_platform", _measure(size, runs), "share_of_interval")


def _fill(size: Size) -> None:
    connection = connections[ALIAS]
    create_tables(connection)
    with connection.cursor() as cursor:
        for statement in ROWS:
            cursor.execute(Template(statement).substitute(asdict(size)))
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def _measure(size: Size, runs: int) -> dict[str, float]:
    figures: dict[str, float] = {
        "tasks": size.tasks,
        "channel_transactions": size.transactions,
        "escrows": size.escrows,
        "runs": runs,
    }
    shares = []
    for name, statements in (("execution", EXECUTION), ("economic", ECONOMIC)):
        seconds = statistics.median([_run(name) for _ in range(runs)])
        shares.append(seconds / COLLECTORS[name].interval_seconds)
        answer = read(statements, ALIAS, timeout=60)
        if answer.missing:
            raise ValueError(f"{name} measured without {dict(answer.missing)}")
        figures[f"{name}_seconds"] = round(seconds, 3)
        figures[f"{name}_queries"] = answer.statements
        figures[f"{name}_series"] = len(answer.values)
    return {"share_of_interval": max(shares), **figures}


def _run(name: str) -> float:
    """Seconds of one run.

    Raises:
        ValueError: it did not give everything.
    """
    begun = time.perf_counter()
    outcome = run(name, store=current_store(), forced=True)
    seconds = time.perf_counter() - begun
    if not outcome.ok or outcome.absent or outcome.refused:
        raise ValueError(f"not a whole run: {outcome}")
    return seconds
