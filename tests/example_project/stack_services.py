"""Every server that a stack can have, as values."""

from __future__ import annotations

from pathlib import Path

from example_project.stack import ports, programs, services, viewers
from example_project.stack.options import Options

EVERY = {name: 20_000 + number for number, name in enumerate(ports.USUAL)}


def setting(tmp_path: Path) -> services.Setting:
    """One in which every program is found."""
    return services.Setting(
        options=Options(data=tmp_path),
        ports=EVERY,
        programs={program.name: f"/programs/{program.name}" for program in programs.PROGRAMS},
        owner="somebody",
        binaries=Path("/programs"),
        cluster=tmp_path / "postgresql",
    )


def every_service(tmp_path: Path) -> list[services.Service]:
    made = setting(tmp_path)
    kinds = (services.stores, services.project, services.monitoring, viewers.looking)
    return [service for kind in kinds for service in kind(made)]
