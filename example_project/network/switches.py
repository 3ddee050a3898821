"""Which faults are switched on: a small JSON file that all processes of the example read."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path

from example_project.environment import data_directory


class Switches:
    """Names of the faults that are on, and since when (ISO 8601)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def since(self) -> dict[str, str]:
        """Fault name to the time of its switching on; empty where nothing is broken."""
        try:
            found = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        return {str(name): str(at) for name, at in found.items()}

    def broken(self) -> frozenset[str]:
        """Names of the faults that are on."""
        return frozenset(self.since())

    def set(self, name: str, at: datetime) -> None:
        """Switch ``name`` on; one that is on keeps its time."""
        self._write({name: at.isoformat(timespec="seconds"), **self.since()})

    def clear(self, name: str) -> None:
        """Switch ``name`` off."""
        self._write({other: at for other, at in self.since().items() if other != name})

    def _write(self, found: dict[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Replaced in one step: a reader sees the old file or the new one, never half of it.
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".switches-")
        with os.fdopen(handle, "w") as file:
            json.dump(found, file, indent=1, sort_keys=True)
        Path(temporary).replace(self.path)


def switches() -> Switches:
    """The switches of this project's data directory."""
    return Switches(data_directory() / "switches.json")
