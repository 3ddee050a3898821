"""Which answers have an order, and within what."""

from __future__ import annotations

from tests.promql.answers import Ask, Group
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import Aggregation, Call
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped


def order_of(ask: Ask) -> Group | None:
    """The group of a series in which values come in order; ``None`` where there is no order.

    Those of sort and sort_desc are one group. Prometheus gives the groups of topk and bottomk
    in no order that it promises.
    """
    if ask.step_ms:
        return None
    try:
        node = unwrapped(parse(ask.text).expr)
    except QueryError:
        return None
    match node:
        case Call() if node.function.name in {"sort", "sort_desc"}:
            return lambda labels: ()
        case Aggregation(op="topk" | "bottomk"):
            return lambda labels: _group(node, labels)
    return None


def _group(node: Aggregation, labels: Labels) -> Labels:
    if node.without:
        left_out = {NAME, *node.grouping}
        return tuple(pair for pair in labels if pair[0] not in left_out)
    return tuple(pair for pair in labels if pair[0] in node.grouping)
