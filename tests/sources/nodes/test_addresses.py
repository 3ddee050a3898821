"""Names are looked up within the caller's deadline."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.addresses import Resolver
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
