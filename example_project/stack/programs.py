"""The servers' programs: where they are found, and what to install where they are not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from example_project.demo.options import DemoError

POSTGRESQL: Final = Path("/usr/lib/postgresql")
Which = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """``package`` is Debian's; empty where Debian has none."""

    name: str
    called: tuple[str, ...]
    package: str = ""
    is_needed: bool = False

    @property
    def variable(self) -> str:
        """The variable of the environment that names the program."""
        return f"STACK_{self.name.upper().replace('-', '_')}_PROGRAM"

    @property
    def missing(self) -> str:
        """What to do where it is not found."""
        names = " or ".join(self.called)
        if not self.package:
            return f"no {names} on PATH and no {self.variable}; Debian has no package"
        return f"no {names} found: apt-get install {self.package}, or set {self.variable}"


PROGRAMS: Final = (
    Program(name="postgresql", called=("postgres",), package="postgresql", is_needed=True),
    Program(name="prometheus", called=("prometheus",), package="prometheus", is_needed=True),
    Program(
        name="alertmanager",
        called=("prometheus-alertmanager", "alertmanager"),
        package="prometheus-alertmanager",
        is_needed=True,
    ),
    Program(
        name="node-exporter",
        called=("prometheus-node-exporter", "node_exporter"),
        package="prometheus-node-exporter",
    ),
    Program(name="jaeger", called=("jaeger",)),
    Program(name="loki", called=("loki",)),
    Program(name="grafana", called=("grafana",)),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Programs by name; and of those that may be missing, why."""

    paths: Mapping[str, str]
    missing: Mapping[str, str]


def find(
    environment: Mapping[str, str] = os.environ,
    which: Which = shutil.which,
    postgresql: Path = POSTGRESQL,
) -> Found:
    """Look for every program.

    Raises:
        DemoError: one that is needed is not there, or a variable names none; all are named.
    """
    places = {program: _find(program, environment, which, postgresql) for program in PROGRAMS}
    lacking = {program: program.missing for program, path in places.items() if path is None}
    faults = [text for program, text in lacking.items() if program.is_needed]
    faults += [
        f"{program.variable} is {path!r}, and that is no program"
        for program, path in places.items()
        if path is not None and which(path) is None
    ]
    if faults:
        raise DemoError("\n".join(f"{fault[0].upper()}{fault[1:]}." for fault in faults))
    return Found(
        {program.name: path for program, path in places.items() if path is not None},
        {program.name: text for program, text in lacking.items()},
    )


def _find(
    program: Program, environment: Mapping[str, str], which: Which, postgresql: Path
) -> str | None:
    if told := environment.get(program.variable):
        return told
    if program.name == "postgresql" and (newest := _newest(postgresql)):
        return newest
    return next(filter(None, map(which, program.called)), None)


def _newest(directory: Path) -> str | None:
    """The newest version's server: Debian keeps them off PATH, a directory each."""
    found = [
        (int(path.parent.parent.name), path)
        for path in directory.glob("*/bin/postgres")
        if path.parent.parent.name.isdecimal()
    ]
    return str(max(found)[1]) if found else None
