"""Pages over frames that need no store."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_latest

from zerostate_monitoring.exposition.page import Format, PageCache
from zerostate_monitoring.exposition.selection import Selection
from zerostate_monitoring.frames.frame import Frame, decode
from zerostate_monitoring.storage.snapshot import Schemas, Snapshot

_revisions = itertools.count(1)


def snapshot(frames: Mapping[str, Frame], **changes: Any) -> Snapshot:
    """A snapshot as the reader would give it: frames that went through bytes."""
    schemas = Schemas()
    for frame in frames.values():
        schemas.add(frame.schema.digest, frame.schema.encoded)
    fields: dict[str, Any] = {
        "up": True,
        "store_id": "s1",
        "revision": next(_revisions),
        "packed": {name: decode(frame.encode()) for name, frame in frames.items()},
        "expires_at": dict.fromkeys(frames, 0.0),
        "notes": {},
        "counts": {},
        "dropped": {},
        "schemas": schemas,
    }
    return Snapshot(**{**fields, **changes})


def cache(known: Mapping[str, float] | None = None, **labels: str) -> PageCache:
    """A page cache of a project with these collectors and external labels."""
    return PageCache(lambda: known or {}, lambda: labels)


def page(
    frames: Mapping[str, Frame],
    kind: Format = Format.TEXT,
    selection: Selection | None = None,
    **changes: Any,
) -> str:
    """The page of some producers without the app's own families."""
    pieces = cache().page(snapshot(frames, **changes), kind, selection=selection or Selection())
    return without_own(b"".join(pieces).decode())


def without_own(text: str) -> str:
    """The page but for lines about ``zerostate_monitoring_``."""
    own = ("zerostate_monitoring_", "# HELP zerostate_monitoring_", "# TYPE zerostate_monitoring_")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(own))


class _Registry(CollectorRegistry):
    def __init__(self, families: list[Metric]) -> None:
        super().__init__()
        self.families = families

    def collect(self) -> Any:
        return iter(self.families)


def theirs(families: list[Metric], kind: Format = Format.TEXT) -> str:
    """What prometheus_client prints for the same families."""
    registry = _Registry(sorted(families, key=lambda family: family.name))
    made: bytes = (generate_latest if kind is Format.TEXT else openmetrics_latest)(registry)
    return made.decode()
