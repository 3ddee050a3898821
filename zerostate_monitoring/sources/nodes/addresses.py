"""Which addresses a node may have. Checked on the address that is then connected to."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock, Thread
from typing import Final, NamedTuple

from zerostate_monitoring.exceptions import SourceError

_NAT64: Final = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64: Final = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE: Final = IPv6Network("::/96")
_NO_IPV4: Final = frozenset({IPv6Address("::"), IPv6Address("::1")})


class Address(NamedTuple):
    """What ``socket`` needs to connect."""

    family: socket.AddressFamily
    sockaddr: tuple[str | int | bytes, ...]


class Resolver:
    """Look names up, each wait within its caller's deadline.

    The system's resolver has no deadline, so every name is looked up in a thread of its
    own, once for all who ask for it meanwhile. One that hangs is left behind; it keeps
    its thread until the system gives up, and no more than ``max_lookups`` may do so.
    """

    def __init__(self, max_lookups: int = 256) -> None:
        self._max: Final = max_lookups
        self._lookups: Final[dict[tuple[str, int], Future[list[Address]]]] = {}
        self._lock: Final = Lock()

    def resolve(
        self, host: str, port: int, refused: Sequence[str], *, deadline: float
    ) -> list[Address]:
        """Look ``host`` up, once, and refuse it if any of its addresses is forbidden.

        Raises:
            SourceError: ``missing`` for a name without address, ``forbidden_address`` for
                one in the networks ``refused``, ``timeout`` where there was no answer by
                ``deadline`` (monotonic seconds).
        """
        try:
            found = self._found(host, port, deadline)
        except TimeoutError as error:
            message = f"the name {host} was not looked up in time"
            raise SourceError(message, kind="timeout") from error
        except (OSError, UnicodeError) as error:
            raise SourceError(f"the name {host} has no address: {error}", kind="missing") from error
        networks = _networks(tuple(refused))
        for address in found:
            check_address(str(address.sockaddr[0]), networks)
        return found

    def _found(self, host: str, port: int, deadline: float) -> list[Address]:
        if _is_literal(host):
            return _look_up(host, port)
        return self._lookup(host, port).result(max(0.0, deadline - time.monotonic()))

    def _lookup(self, host: str, port: int) -> Future[list[Address]]:
        with self._lock:
            known = self._lookups.get((host, port))
            if known is not None:
                return known
            if len(self._lookups) >= self._max:
                raise TimeoutError("too many lookups hang")
            future = self._lookups[host, port] = Future()
        # A daemon, so that a hanging lookup does not hold up the end of the process.
        Thread(target=self._run, args=(host, port, future), daemon=True).start()
        return future

    def _run(self, host: str, port: int, future: Future[list[Address]]) -> None:
        try:
            found = _look_up(host, port)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
            future.set_exception(error)
        else:
            future.set_result(found)
        finally:
            with self._lock:
                del self._lookups[host, port]


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in found]


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def check_address(text: str, networks: Sequence[IPv4Network | IPv6Network]) -> None:
    """Refuse an address in ``networks``, also where IPv6 wraps an IPv4 one.

    Raises:
        SourceError: ``forbidden_address``.
    """
    address = ip_address(text.partition("%")[0])
    for form in _forms(address):
        if any(form in network for network in networks):
            message = f"the address {text} lies in a network that nodes may not have"
            raise SourceError(message, kind="forbidden_address")


def _forms(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, and each IPv4 address that it may lead to."""
    if isinstance(address, IPv4Address):
        return [address]
    wrapped = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return [address, *filter(None, wrapped), *_at_the_end(address), *_translated(address)]


def _at_the_end(address: IPv6Address) -> Iterator[IPv4Address]:
    """What the last 32 bits say, where they are an IPv4 address (RFC 4291, RFC 6052)."""
    ends = address in _COMPATIBLE and address not in _NO_IPV4
    if ends or address in _NAT64 or address in _LOCAL_NAT64:
        yield IPv4Address(address.packed[12:])


def _translated(address: IPv6Address) -> Iterator[IPv4Address]:
    """What the local-use prefix may hold: how long a site's own one is, nobody can see.

    The ninth byte is none of the IPv4 address's (RFC 6052, 2.2).
    """
    if address in _LOCAL_NAT64:
        octets = address.packed[:8] + address.packed[9:]
        yield from (IPv4Address(octets[start : start + 4]) for start in (6, 7, 8))


@lru_cache(maxsize=16)
def _networks(refused: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network) for network in refused)
