"""What somebody has asked before: in the session, so it is nobody else's and needs no script."""

from __future__ import annotations

from typing import Final

from django.contrib.sessions.backends.base import SessionBase

MOST: Final = 20
_KEY: Final = "zerostate_monitoring_queries"
_LONGEST: Final = 2_000


def remembered(session: SessionBase) -> list[str]:
    """The last queries, the newest first."""
    found = session.get(_KEY, [])
    return [one for one in found if isinstance(one, str)][:MOST] if isinstance(found, list) else []


def remember(session: SessionBase, query: str) -> None:
    """Put a query first; one that stands there already moves, and a very long one is left out."""
    before = remembered(session)
    if len(query) > _LONGEST or before[:1] == [query]:
        return
    session[_KEY] = [query, *(one for one in before if one != query)][:MOST]


def forget(session: SessionBase) -> None:
    """Let all go."""
    session.pop(_KEY, None)
