"""Who may ask. Pure: the caller brings the request's facts and the settings.

A bearer token speaks for a program: where one is sent, it alone decides. Without one the
session of an active member of staff may ask everything; no further permission is looked
at, for a query can reach any series.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.api.errors import ApiError

ADVICE: Final = (
    "Send the bearer token of ZEROSTATE_MONITORING_API_TOKEN, "
    "or log in to the admin as a member of staff."
)
UNSET: Final = (
    "ZEROSTATE_MONITORING_API_TOKEN is not set, so no token opens this API. "
    "Set it, or log in to the admin as a member of staff."
)
_CSRF: Final = (
    "a POST by session needs Django's CSRF token in the header X-CSRFToken; "
    "ask by GET, or with a bearer token"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Facts of a request. ``session_user`` is whether somebody is logged in by session."""

    authorization: str = ""
    session_user: bool = False
    active_staff: bool = False


def by_token(caller: Caller, token: str) -> bool:
    """Whether the caller is let in by its bearer token.

    Raises:
        ApiError: it sends one, but not the right one.
    """
    scheme, _, given = caller.authorization.partition(" ")
    if scheme.lower() != "bearer":
        return False
    same = secrets.compare_digest(given.strip().encode(), token.encode())
    if token and same:
        return True
    raise ApiError("unauthorized", f"this is not the bearer token. {ADVICE}" if token else UNSET)


def check_session(caller: Caller, token: str) -> None:
    """Let a session of active staff in.

    Raises:
        ApiError: ``unauthorized`` where nobody is logged in, ``forbidden`` where that is
            no active member of staff.
    """
    if not caller.session_user:
        raise ApiError("unauthorized", f"who asks is not known. {ADVICE}" if token else UNSET)
    if not caller.active_staff:
        raise ApiError("forbidden", f"this user is no active member of staff. {ADVICE}")


def csrf_refused() -> ApiError:
    """The answer to a POST by session that may come from another site."""
    return ApiError("forbidden", _CSRF)
