"""Spans of a round of the example's executor, with the attributes that docs/tracing.md has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_GUILD: Final = {"zerostate.guild.id", "zerostate.peer.id"}
_CHANNEL: Final = {"zerostate.channel.id"}
_PEER: Final = {"zerostate.peer.id"}

ROUND: Final[Mapping[str, set[str]]] = {
    "p2p.search": {"zerostate.operation"},
    "p2p.dht.resolve": {"zerostate.dht.operation", "zerostate.status"},
    "p2p.relay": {
        "zerostate.relay.direction",
        "zerostate.relay.source_peer",
        "zerostate.relay.destination_peer",
    },
    "p2p.connection.connect": {"zerostate.operation", *_PEER},
    "p2p.health_check": _PEER,
    "p2p.gossip.publish": {"zerostate.gossip.action", "zerostate.topic"},
    "guild.create": {"zerostate.guild.operation", "zerostate.guild.max_members", *_GUILD},
    "guild.join": {"zerostate.guild.operation", *_GUILD},
    "guild.key_exchange": _GUILD,
    "guild.membership.add": {"zerostate.guild.membership.action", *_GUILD},
    "guild.send_message": _GUILD,
    "guild.heartbeat": _GUILD,
    "guild.leave": {"zerostate.guild.operation", "zerostate.guild.reason", *_GUILD},
    "guild.dissolve": {"zerostate.guild.operation", "zerostate.guild.reason", *_GUILD},
    "resources.measure": {"zerostate.task.id"},
    "payment.channel.open": {"zerostate.channel.operation", *_CHANNEL},
    "payment.transaction": {"zerostate.payment.sequence", *_CHANNEL},
    "payment.dispute": {"zerostate.dispute.action", *_CHANNEL},
    "payment.channel.settle": {"zerostate.channel.operation", *_CHANNEL},
    "payment.settle": {"zerostate.settlement.amount", *_CHANNEL},
    "payment.channel.close": {"zerostate.channel.operation", *_CHANNEL},
    "reputation.record": _PEER,
    "reputation.calculate": {"zerostate.reputation.score", *_PEER},
    "reputation.blacklist": {"zerostate.reputation.blacklist.action", *_PEER},
}


def own(attributes: Mapping[str, object]) -> set[str]:
    """The network's own attributes."""
    return {name for name in attributes if name.startswith("zerostate.")}
