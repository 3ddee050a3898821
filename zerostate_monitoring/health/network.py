"""The network's components, judged by collected numbers, with the original's thresholds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from zerostate_monitoring.health.states import Outcome, degraded, healthy, unhealthy, unknown

Numbers = Mapping[str, float]
"""What is known, by the names in ``QUESTIONS``; what has no value is left out."""

WINDOW: Final = "5m"
MIN_PEERS: Final = 3
MIN_NODES_RATIO: Final = 0.7
MAX_TASK_SECONDS: Final = 25.0
MIN_MEMBERS: Final = 2.0


def _share(good: str, every: str) -> str:
    """The share of ``good`` in ``every`` of the window; nothing where nothing happened.

    A counter that does not know the good ones yet has none of them.
    """
    ended = f"sum(increase({every}[{WINDOW}]))"
    return f"(sum(increase({good}[{WINDOW}])) or 0 * {ended}) / ({ended} > 0)"


_PEERS: Final = "sum by (node) (zerostate_p2p_peers_connected)"
_HOST_PEERS: Final = "sum by (node) (zerostate_peer_connections)"
_LASTED: Final = "zerostate_task_duration_seconds"
# Memory, layers over other disks, and images that are full by their nature.
_DISKS: Final = '{fstype!~"tmpfs|devtmpfs|ramfs|overlay|squashfs|erofs|iso9660"}'

QUESTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "peer_count": f"avg({_PEERS} or {_HOST_PEERS})",
        "health_rate": "avg(zerostate_node_up)",
        "dht_success_rate": _share(
            'zerostate_dht_lookups_total{status!="error"}', "zerostate_dht_lookups_total"
        ),
        "task_success_rate": _share(
            'zerostate_tasks_total{status="completed"}',
            'zerostate_tasks_total{status=~"completed|failed"}',
        ),
        "active_executions": "sum(zerostate_tasks_active)",
        "task_seconds": f"sum(increase({_LASTED}_sum[{WINDOW}]))"
        f" / (sum(increase({_LASTED}_count[{WINDOW}])) > 0)",
        "payment_success_rate": _share(
            'zerostate_economic_payments_total{status="success"}',
            'zerostate_economic_payments_total{status=~"success|failed"}',
        ),
        "active_channels": "sum(zerostate_economic_channels_active)",
        "total_locked": "sum(zerostate_economic_total_value_locked)",
        "active_guilds": 'sum(zerostate_guilds{state="active"})',
        "avg_members": "avg(zerostate_guild_members)",
        "disk_usage_ratio": f"max(1 - node_filesystem_avail_bytes{_DISKS}"
        f" / (node_filesystem_size_bytes{_DISKS} > 0))",
    }
)
"""What is asked of the history, in PromQL: one number each."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Below one of these shares it is unhealthy, or degraded."""

    unhealthy: float
    degraded: float


TASKS: Final = Limit(0.5, 0.9)
PAYMENTS: Final = Limit(0.8, 0.95)
LOOKUPS: Final = Limit(0.0, 0.8)
WARN_RATIO: Final = 0.8
FULL_RATIO: Final = 0.95


def p2p(numbers: Numbers) -> Outcome:
    """Unhealthy where no node has a peer; degraded where there are few, or nodes are down."""
    about = _about(numbers, "peer_count", "health_rate", min_peers=MIN_PEERS)
    peers, up = numbers.get("peer_count"), numbers.get("health_rate")
    if peers is None:
        return unknown("no node tells its peers", **about)
    if peers <= 0:
        return unhealthy("no node has a peer", **about)
    if up is not None and up < MIN_NODES_RATIO:
        return degraded(f"{up:.0%} of the nodes answer", **about)
    message = f"{peers:.1f} peers per node"
    return degraded(message, **about) if peers < MIN_PEERS else healthy(message, **about)


def dht(numbers: Numbers) -> Outcome:
    """Degraded where look-ups fail, unhealthy where routing tables must be empty.

    No node tells the size of its table. It holds peers alone, so where no node has one all
    tables are empty; and with an empty one no look-up can succeed.
    """
    about = _about(numbers, "peer_count", dht_success_rate="success_rate")
    peers, share = numbers.get("peer_count"), numbers.get("dht_success_rate")
    if peers is not None and peers <= 0:
        return unhealthy("no node has a peer, so all routing tables are empty", **about)
    if share is not None and share <= 0:
        return unhealthy("no look-up succeeds, as with empty routing tables", **about)
    return _by_share(share, LOOKUPS, "look-ups", about)


def execution(numbers: Numbers) -> Outcome:
    """By the share of tasks that are completed, and how long they take."""
    seconds = numbers.get("task_seconds")
    about = _about(numbers, "active_executions", task_success_rate="success_rate")
    about["max_duration_ms"] = MAX_TASK_SECONDS * 1000
    if seconds is not None:
        about["avg_duration_ms"] = round(seconds * 1000, 3)
    found = _by_share(numbers.get("task_success_rate"), TASKS, "tasks", about)
    if found.status == "healthy" and seconds is not None and seconds > MAX_TASK_SECONDS:
        return degraded(f"a task takes {seconds:.1f} s on average", **about)
    return found


def payment(numbers: Numbers) -> Outcome:
    """By the share of payments that succeed."""
    about = _about(numbers, "active_channels", "total_locked", payment_success_rate="success_rate")
    return _by_share(numbers.get("payment_success_rate"), PAYMENTS, "payments", about)


def guild(numbers: Numbers) -> Outcome:
    """Degraded where guilds have hardly any members; none at all is idle."""
    about = _about(numbers, "active_guilds", "avg_members")
    count, members = numbers.get("active_guilds"), numbers.get("avg_members")
    if count is None:
        return unknown("nobody tells of guilds", **about)
    if count <= 0:
        return healthy("no guild: idle", **about)
    if members is None:
        return unknown(f"{count:.0f} guilds, of whose members nobody tells", **about)
    message = f"{count:.0f} guilds of {members:.1f} members"
    return degraded(message, **about) if members < MIN_MEMBERS else healthy(message, **about)


def storage(numbers: Numbers) -> Outcome:
    """By the fullest disk of a node, where a node exporter's families are collected."""
    ratio = numbers.get("disk_usage_ratio")
    if ratio is None:
        return unknown("no node tells how full its disk is: node_filesystem_* is not collected")
    about = {
        "disk_usage_percent": round(ratio * 100, 1),
        "warn_threshold": WARN_RATIO * 100,
        "critical_threshold": FULL_RATIO * 100,
    }
    message = f"the fullest disk of a node is at {ratio:.0%}"
    if ratio >= FULL_RATIO:
        return unhealthy(message, **about)
    return degraded(message, **about) if ratio >= WARN_RATIO else healthy(message, **about)


JUDGES: Final[Mapping[str, Callable[[Numbers], Outcome]]] = MappingProxyType(
    {
        "p2p": p2p,
        "dht": dht,
        "execution": execution,
        "payment": payment,
        "guild": guild,
        "storage": storage,
    }
)


def _by_share(share: float | None, limit: Limit, what: str, about: Mapping[str, Any]) -> Outcome:
    if share is None:
        return unknown(f"no {what} ended in {WINDOW}", **about)
    message = f"{share:.1%} of the {what} succeed"
    if share < limit.unhealthy:
        return unhealthy(message, **about)
    return degraded(message, **about) if share < limit.degraded else healthy(message, **about)


def _about(
    numbers: Numbers, *names: str, min_peers: int | None = None, **renamed: str
) -> dict[str, Any]:
    """Metadata of what is known: ``renamed`` says how a number is called there."""
    wanted = {**{name: name for name in names}, **renamed}
    found: dict[str, Any] = {
        shown: round(numbers[name], 4) for name, shown in wanted.items() if name in numbers
    }
    return found if min_peers is None else {**found, "min_peers": min_peers}
