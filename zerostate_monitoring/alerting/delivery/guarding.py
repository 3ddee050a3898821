"""One row that cannot be dealt with keeps no other from being dealt with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import DatabaseError

from zerostate_monitoring.exceptions import MonitoringError

logger = logging.getLogger(__name__)

T = TypeVar("T")

BROKEN: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a row that is not as it should be makes of good code; a worker's time limit is none."""

FAULTS: Final = (DatabaseError, MonitoringError, *BROKEN)


def guarded(work: Callable[[], T], otherwise: T, name: str, key: object) -> T:
    """What ``work`` gives; if it breaks, that is logged as ``name`` with the row's key."""
    try:
        return work()
    except FAULTS:
        logger.exception(name, extra={"key": key})
        return otherwise
