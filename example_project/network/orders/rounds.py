"""Between orders: the executor finds a peer, works with it in a guild, settles, and judges.

What an order has no need of, in one trace: discovery, gossip and relay; a guild from its
beginning to its end; a channel that is opened, disputed and settled; reputation. The peer is
nobody, but for the one node that is asked whether it is well.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Final

import urllib3

from example_project.network.orders.executing import EXECUTOR
from zerostate_monitoring.instrumentation import economic, execution, p2p
from zerostate_monitoring.models import Node

PEER: Final = "round-partner"
TOPIC: Final = "agents"
PATH: Final = "/healthz"
DEPOSIT: Final = 4.0
TIMEOUT_SECONDS: Final = 1.0


def make_round(number: str, *, broken: frozenset[str]) -> None:
    """One round; ``broken`` are the faults that are on."""
    if not find(is_broken="dht" in broken):
        return
    work_together(f"guild-{number}", number)
    settle(f"channel-{number}")
    judge()


def find(*, is_broken: bool) -> bool:
    """Look a peer up and greet it; whether it was found."""
    with p2p.search("search_capabilities"):
        key = _digest(PEER)
    with p2p.dht_lookup("resolve") as lookup:
        _digest(key)
        if is_broken:
            lookup.fail("timeout")
    if not lookup.ok:
        return False
    with p2p.relay("outbound", source_peer=EXECUTOR, destination_peer=PEER):
        _digest(key)
    with p2p.operation("connect", peer_id=PEER):
        _ask_how_it_is()
    with p2p.gossip("publish", topic=TOPIC):
        _digest(TOPIC)
    return True


def _ask_how_it_is() -> None:
    node = Node.objects.filter(enabled=True).exclude(role="api").order_by("name").first()
    if node is None:
        return
    with (
        p2p.health_check(peer_id=PEER) as check,
        urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS) as pool,
    ):
        try:
            if pool.request("GET", f"{node.base_url}{PATH}").status != HTTPStatus.OK:
                check.fail("refused")
        except urllib3.exceptions.HTTPError:
            check.fail("unreachable")


def work_together(guild: str, task: str) -> None:
    """Form a guild of two, let it work, and dissolve it."""
    with execution.guild_operation("create", guild_id=guild, peer_id=EXECUTOR, max_members=2):
        _digest(guild)
    with execution.guild_operation("join", guild_id=guild, peer_id=PEER):
        with execution.guild_step("key_exchange", guild_id=guild, peer_id=PEER):
            _digest(guild)
        with execution.guild_membership("add", guild_id=guild, peer_id=PEER):
            _digest(PEER)
    for step in ("send_message", "heartbeat"):
        with execution.guild_step(step, guild_id=guild, peer_id=PEER):
            _digest(step)
    with execution.resource_measurement(task_id=task):
        _digest(task)
    with execution.guild_operation("leave", guild_id=guild, peer_id=PEER, reason="done"):
        _digest(PEER)
    with execution.guild_operation("dissolve", guild_id=guild, peer_id=EXECUTOR, reason="done"):
        _digest(guild)


def settle(channel: str) -> None:
    """Open a channel, pay by it, quarrel about that, and settle what is left."""
    with economic.channel_operation("open", channel_id=channel):
        _digest(channel)
    with economic.payment_transaction(channel_id=channel, sequence=1):
        _digest(channel)
    for action in ("open", "evidence", "review", "resolve"):
        with economic.dispute_step(action, channel_id=channel):
            _digest(action)
    with (
        economic.channel_operation("settle", channel_id=channel),
        economic.settlement(DEPOSIT, channel_id=channel),
    ):
        _digest(channel)
    with economic.channel_operation("close", channel_id=channel):
        _digest(channel)


def judge() -> None:
    """Write down how the peer did; it is kept out until its next round."""
    with economic.reputation_recording(PEER):
        _digest(PEER)
    with economic.reputation_calculation(PEER) as calculation:
        calculation.score = int(_digest(PEER)[:2], 16) / 255
    for kind in ("added", "expired"):
        with economic.blacklisting(kind, peer_id=PEER):
            _digest(kind)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
