"""Names are looked up within the caller's deadline."""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_network

import pytest

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.addresses import Resolver, check_address
from zerostate_monitoring.sources.nodes.client import NodeClient


@pytest.fixture
def hanging(monkeypatch):
    """A resolver of the system that hangs until the test ends; the names it was asked for."""
    asked: list[str] = []
    ended = threading.Event()
    real = socket.getaddrinfo

    def lookup(host, port, **how):
        if host.endswith(".example"):
            asked.append(host)
            ended.wait(30)
        return real("127.0.0.1", port, **how)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield asked
    ended.set()


def refused(resolver, host):
    with pytest.raises(SourceError) as caught:
        resolver.resolve(host, 80, (), deadline=time.monotonic() + 0.05)
    return caught.value


def test_hanging_lookup__ends_at_the_deadline(hanging):
    """Its thread stays, its caller goes on, and the next one waits for the same lookup."""
    resolver = Resolver()
    for _ in range(3):
        assert refused(resolver, "node.example").kind == "timeout"
    assert hanging == ["node.example"]


def test_hanging_lookups__are_bounded(hanging):
    """Where too many hang, no further thread is made; addresses need none."""
    resolver = Resolver(max_lookups=2)
    for host in ("a.example", "b.example", "c.example"):
        assert refused(resolver, host).kind == "timeout"
    assert sorted(hanging) == ["a.example", "b.example"]
    assert resolver.resolve("127.0.0.1", 80, (), deadline=0.0)


def test_hanging_lookup__is_a_timeout_of_the_node(hanging, node):
    """The node's deadline holds for looking its name up, too."""
    with pytest.raises(SourceError, match="not looked up in time") as caught:
        NodeClient().get(
            node.target(base_url="http://node.example:80"), "/", deadline=time.monotonic() + 0.05
        )
    assert caught.value.kind == "timeout"


METADATA = (ip_network("169.254.0.0/16"),)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
        "64:ff9b:1:2:3:4:169.254.169.254",
        # By RFC 6052 behind a prefix of 48, 56 and 64 bits.
        "64:ff9b:1:a9fe:a9:fe00::",
        "64:ff9b:1:a9:fe:a9fe::",
        "64:ff9b:1:0:a9:fea9:fe00:0",
        "2002:a9fe:a9fe::1",
    ],
)
def test_refused_address__is_refused_however_it_is_wrapped(address):
    """Each form in which IPv6 can carry an IPv4 address is unwrapped."""
    with pytest.raises(SourceError) as caught:
        check_address(address, METADATA)
    assert caught.value.kind == "forbidden_address"


@pytest.mark.parametrize("address", ["::1", "::", "2001:db8::a9fe:a9fe", "64:ff9b:1::10.0.0.1"])
def test_other_address__is_not_taken_for_a_wrapped_one(address):
    """Loopback is no 0.0.0.1, and 32 bits of an ordinary address are no IPv4 address."""
    check_address(address, (*METADATA, ip_network("0.0.0.1/32")))
