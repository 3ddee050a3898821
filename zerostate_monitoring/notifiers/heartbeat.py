"""A call of an address outside that only says: we are alive. Not the way that messages take."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import Final
from urllib.parse import SplitResult, urlsplit

from urllib3.exceptions import HTTPError

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.notifiers.addresses import CheckedResolver, current_policy, url_problem
from zerostate_monitoring.notifiers.base import Answer, DeliveryError
from zerostate_monitoring.sources.nodes.connection import (
    CheckedConnection,
    CheckedSecureConnection,
    Connection,
    set_deadline,
    tls_context,
)

_HEADERS: Final = {"User-Agent": "zerostate-monitoring", "Connection": "close"}
_PORTS: Final = {"http": 80, "https": 443}
_ERRORS: Final = (SourceError, HTTPError, HTTPException, OSError, ValueError)


def call(url: str, *, timeout: float) -> Answer:
    """GET ``url`` once: no redirect, a checked address, ``timeout`` seconds for all of it.

    Its path is often a secret, and stands in no error.

    Raises:
        DeliveryError: it was not answered with a status of success.
    """
    policy = current_policy()
    if problem := url_problem(url, policy):
        raise DeliveryError(f"The address cannot be used. {problem}", is_permanent=True)
    connection = _connection(urlsplit(url))
    connection.resolver = CheckedResolver(policy)
    try:
        status = _status(connection, urlsplit(url), time.monotonic() + timeout)
    except _ERRORS as error:
        raise DeliveryError(f"No answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise DeliveryError(f"The answer was {status}", status=status)
    return Answer(status=status)


def _connection(parts: SplitResult) -> Connection:
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "https":
        return CheckedSecureConnection(host, port, ssl_context=tls_context("", "", ""))
    return CheckedConnection(host, port)


def _status(connection: Connection, parts: SplitResult, deadline: float) -> int:
    set_deadline(connection, deadline)
    connection.connect()
    set_deadline(connection, deadline)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers=_HEADERS, preload_content=False)
    return int(connection.getresponse().status)
