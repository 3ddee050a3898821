"""Somebody who uses the example's view, so that there are requests to count."""

from __future__ import annotations

import logging
import threading
from typing import Final

import urllib3

logger = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 1.0
TIMEOUT_SECONDS: Final = 3.0


def visit(url: str, stop: threading.Event) -> None:
    """Call ``url`` about once a second, in a thread, until ``stop`` is set."""
    threading.Thread(target=_visit, args=(url, stop), daemon=True, name="visitor").start()


def _visit(url: str, stop: threading.Event) -> None:
    with urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS) as pool:
        while not stop.wait(PAUSE_SECONDS):
            try:
                pool.request("GET", url)
            except urllib3.exceptions.HTTPError as error:
                logger.debug("visit_failed", extra={"reason": str(error)})
