"""Whether the server that answers in place of this app still has what the page says."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.promql.data import Vector
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying.engines import querier

PAGE: Final = "zerostate_monitoring_store_up"
"""Stands on every page, whatever is away."""
NODES_UP: Final = 'up{node!=""}'
"""What a Prometheus says of nodes that it scrapes, under the labels that this app gives them."""
_SECONDS: Final = 3.0


def has_page(at_ms: int) -> bool:
    """Whether the server has the page's samples at an instant (ms). One question.

    Raises:
        MonitoringError: it does not answer.
    """
    return _has(PAGE, at_ms)


def has_nodes(at_ms: int) -> bool:
    """Whether the server scrapes nodes itself. One question.

    Raises:
        MonitoringError: it does not answer.
    """
    return _has(NODES_UP, at_ms)


def _has(selector: str, at_ms: int) -> bool:
    value = querier().instant(selector, at_ms, Options(_SECONDS)).value
    return not isinstance(value, Vector) or bool(value.samples)


def unscraped(at_ms: int) -> str:
    """Why the server has nothing of the page at an instant (ms); empty if it has.

    A server that does not answer is no reason: whoever asks it for more says so.
    """
    try:
        found = has_page(at_ms)
    except MonitoringError:
        return ""
    return "" if found else f"the server that answers has no {PAGE}: it does not scrape the page"
