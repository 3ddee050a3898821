"""Where messages may go: judged when a receiver is saved, and again at each try.

What an address says is known without asking. What its name leads to is looked up once per
try, and the connection goes to what was looked up, so that a name cannot answer twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.addresses import Address, Resolver, check_address

_METADATA_NAMES: Final = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}
)
_ADDRESS: Final = re.compile(r"[!-~]{1,4000}\Z")
_NUMBERS: Final = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}\Z")
_NO_NAME: Final = re.compile(r"[\x00-\x20%\\<>\"^`{|}\x7f]")
_REFUSED: Final = (
    f"It lies in a network to which no message goes ({PREFIX}DELIVERY_REFUSED_NETWORKS)."
)
_NOT_ALLOWED: Final = (
    f"It is none of those to which messages may go ({PREFIX}DELIVERY_ALLOWED_HOSTS)."
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is refused, and what alone is allowed, where that is not empty."""

    refused: Sequence[str] = ()
    allowed: Sequence[str] = ()

    def names_host(self, host: str) -> bool:
        """Whether a host is allowed by its name; ``.example`` allows all below ``example``."""
        name = host.lower().rstrip(".")
        wanted = [one.lower().rstrip(".") for one in self.allowed]
        return any(name == one or (one[:1] == "." and name.endswith(one)) for one in wanted)

    def problem_of(self, host: str, address: str) -> str:
        """Why nothing goes to ``address``, to which ``host`` leads; empty if it may."""
        try:
            check_address(address, _networks(tuple(self.refused)))
        except SourceError:
            return _REFUSED
        if not self.allowed or self.names_host(host):
            return ""
        plain = ip_address(address.partition("%")[0])
        allowed = any(plain in network for network in _networks(tuple(self.allowed)))
        return "" if allowed else _NOT_ALLOWED


def current_policy() -> Policy:
    """The policy as the settings are now."""
    return Policy(conf.DELIVERY_REFUSED_NETWORKS, conf.DELIVERY_ALLOWED_HOSTS)


# Lookups that hang are few in the whole process, not in each try.
_shared: Final = Resolver()


class CheckedResolver(Resolver):
    """Looks a name up once, and refuses it if any of its addresses is not to be had."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy: Final = policy

    def resolve(
        self, host: str, port: int, refused: Sequence[str], *, deadline: float
    ) -> list[Address]:
        """As the base; ``refused`` is not looked at, the policy is.

        Raises:
            SourceError: ``forbidden_address``, ``missing`` or ``timeout``.
        """
        found = _shared.resolve(host, port, (), deadline=deadline)
        for one in found:
            address = str(one.sockaddr[0])
            if problem := self._policy.problem_of(host, address):
                message = f"The host {host} has the address {address}. {problem}"
                raise SourceError(message, kind="forbidden_address")
        return found


def url_problem(url: str, policy: Policy) -> str:
    """What is wrong with an address, without asking anybody; empty if nothing is."""
    parts = _parts(url)
    if parts is None:
        return "This is no address."
    if parts.scheme not in {"http", "https"}:
        return "An address begins with https:// or http://; others are not used."
    if "@" in parts.netloc:
        return "Names and passwords do not stand in the address; they have fields of their own."
    if not parts.hostname:
        return "The address names no host."
    if parts.fragment:
        return "What stands behind # is never sent; leave it out."
    return host_problem(parts.hostname, policy)


def host_problem(host: str, policy: Policy) -> str:
    """What is wrong with a host, without asking anybody; empty if nothing is."""
    name = host.lower().rstrip(".")
    if name in _METADATA_NAMES:
        return "This is where clouds tell their machines secrets; no message goes there."
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        # What is no name and no plain address may still be read as one by the system.
        is_name = not _NUMBERS.match(name) and not _NO_NAME.search(name)
        return _name_problem(name, policy) if is_name else "This is no host."
    return policy.problem_of(name, name)


def place(url: str) -> str:
    """Scheme, host and port of an address: what may be shown of one that is secret."""
    parts = _parts(url)
    if parts is None or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _name_problem(name: str, policy: Policy) -> str:
    networks = _networks(tuple(policy.allowed))
    if not policy.allowed or networks or policy.names_host(name):
        return ""
    return _NOT_ALLOWED


def _parts(url: str) -> SplitResult | None:
    if not _ADDRESS.match(url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


@lru_cache(maxsize=16)
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks among ``texts``; the others are names."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            continue
    return tuple(found)
