"""What the environment says about the stack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from example_project.demo.options import PROFILES, DemoError, number
from example_project.environment import BASE_DIR

SCRAPE_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``lapse`` is how many times faster the configuration is than what is exported."""

    data: Path = BASE_DIR / ".stack"
    nodes: int = 10
    profile: str = "full"
    speed: float = 1.0
    lapse: float = 1.0

    @property
    def secrets(self) -> Path:
        """Where the secrets lie, a file each."""
        return self.data / "secrets"

    @property
    def config(self) -> Path:
        """Where the servers' configuration is written."""
        return self.data / "config"


def read(environment: Mapping[str, str] = os.environ) -> Options:
    """Options from the variables ``STACK_*`` and ``DATA``.

    Raises:
        DemoError: one of them cannot be read.
    """
    profile = environment.get("STACK_PROFILE", "full")
    if profile not in PROFILES:
        raise DemoError(f"STACK_PROFILE is head or full, not {profile!r}.")
    return Options(
        data=Path(environment.get("DATA", BASE_DIR / ".stack")).absolute(),
        nodes=int(_read(environment, "STACK_NODES", 10, 1, 2000)),
        profile=profile,
        speed=_read(environment, "STACK_SPEED", 1, 0.01, 100),
        lapse=_read(environment, "STACK_LAPSE", 1, 1, 15),
    )


def _read(
    environment: Mapping[str, str], name: str, default: float, low: float, high: float
) -> float:
    return number(name, environment.get(name, str(default)), low, high)
