"""What a worker or a beat does about its pulse: a file for probes, a note for everybody."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.health.pulse import EVERY_SECONDS, STARTING, Life, Pulse, write
from zerostate_monitoring.health.workers import NOTE_SECONDS, tell

logger = logging.getLogger(__name__)

_pulse: Final = Pulse()


def life_changed(role: str, name: str, state: str, queues: tuple[str, ...]) -> None:
    """Begin or go on to say what this process is; receiver of ``instrumentation.life``."""
    life = Life(role, name, state, queues)
    _pulse.become(life, (EVERY_SECONDS, into_file), (NOTE_SECONDS, into_store))


def into_file(life: Life) -> None:
    """Write the pulse file, if one is named."""
    path = conf.PULSE_FILE
    if not path:
        return
    try:
        write(Path(path), life, time.monotonic())
    except OSError as error:
        logger.warning("pulse_not_written", extra={"path": path, "error": str(error)})


def into_store(life: Life) -> None:
    """Leave word in the store; one that is away gets it the next time.

    Not while a worker starts: it forks its pool then, and nobody counts on it yet.
    """
    if not conf.ENABLED or life.state == STARTING:
        return
    try:
        tell(life, time.time())
    except (StoreError, ConfigurationError) as error:
        logger.info("pulse_not_told", extra={"error": str(error)})
