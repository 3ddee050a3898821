"""Families that only the platform's database can feed: agents here, money and market beside."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.catalogue import market, money
from zerostate_monitoring.catalogue.definition import Definition
from zerostate_monitoring.catalogue.shapes import OTHER, execution

_AGENTS: Final = (
    execution(
        name="zerostate_agents",
        help="Registered agents, by what they say of themselves.",
        labels=("status",),
        values={"status": ("online", "busy", "offline", "maintenance", OTHER)},
    ),
    execution(
        name="zerostate_agent_load", help="Tasks that agents online or busy have at present."
    ),
    execution(
        name="zerostate_agent_capacity", help="Tasks that agents online or busy can have at once."
    ),
    execution(
        name="zerostate_agent_utilization_ratio",
        help="Load of the agents online or busy over their capacity.",
        unit="ratio",
        note="No sample while no agent is online or busy.",
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_AGENTS,
    *money.DEFINITIONS,
    *market.DEFINITIONS,
)
