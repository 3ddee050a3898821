"""What the server tells about itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import redis


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Answers for the doctor; ``None`` is what the server does not tell.

    ``clock`` is the server's time in seconds since 1970; memory is in bytes, and a
    ``max_memory`` of 0 means no limit.
    """

    product: str
    version: str
    clock: float
    used_memory: int | None
    max_memory: int | None
    eviction_policy: str | None


def describe(client: redis.Redis) -> ServerInfo:
    """Ask the server for its version, clock and memory."""
    info: dict[str, Any] = _first(client.info())
    seconds, microseconds = _first(client.time())
    is_valkey = "valkey_version" in info
    return ServerInfo(
        product="Valkey" if is_valkey else "Redis",
        version=str(info.get("valkey_version" if is_valkey else "redis_version", "")),
        clock=int(seconds) + int(microseconds) / 1_000_000,
        used_memory=info.get("used_memory"),
        max_memory=info.get("maxmemory"),
        eviction_policy=info.get("maxmemory_policy") or _configured_policy(client),
    )


def _first(answer: Any) -> Any:
    """The answer of one node, where a cluster gives one of each."""
    if isinstance(answer, dict) and answer and all(":" in str(key) for key in answer):
        return next(iter(answer.values()))
    return answer


def _configured_policy(client: redis.Redis) -> str | None:
    """Managed services forbid CONFIG; then nobody can tell."""
    try:
        answer: Any = client.config_get("maxmemory-policy")
    except redis.ResponseError:
        return None
    policy = answer.get("maxmemory-policy")
    return str(policy) if policy else None


def round_trip(client: Any, tries: int = 3) -> float:
    """Seconds until an answer; the shortest of some, for others are not the server's."""
    return min(_ping(client) for _ in range(tries))


def _ping(client: Any) -> float:
    began = time.perf_counter()
    client.ping()
    return time.perf_counter() - began
