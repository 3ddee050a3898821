"""How files differ, as a short unified diff. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from itertools import chain, islice
from typing import Final

from zerostate_monitoring.generators.directories import Step

MOST_LINES: Final = 20
"""Lines of one file that are shown; whoever wants all of them writes elsewhere and compares."""

_MOST_COMPARED: Final = 20_000
"""Comparing takes the square of the lines at worst."""


def difference(step: Step) -> Iterator[str]:
    """Lines of a diff, from what stands in the directory to what should stand there."""
    old, new = _lines(step.old), _lines(step.new)
    names = (_name("a", step.path, step.old), _name("b", step.path, step.new))
    if len(old) + len(new) > _MOST_COMPARED:
        yield from (f"--- {names[0]}", f"+++ {names[1]}", "… too long to be compared here")
        return
    lines = unified_diff(old, new, *names, n=1, lineterm="")
    yield from islice(lines, MOST_LINES + 2)
    rest = sum(1 for _ in chain(lines))
    if rest:
        yield f"… and {rest} lines more"


def _name(side: str, path: str, content: bytes | None) -> str:
    return "/dev/null" if content is None else f"{side}/{path}"


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").splitlines()
