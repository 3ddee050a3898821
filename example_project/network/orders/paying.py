"""The payment for an order: out of an open channel, to a node that checks it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import urllib3
from django.db import connections

from example_project.network.nodes.payments import PATH, PROTOCOL, REASONS
from example_project.network.orders.order import Order
from zerostate_monitoring.instrumentation import economic, p2p
from zerostate_monitoring.models import Node

TIMEOUT_SECONDS: Final = 1.0
_OPEN: Final = "SELECT id FROM payment_channels WHERE state = %s ORDER BY updated_at DESC LIMIT 1"
_SEQUENCE: Final = "SELECT sequence_number FROM payment_channels WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Way:
    """Out of which channel, to which node."""

    channel: str
    node: str


def pay(order: Order) -> str:
    """Pay; why it could not be done, or an empty text."""
    way = _way(order)
    if way is None:
        return ""
    with economic.payment_flow(channel_id=way.channel, task_id=order.number) as flow:
        with economic.channel_operation("update", channel_id=way.channel):
            sequence = int(_ask(_SEQUENCE, way.channel) or 0) + 1
        with economic.payment_signature("sign", channel_id=way.channel):
            signature = hashlib.sha256(f"{way.channel} {sequence}".encode()).hexdigest()
        sending = economic.payment(order.price, channel_id=way.channel, sequence=sequence)
        with sending as payment:
            reason = _hand_over(way, order, signature)
            if reason:
                payment.fail(reason)
        if reason:
            flow.fail(reason)
    return reason


def _way(order: Order) -> Way | None:
    """None where there is no channel or no node yet."""
    channel = _ask(_OPEN, "open")
    nodes = list(
        Node.objects.filter(enabled=True)
        .exclude(role="api")
        .order_by("name")
        .values_list("base_url", flat=True)
    )
    if channel is None or not nodes:
        return None
    return Way(str(channel), nodes[int(order.number[:8], 16) % len(nodes)])


def _ask(statement: str, value: str) -> Any:
    with connections["platform"].cursor() as cursor:
        cursor.execute(statement, [value])
        row = cursor.fetchone()
    return None if row is None else row[0]


def _hand_over(way: Way, order: Order, signature: str) -> str:
    url = f"{way.node}{PATH}{way.channel}/{order.number}"
    headers = {"X-Signature": signature, "Content-Length": "0"}
    with (
        p2p.sending("request", PROTOCOL) as message,
        urllib3.PoolManager(retries=False, timeout=TIMEOUT_SECONDS) as pool,
    ):
        try:
            status = pool.request("POST", url, headers=headers).status
        except urllib3.exceptions.HTTPError as error:
            # Refused connections are timeouts, too, by their class.
            refused = isinstance(error, urllib3.exceptions.NewConnectionError)
            late = isinstance(error, urllib3.exceptions.TimeoutError) and not refused
            reason = "timeout" if late else "unreachable"
        else:
            return "" if status == HTTPStatus.OK else REASONS.get(status, "refused")
        message.fail(reason)
    return reason
