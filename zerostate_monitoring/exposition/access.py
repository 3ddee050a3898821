"""Who may read the page. Pure: the caller brings the request's facts and the settings."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from zerostate_monitoring.logs.clients import Address, nearest, within

ADVICE = (
    "Set ZEROSTATE_MONITORING_METRICS_TOKEN, or ZEROSTATE_MONITORING_METRICS_ALLOWED_NETWORKS, "
    "or both; behind a proxy also ZEROSTATE_MONITORING_TRUSTED_PROXIES."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Facts of a request: peer address, ``X-Forwarded-For`` and ``Authorization``."""

    remote_address: str
    forwarded_for: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings say. Each of token and networks that is set must be met."""

    token: str
    networks: Sequence[str]
    trusted_proxies: Sequence[str]
    debug: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status, and a sentence that says what to do."""

    status: int
    reason: str


def refusal(caller: Caller, policy: Policy) -> Refusal | None:
    """Why the caller may not read the page; ``None`` if it may."""
    if policy.token and not _has_token(caller, policy.token):
        return Refusal(
            401, "This page wants the bearer token of ZEROSTATE_MONITORING_METRICS_TOKEN."
        )
    if policy.networks:
        return _outside(caller, policy)
    if policy.token or policy.debug:
        return None
    return _not_local(caller, policy)


def _has_token(caller: Caller, token: str) -> bool:
    scheme, _, given = caller.authorization.partition(" ")
    same = secrets.compare_digest(given.strip().encode(), token.encode())
    return same and scheme.lower() == "bearer"


def _outside(caller: Caller, policy: Policy) -> Refusal | None:
    address = client_address(caller, policy.trusted_proxies)
    if address is not None and within(address, policy.networks):
        return None
    seen = address or "an unknown address"
    return Refusal(
        403, f"{seen} is in none of ZEROSTATE_MONITORING_METRICS_ALLOWED_NETWORKS. {ADVICE}"
    )


def _not_local(caller: Caller, policy: Policy) -> Refusal | None:
    address = client_address(caller, policy.trusted_proxies)
    if address is not None and address.is_loopback:
        return None
    seen = address or "A caller whose address is not known"
    return Refusal(
        403, f"{seen} is not this machine, and nothing says who else may read this page. {ADVICE}"
    )


def client_address(caller: Caller, trusted_proxies: Sequence[str]) -> Address | None:
    """The nearest address that is not a trusted proxy's; ``None`` if it cannot be known.

    Behind a proxy that is not trusted everyone seems to be the proxy. So a forwarded
    request whose peer is not named in ``trusted_proxies`` has no known address.
    """
    return nearest(caller.remote_address, caller.forwarded_for, trusted_proxies)
