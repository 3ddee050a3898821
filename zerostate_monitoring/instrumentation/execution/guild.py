"""Guilds: founded, joined, dissolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import (
    Id,
    Operation,
    Step,
    checked,
    known,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_guilds: Final = levels("zerostate_guilds")
_guild_operations: Final = counts("zerostate_guild_operations_total")
_guild_seconds: Final = distributions("zerostate_guild_operation_duration_seconds")
_guild_members: Final = levels("zerostate_guild_members")
_guild_lifetime: Final = distributions("zerostate_guild_lifetime_seconds")
_guild_messages: Final = counts("zerostate_guild_messages_total")


def _verdict(*, ok: bool) -> str:
    return "success" if ok else "failed"


# -- guilds ----------------------------------------------------------------------


def guild_operation_ended(operation: str, seconds: float, *, ok: bool = True) -> None:
    """A guild was founded (create), joined, left or dissolved, or could not be."""
    name = word("operation", operation)
    _guild_seconds[name](checked("seconds", seconds))
    _guild_operations[name, _verdict(ok=ok)](1)


class GuildOperation(Operation):
    """Founding, joining, leaving or dissolving a guild."""

    def __init__(
        self,
        operation: str,
        guild_id: Id | None = None,
        peer_id: Id | None = None,
        max_members: int | None = None,
        reason: str | None = None,
    ) -> None:
        self.operation = word("operation", operation)
        self.span_name = f"{names.GUILD}.{self.operation}"
        self._who = {
            names.GUILD_ID: guild_id,
            names.PEER_ID: peer_id,
            names.GUILD_MAX_MEMBERS: known("max_members", max_members),
            names.GUILD_REASON: None if reason is None else word("reason", reason),
        }

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.GUILD_OPERATION: self.operation, **self._who})

    def record(self) -> None:
        guild_operation_ended(self.operation, self.seconds, ok=self.ok)


def guild_operation(
    name: str,
    *,
    guild_id: Id | None = None,
    peer_id: Id | None = None,
    max_members: int | None = None,
    reason: str | None = None,
) -> GuildOperation:
    """Time create, join, leave or dissolve, the last two with why; its span is ``guild.<name>``."""
    return GuildOperation(word("name", name), guild_id, peer_id, max_members, reason)


def guild_step(name: str, *, guild_id: Id | None = None, peer_id: Id | None = None) -> Step:
    """Follow send_message, receive_message, heartbeat or key_exchange inside a guild."""
    return Step(
        f"{names.GUILD}.{word('name', name)}",
        {names.GUILD_ID: guild_id, names.PEER_ID: peer_id},
    )


def guild_membership(action: str, *, guild_id: Id | None = None, peer_id: Id | None = None) -> Step:
    """Follow what becomes of a member: add, remove, promote or expire."""
    return Step(
        f"{names.GUILD_MEMBERSHIP}.{word('action', action)}",
        {names.MEMBERSHIP_ACTION: action, names.GUILD_ID: guild_id, names.PEER_ID: peer_id},
    )


def guilds(count: int, state: str = "active") -> None:
    """So many guilds are in a state."""
    _guilds[word("state", state)](checked("count", count))


def guild_members(count: int, guild_id: Id) -> None:
    """A guild has so many members."""
    members = checked("count", count)
    _guild_members[word("guild_id", guild_id)](members)


def guild_ended(guild_id: Id, reason: str, lifetime_seconds: float) -> None:
    """A guild was dissolved, expired or became empty: its series end."""
    guild = word("guild_id", guild_id)
    _guild_lifetime[word("reason", reason)](checked("lifetime_seconds", lifetime_seconds))
    _guild_members.end(guild)


def guild_message(kind: str) -> None:
    """A message was exchanged inside a guild."""
    _guild_messages[word("kind", kind)](1)
