"""Guilds: short-lived private groups of agents; they live on the nodes alone."""

from __future__ import annotations

from example_project.network.simulation.entities import Guild
from example_project.network.simulation.world import World

MAX_GUILDS = 30
PACKAGE = {True: "success", False: "failed"}


def create(world: World) -> None:
    """Let an agent found a guild and others join it."""
    node = world.random.choice(world.role_nodes("edge"))
    guild = Guild(f"guild-{world.random.getrandbits(128):032x}", node, world.now)
    if not _operate(world, guild, "create") or len(world.guilds) >= MAX_GUILDS:
        return
    world.guilds.append(guild)
    node.page.inc("zerostate_guild_total", state="active")
    node.page.inc("guild_creations_total")
    _show(guild)
    _join(world, guild)
    for _ in range(world.random.randint(2, 6)):
        world.after(world.random.uniform(1, 40), _join, guild)
    world.after(world.random.uniform(60, 900), _dissolve, guild)


def _join(world: World, guild: Guild) -> None:
    if _operate(world, guild, "join"):
        guild.members += 1
        page = guild.node.page
        page.observe("guild_join_latency_seconds", world.random.uniform(0.01, 0.6))
        for kind in ("chat", "task"):
            page.inc("guild_messages_total", 3, guild_id=guild.guild_id, type=kind)
        _show(guild)


def _dissolve(world: World, guild: Guild) -> None:
    if not _operate(world, guild, "dissolve"):
        world.after(10, _dissolve, guild)
        return
    world.guilds.remove(guild)
    page = guild.node.page
    page.inc("zerostate_guild_total", -1, state="active")
    page.inc("zerostate_guild_total", state="dissolved")
    reason = world.random.choice(("dissolved", "expired", "empty"))
    page.observe("guild_lifetime_seconds", world.now - guild.created_at, reason=reason)
    page.forget("guild_id", guild.guild_id)


def _operate(world: World, guild: Guild, operation: str) -> bool:
    success = not world.chance(0.6 if world.is_broken("guilds") else 0.005)
    page = guild.node.page
    page.inc("zerostate_guild_operations_total", operation=operation, status=PACKAGE[success])
    seconds = world.random.uniform(0.002, 0.4)
    page.observe("zerostate_guild_operation_duration_seconds", seconds, operation=operation)
    return success


def _show(guild: Guild) -> None:
    members = float(guild.members)
    guild.node.page.set("zerostate_guild_members", members, guild_id=guild.guild_id)
    guild.node.page.set("guild_members", members, guild_id=guild.guild_id)
