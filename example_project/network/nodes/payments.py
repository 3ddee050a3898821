"""A node that is paid: it goes on with the payer's trace, and checks what came."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final
from zlib import crc32

from example_project.network.nodes.answers import Answer
from zerostate_monitoring.instrumentation import economic, p2p
from zerostate_monitoring.tracing import carrier

PATH: Final = "/api/v1/payments/"
PROTOCOL: Final = "payment"
HANGS_SECONDS: Final = 5.0
REASONS: Final[dict[int, str]] = {
    HTTPStatus.PAYMENT_REQUIRED: "insufficient_funds",
    HTTPStatus.GONE: "channel_expired",
}
_NO_FAULT: Final = (HTTPStatus.OK, 0.0)
# Of ten payments five fail: so the fault switch says. What fails stands in the order's number.
_FAULTS: Final = (
    (HTTPStatus.OK, HANGS_SECONDS),
    (HTTPStatus.OK, HANGS_SECONDS),
    (HTTPStatus.PAYMENT_REQUIRED, 0.0),
    (HTTPStatus.PAYMENT_REQUIRED, 0.0),
    (HTTPStatus.GONE, 0.0),
)


def answer(path: str, headers: dict[str, str], *, is_broken: bool) -> Answer:
    """Take the payment ``<channel>/<order>``, refuse it, or keep the payer waiting."""
    channel, _, order = path.removeprefix(PATH).partition("/")
    status, delay = _fate(order) if is_broken else _NO_FAULT
    with carrier.continued(headers), p2p.receiving("request", PROTOCOL):
        _check(channel, REASONS.get(status, ""))
    body = json.dumps({"order": order, "error": REASONS.get(status)}).encode()
    return Answer(status, "application/json", body, delay)


def _fate(order: str) -> tuple[HTTPStatus, float]:
    drawn = crc32(order.encode()) % (2 * len(_FAULTS))
    return _FAULTS[drawn] if drawn < len(_FAULTS) else _NO_FAULT


def _check(channel: str, reason: str) -> None:
    with economic.payment_verification(channel_id=channel) as verification:
        with economic.payment_signature("verify", channel_id=channel):
            crc32(channel.encode())
        if reason:
            verification.fail(reason)
