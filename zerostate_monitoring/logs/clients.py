"""Who asks: the address of a client, seen through proxies that are trusted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address


def nearest(remote: str, forwarded_for: str, trusted_proxies: Sequence[str]) -> Address | None:
    """The nearest address that is not a trusted proxy's; ``None`` if it cannot be known."""
    hops = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    address = _parsed(remote)
    if hops and (address is None or not within(address, trusted_proxies)):
        return None
    while hops and address is not None and within(address, trusted_proxies):
        address = _parsed(hops.pop())
    return address


def client_ip(meta: Mapping[str, Any], trusted_proxies: Sequence[str]) -> str:
    """The client's address for a line; the peer's where nothing better is known."""
    remote = str(meta.get("REMOTE_ADDR") or "")
    try:
        found = nearest(remote, str(meta.get("HTTP_X_FORWARDED_FOR") or ""), trusted_proxies)
    except ValueError:
        # A setting that names no network: a system check says so, and a line is not lost.
        found = None
    return str(found) if found is not None else remote


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def within(address: Address, networks: Sequence[str]) -> bool:
    """Whether ``address`` lies in one of ``networks``."""
    return any(address in ip_network(network, strict=False) for network in networks)
