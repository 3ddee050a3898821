"""Switch tracing on, once per process."""

from __future__ import annotations

import logging
from threading import Lock
from typing import Any, Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.tracing.optional import setup

logger = logging.getLogger(__name__)

_lock: Final = Lock()
_made: Final[list[Any]] = []


def configure() -> bool:
    """Set OpenTelemetry up as the settings and the ``OTEL_*`` variables say.

    Call it where every process of the project comes by: in ``ready()`` of one of your apps.
    Calling it again changes nothing. A process that forks may have called it: each child
    exports by itself.

    Returns:
        Whether traces are recorded, or at least passed on, in this process.
    """
    if not conf.TRACING or not conf.ENABLED:
        return False
    with _lock:
        if not _made:
            try:
                _made.append(setup().install())
            except (ConfigurationError, ValueError) as error:
                # Nobody's requests may fail because nobody can follow them: a package is
                # missing, or a variable of OpenTelemetry's is no number.
                logger.warning("tracing_not_configured", extra={"error": str(error)})
                return False
    return True


def is_configured() -> bool:
    """Whether ``configure()`` has set anything up in this process."""
    return bool(_made)


def flush() -> None:
    """Export what has ended; for processes that end without Python's own exit. Takes seconds."""
    for made in _made:
        made.flush()
