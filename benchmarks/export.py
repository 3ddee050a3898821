"""What an export costs: everything that is generated, into an empty directory.

``export_seconds`` is the median of the seconds from asking to the last file on the disk, for
all parts, of the built-in rules and what else a new installation has; beside it stand the
first one of a process, which imports what makes the dashboards, one that finds all as it
should be, and each part.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command

from benchmarks.measuring import headline
from benchmarks.servers import installation
from zerostate_monitoring.generators import directories
from zerostate_monitoring.generators.exports import export
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.parts import PARTS

ROUNDS: Final = 5
OPTIONS: Final = ExportOptions()
DIRECTORIES: Final = frozenset(part.directory for part in PARTS.values())


def figures(rounds: int = ROUNDS) -> Iterator[tuple[str, Any]]:
    """What ``python -m benchmarks`` collects."""
    with (
        tempfile.TemporaryDirectory(prefix="zs-export-") as name,
        installation(BUILT_IN_RULES=True),
    ):
        call_command("migrate", verbosity=0)
        yield from headline("export_seconds", measured(Path(name), rounds), "seconds")


def measured(directory: Path, rounds: int) -> dict[str, Any]:
    """Whole exports, each into a directory of its own, then parts by themselves."""
    first = timed(lambda: written(directory / "first"))
    whole = [timed(partial(written, directory / str(n))) for n in range(rounds)]
    again = [timed(lambda: written(directory / "first")) for _ in range(rounds)]
    files = export(OPTIONS).files
    return {
        "seconds": statistics.median(whole),
        "slowest_seconds": max(whole),
        "first_seconds": first,
        "unchanged_seconds": statistics.median(again),
        "by_part_seconds": {name: of_part(name, rounds) for name in PARTS},
        "files": len(files),
        "bytes": sum(len(text.encode()) for text in files.values()),
    }


def of_part(name: str, rounds: int) -> float:
    """Only made, not written."""
    return statistics.median(timed(lambda: PARTS[name].files(OPTIONS)) for _ in range(rounds))


def written(root: Path) -> None:
    """As the command does it.

    Raises:
        ValueError: what stands there afterwards is not what was made.
    """
    files = export(OPTIONS).files
    directories.write(root, files, DIRECTORIES)
    if any((root / path).read_text("utf-8") != text for path, text in files.items()):
        raise ValueError("a file is not what was made")


def timed(action: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
