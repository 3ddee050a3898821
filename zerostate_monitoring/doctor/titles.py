"""What findings are called by people; their names are for programs, and English."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _noop

COLLECTOR: Final = "collector "
"""What a finding on a collector begins with; then comes the collector's name."""

_KNOWN: Final = frozenset(
    {
        _noop("access"),
        _noop("beat"),
        _noop("caches"),
        _noop("catalogue"),
        _noop("clock"),
        _noop("clocks"),
        _noop("collectors"),
        _noop("database"),
        _noop("dead letters"),
        _noop("delivery"),
        _noop("delivery worker"),
        _noop("evaluation"),
        _noop("evaluation worker"),
        _noop("eviction policy"),
        _noop("heartbeat"),
        _noop("history"),
        _noop("holding"),
        _noop("holding back"),
        _noop("migrations"),
        _noop("node scrapers"),
        _noop("nodes"),
        _noop("page"),
        _noop("platform"),
        _noop("platform rights"),
        _noop("prometheus"),
        _noop("queue"),
        _noop("receivers"),
        _noop("routes"),
        _noop("routing"),
        _noop("rules"),
        _noop("sqlite"),
        _noop("store"),
        _noop("store memory"),
        _noop("switch"),
        _noop("time zone"),
        _noop("worker"),
        _noop("worker pool"),
    }
)


def title_of(name: str) -> str:
    """What a finding of this name is called, in the language of who asks."""
    if name.startswith(COLLECTOR):
        return gettext("collector %(name)s") % {"name": name.removeprefix(COLLECTOR)}
    return gettext(name) if name in _KNOWN else name
