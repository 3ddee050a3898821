"""What findings are called by people; their names are for programs, and English."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop

COLLECTOR: Final = "collector "
"""What a finding on a collector begins with; then comes the collector's name."""

_KNOWN: Final = frozenset(
    {
        gettext_noop("access"),
        gettext_noop("beat"),
        gettext_noop("caches"),
        gettext_noop("catalogue"),
        gettext_noop("clock"),
        gettext_noop("clocks"),
        gettext_noop("collectors"),
        gettext_noop("database"),
        gettext_noop("dead letters"),
        gettext_noop("delivery"),
        gettext_noop("delivery worker"),
        gettext_noop("evaluation"),
        gettext_noop("evaluation worker"),
        gettext_noop("eviction policy"),
        gettext_noop("heartbeat"),
        gettext_noop("history"),
        gettext_noop("holding"),
        gettext_noop("holding back"),
        gettext_noop("migrations"),
        gettext_noop("node scrapers"),
        gettext_noop("nodes"),
        gettext_noop("page"),
        gettext_noop("platform"),
        gettext_noop("platform rights"),
        gettext_noop("prometheus"),
        gettext_noop("queue"),
        gettext_noop("receivers"),
        gettext_noop("routes"),
        gettext_noop("routing"),
        gettext_noop("rules"),
        gettext_noop("sqlite"),
        gettext_noop("store"),
        gettext_noop("store memory"),
        gettext_noop("switch"),
        gettext_noop("time zone"),
        gettext_noop("worker"),
        gettext_noop("worker pool"),
    }
)


def title_of(name: str) -> str:
    """What a finding of this name is called, in the language of who asks."""
    if name.startswith(COLLECTOR):
        return gettext("collector %(name)s") % {"name": name.removeprefix(COLLECTOR)}
    return gettext(name) if name in _KNOWN else name
