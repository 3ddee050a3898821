"""Parts of queries that several dashboards ask with."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from zerostate_monitoring.generators.dashboards.values import Colour

ENDED: Final = 'zerostate_tasks_total{status=~"completed|failed"}'
FAILED: Final = 'zerostate_tasks_total{status="failed"}'
PAID: Final = 'zerostate_economic_payments_total{status=~"success|failed"}'
UNPAID: Final = 'zerostate_economic_payments_total{status="failed"}'
SENT: Final = "zerostate_p2p_messages_sent_total"
LOST: Final = "zerostate_p2p_messages_failed_total"

OF_NODES: Final = 'site=~"$site", node_role=~"$node_role", node=~"$node"'
"""The variables of dashboards about nodes, as matchers."""

NODES_SEND: Final = f"rate({SENT}{{{OF_NODES}}}[5m])"
NODES_LOSE: Final = f"rate({LOST}{{{OF_NODES}}}[5m])"

OF_TYPE: Final = 'type=~"$type"'

UP: Final = MappingProxyType({"1": "up", "0": "down"})

LIVE_ALERTS: Final = "zerostate_monitoring_live_alert_info"
_STATES: Final = (
    (2, "firing", 'alertstate="firing", held_by="nothing"', Colour.RED),
    (3, "acknowledged", 'held_by="acknowledged"', Colour.PLAIN),
    (4, "silenced", 'alertstate="firing", held_by="silence"', Colour.MUTED),
    (5, "in maintenance", 'alertstate="firing", held_by="window"', Colour.MUTED),
    (6, "inhibited", 'alertstate="firing", held_by="inhibition"', Colour.MUTED),
    (7, "observed", 'alertstate="firing", held_by="observing"', Colour.MUTED),
    (1, "pending", 'alertstate="pending"', Colour.AMBER),
)
ALERT_STATES: Final = MappingProxyType({str(number): word for number, word, *_ in _STATES})
ALERT_HUES: Final = MappingProxyType({str(number): hue for number, *_, hue in _STATES})


def alert_states(matchers: str) -> str:
    """A number for each live alert, with a word in ``ALERT_STATES``: what becomes of it."""
    return " or ".join(
        f"{number} * max by (alertname, node, about) ({LIVE_ALERTS}{{{state}, {matchers}}})"
        for number, _, state, _ in _STATES
    )


def so_many_of(by: str = "") -> str:
    """The share of the nodes that are up; labels ``up`` and ``of`` say how many of how many.

    ``by`` is a label for whose values it is asked apart.
    """
    grouped = f" by ({by})" if by else ""
    up, every = f"sum{grouped} (zerostate_node_up)", f"count{grouped} (zerostate_node_up)"
    counted = [
        f'* on ({by}) group_left ({name}) count_values{grouped} ("{name}", {expr})'
        for name, expr in (("up", up), ("of", every))
    ]
    return " ".join((up, "/", every, *counted))


def rate(family: str, by: str = "", matchers: str = "") -> str:
    """A counter by the second, summed."""
    grouped = f" by ({by})" if by else ""
    chosen = f"{{{matchers}}}" if matchers else ""
    return f"sum{grouped} (rate(zerostate_{family}{chosen}[5m]))"


def a_minute(family: str, by: str = "", matchers: str = "") -> str:
    """A counter of what is seldom, by the minute, summed."""
    return f"60 * {rate(family, by, matchers)}"


def mean(family: str, by: str, matchers: str) -> str:
    """What a histogram counted, at the mean of five minutes."""
    return f"{rate(f'{family}_sum', by, matchers)} / {rate(f'{family}_count', by, matchers)}"


def node_rate(family: str, by: str = "", matchers: str = "") -> str:
    """A counter of the chosen nodes."""
    return rate(family, by, ", ".join(filter(None, (matchers, OF_NODES))))


def node_sum(family: str, by: str) -> str:
    """A gauge of the chosen nodes."""
    return f"sum by ({by}) (zerostate_{family}{{{OF_NODES}}})"


def share(bad: str, whole: str) -> str:
    """A part of a whole, both summed before they are divided."""
    return f"sum({bad}) / sum({whole})"
