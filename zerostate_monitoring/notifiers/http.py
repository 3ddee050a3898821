"""POST over HTTP: one deadline, no redirect, a checked address, a bounded answer.

Proxies that the environment names are not used. Whoever sends has the answer's status as
soon as it stands; a body that is too long or comes too late is cut.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.notifiers.addresses import CheckedResolver, Policy, url_problem
from zerostate_monitoring.notifiers.answers import Response, redacted, shown
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.sources.nodes.connection import (
    CheckedConnection,
    CheckedSecureConnection,
    Connection,
    set_deadline,
    tls_context,
)

MAX_BYTES: Final = 64 * 1024
JSON: Final = "application/json"
_AGENT: Final = "zerostate-monitoring"
_PORTS: Final = {"http": 80, "https": 443}
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

T = TypeVar("T")


class Line:
    """One connection to the host of ``url``, for one message after another."""

    def __init__(
        self, url: str, connection: Connection, deadline: float, secrets: Collection[str]
    ) -> None:
        self._url: Final = url
        self._connection: Final = connection
        self._deadline: Final = deadline
        self._secrets: Final = secrets

    def post(self, body: bytes, headers: Mapping[str, str] = _NOTHING) -> Response:
        """What the receiver answers to ``body``, whatever its status, without the secrets.

        Raises:
            DeliveryError: there is no answer, or it is not known whether it was taken.
        """
        return _told(lambda: self._exchange(body, headers))

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Response:
        connection = self._connection
        set_deadline(connection, self._deadline)
        if connection.sock is None:
            connection.connect()
            set_deadline(connection, self._deadline)
        sent = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Content-Type": JSON}
        connection.request(
            "POST",
            _path(urlsplit(self._url)),
            body,
            {**sent, **headers},
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
        beginning, is_whole = _beginning(response)
        if not is_whole or response.headers.get("Connection", "").lower() == "close":
            response.close()
            connection.close()
        said = redacted(beginning.decode(errors="replace"), self._secrets)
        return Response(response.status, response.headers, said)


@contextmanager
def line(url: str, policy: Policy, timeout: float, secrets: Collection[str] = ()) -> Iterator[Line]:
    """A connection that ends with the block; all that goes over it has ``timeout`` seconds.

    ``secrets`` are left out of what the receiver is said to have answered.

    Raises:
        DeliveryError: the address is none to which messages go.
    """
    if problem := url_problem(url, policy):
        raise DeliveryError(f"The address cannot be used. {problem}", is_permanent=True)
    connection = _connection(urlsplit(url), policy)
    try:
        yield Line(url, connection, time.monotonic() + timeout, secrets)
    finally:
        connection.close()


def _connection(parts: SplitResult, policy: Policy) -> Connection:
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    connection: Connection
    if parts.scheme == "https":
        connection = CheckedSecureConnection(host, port, ssl_context=tls_context("", "", ""))
    else:
        connection = CheckedConnection(host, port)
    connection.resolver = CheckedResolver(policy)
    return connection


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _beginning(response: BaseHTTPResponse) -> tuple[bytes, bool]:
    """The first bytes of the body, and whether these are all."""
    raw = b""
    try:
        while part := response.read(MAX_BYTES + 1 - len(raw), decode_content=False):
            raw += part
            if len(raw) > MAX_BYTES:
                return raw[:MAX_BYTES], False
    except (HTTPError, HTTPException, OSError):
        # The status has told what matters.
        return raw, False
    return raw, True


def _told(exchange: Callable[[], T]) -> T:
    """Say what went wrong in the words of ``DeliveryError``; the only door for these errors."""
    try:
        return exchange()
    except SourceError as error:
        is_permanent = error.kind == "forbidden_address"
        raise DeliveryError(shown(str(error)), is_permanent=is_permanent) from error
    except (HTTPError, HTTPException, OSError) as error:
        raise DeliveryError(_reason(error)) from error
    except ValueError as error:
        # Its text repeats the header or the address that cannot be sent.
        message = "The request cannot be made: a field holds what HTTP cannot carry."
        raise DeliveryError(message, is_permanent=True) from error


def _reason(error: BaseException) -> str:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
        causes.append(cause)
    if any(isinstance(one, TimeoutError) for one in causes):
        return "There was no answer in time; whether it was taken is not known."
    for one in causes:
        if isinstance(one, ssl.SSLError):
            return f"No secure connection: {shown(str(one))}"
        if isinstance(one, ConnectionRefusedError | NewConnectionError):
            return "It refuses the connection."
        if isinstance(one, HTTPException):
            return f"Its answer is no HTTP ({type(one).__name__})."
    return f"The connection broke: {type(causes[-1]).__name__}."
