"""Which families a node exposes, by profile and role."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from example_project.network.nodes.family import Family
from example_project.network.nodes.head import HEAD
from example_project.network.nodes.packages import PACKAGES
from example_project.network.nodes.runtime import RUNTIME
from example_project.network.nodes.sprint6 import SPRINT6

# Groups that only some roles have; every other group is on every node.
ROLES: Final[dict[str, frozenset[str]]] = {
    "p2p_relay": frozenset({"relay"}),
    "search": frozenset({"edge", "api"}),
    "execution": frozenset({"edge", "api"}),
    "economic": frozenset({"edge", "api"}),
    "guild": frozenset({"edge"}),
    "paychan": frozenset({"edge"}),
    "p2ppay": frozenset({"edge"}),
    "reputation": frozenset({"edge"}),
}


class Profile(StrEnum):
    """How much a node tells of itself."""

    HEAD = "head"
    """What the processes of today expose."""
    FULL = "full"
    """Also the P2P, execution and economic sets, which today nobody serves."""


def groups(profile: Profile) -> dict[str, tuple[Family, ...]]:
    """Families of ``profile`` by group, the Go runtime's left out."""
    return HEAD if profile is Profile.HEAD else {**HEAD, **SPRINT6, **PACKAGES}


def families(profile: Profile, role: str) -> tuple[Family, ...]:
    """Families on the page of a node of ``role``, in the order of the page."""
    chosen = [
        family
        for group, members in groups(profile).items()
        if role in ROLES.get(group, {role})
        for family in members
    ]
    return tuple(sorted((*RUNTIME, *chosen), key=lambda family: family.name))
