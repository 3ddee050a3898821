"""The list of what an export has written into a directory, in the form of ``sha256sum``.

It is how a file of ours is told from a foreign one. While files are being written a path
stands there twice, with its old and its new digest: whoever stops in between leaves nothing
that is not known afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final

from zerostate_monitoring.exceptions import ExportError

NAME: Final = ".zerostate-export"
"""No ``.json`` and no ``.yml``: a Grafana or a Prometheus must not take it for its own."""

Manifest = Mapping[str, frozenset[str]]
"""Digests by path."""

_HEAD: Final = (
    "# Written by `manage.py monitoring_export`; do not edit. Files of this list that are no\n"
    "# longer generated are removed, all others stay. `sha256sum -c` shows what was changed.\n"
)
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S+)\Z")
_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z")


def digest(content: bytes) -> str:
    """What stands in the list for a file's content."""
    return sha256(content).hexdigest()


def written(manifest: Manifest) -> str:
    """The list as text."""
    lines = (f"{one}  {path}\n" for path in sorted(manifest) for one in sorted(manifest[path]))
    return _HEAD + "".join(lines)


def read(text: str) -> dict[str, frozenset[str]]:
    """The list of a text.

    Raises:
        ExportError: it is none.
    """
    found: dict[str, frozenset[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if not match or not is_path(match[2]):
            raise ExportError(
                f"{NAME}, line {number}, was not written by this command. Delete {NAME}: files "
                "that differ then count as somebody else's, and nothing is removed."
            )
        found[match[2]] = found.get(match[2], frozenset()) | {match[1]}
    return found


def merged(manifests: Iterable[Manifest]) -> dict[str, frozenset[str]]:
    """All digests of all lists."""
    found: dict[str, frozenset[str]] = {}
    for path, digests in _pairs(manifests):
        found[path] = found.get(path, frozenset()) | digests
    return found


def is_path(text: str) -> bool:
    """Whether a file may be so called: relative, in letters that mean nothing to anybody."""
    return all(_PART.match(part) for part in text.split("/"))


def _pairs(manifests: Iterable[Manifest]) -> Iterator[tuple[str, frozenset[str]]]:
    for manifest in manifests:
        yield from manifest.items()
