"""Somebody who uses the example's views, so that there are requests to count and to follow."""

from __future__ import annotations

import logging
import threading
from typing import Final

import urllib3

logger = logging.getLogger(__name__)

VISIT_SECONDS: Final = 1.0
ORDER_SECONDS: Final = 3.0
TIMEOUT_SECONDS: Final = 3.0


def visit(url: str, stop: threading.Event) -> None:
    """Call ``url`` about once a second, in a thread, until ``stop`` is set."""
    _begin("GET", url, VISIT_SECONDS, stop)


def place_orders(url: str, stop: threading.Event) -> None:
    """Order something at ``url`` about every three seconds, in a thread, until ``stop`` is set."""
    _begin("POST", url, ORDER_SECONDS, stop)


def _begin(method: str, url: str, pause: float, stop: threading.Event) -> None:
    arguments = (method, url, pause, stop)
    threading.Thread(target=_call, args=arguments, daemon=True, name="visitor").start()


def _call(method: str, url: str, pause: float, stop: threading.Event) -> None:
    with urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS) as pool:
        while not stop.wait(pause):
            try:
                pool.request(method, url)
            except urllib3.exceptions.HTTPError as error:
                logger.debug("visit_failed", extra={"reason": str(error)})
