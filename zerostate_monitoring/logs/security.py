"""What bears on security, by one logger: who was refused, and who changed what others may do."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Any, Final

LOGGER: Final = "zerostate.security"

_logger: Final = logging.getLogger(LOGGER)


class SecurityEvent(StrEnum):
    """All events of this logger."""

    LOGIN_FAILED = "login_failed"
    LOGIN_SUCCEEDED = "login_succeeded"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - an event's name
    PERMISSIONS_CHANGED = "permissions_changed"
    CRITICAL_SILENCED = "critical_silenced"
    CRITICAL_DISABLED = "critical_disabled"
    LOG_LEVEL_CHANGED = "log_level_changed"


STRANGERS: Final = frozenset({SecurityEvent.LOGIN_FAILED, SecurityEvent.TOKEN_REFUSED})
"""What somebody who is not known can cause as often as he likes: these are sampled."""


def tell(event: SecurityEvent, **keys: Any) -> None:
    """Write a line; a refusal or a change is a warning, a login an info."""
    level = logging.INFO if event is SecurityEvent.LOGIN_SUCCEEDED else logging.WARNING
    _logger.log(level, event.value, extra={**keys, "security": True})
