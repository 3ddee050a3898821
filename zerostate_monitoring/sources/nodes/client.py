"""GET from a node: one deadline, one size, one host, no redirect elsewhere.

Connections are kept between scrapes, one per node, the longest unused closed first.
Proxies that the environment names are not used: a node is asked directly or not at all.
"""

from __future__ import annotations

import re
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from threading import Lock
from typing import Final
from urllib.parse import urljoin, urlsplit

from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from zerostate_monitoring import tracing
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.addresses import Resolver
from zerostate_monitoring.sources.nodes.bodies import check_size, decoded
from zerostate_monitoring.sources.nodes.connection import (
    Connection,
    connection_of,
    set_deadline,
)
from zerostate_monitoring.sources.nodes.questions import FORM, Question, path_of
from zerostate_monitoring.sources.nodes.target import Target
from zerostate_monitoring.tracing import carrier

ACCEPT_METRICS: Final = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.8"
ACCEPT_JSON: Final = "application/json"
_MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FAILED: Final = 400
_ADDRESS: Final = re.compile(r"[!-~]{1,4096}\Z")
_MAX_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Answer:
    """A node's answer: status, media type in lower case without parameters, whole body."""

    status: int
    media_type: str
    body: bytes


class NodeClient:
    """Ask nodes; may be used by several threads, and keeps one connection to each node."""

    def __init__(self, max_connections: int = 2048) -> None:
        self._max: Final = max_connections
        self._idle: Final[OrderedDict[Target, Connection]] = OrderedDict()
        self._lock: Final = Lock()
        self._resolver: Final = Resolver()

    def get(
        self, target: Target, path: str, *, accept: str = ACCEPT_METRICS, deadline: float
    ) -> Answer:
        """The answer to GET ``path``, to its last byte by ``deadline`` (monotonic seconds).

        Statuses of 400 and more are answers, not errors; ``ok`` makes errors of them.

        Raises:
            SourceError: ``timeout``, ``refused`` (no connection), ``tls``, ``too_large``,
                ``redirect``, ``forbidden_address``, ``missing`` (no such name),
                ``invalid`` (no HTTP, or cut short), ``error``.
            ConfigurationError: a certificate of the target cannot be used.
        """
        url = target.base_url + path
        for _ in range(_MAX_REDIRECTS + 1):
            answer, location = self._ask(target, url, Question(accept), deadline)
            if answer is not None:
                return answer
            url = _followed(url, location)
        message = f"more than {_MAX_REDIRECTS} redirects"
        raise SourceError(message, kind="redirect")

    def post(
        self,
        target: Target,
        path: str,
        body: bytes,
        *,
        accept: str,
        deadline: float,
        media_type: str = FORM,
    ) -> Answer:
        """The answer to a ``body`` that may be sent twice; no redirect is followed.

        Raises:
            SourceError, ConfigurationError: as ``get``.
        """
        question = Question(accept, body, media_type)
        answer, _ = self._ask(target, target.base_url + path, question, deadline)
        if answer is None:
            raise SourceError("the server redirects", kind="redirect")
        return answer

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            while self._idle:
                self._idle.popitem()[1].close()

    def _ask(
        self, target: Target, url: str, question: Question, deadline: float
    ) -> tuple[Answer | None, str]:
        with tracing.call(question.method, question.described(url)) as span:
            answer, location = _translated(lambda: self._tried(target, url, question, deadline))
            if answer is not None:
                span.set_attribute("http.response.status_code", answer.status)
            return answer, location

    def _tried(
        self, target: Target, url: str, question: Question, deadline: float
    ) -> tuple[Answer | None, str]:
        kept = self._take(target)
        if kept is not None:
            try:
                return self._exchange(target, kept, url, question, deadline)
            except (HTTPError, HTTPException, OSError):
                # The node closed the kept connection between two scrapes: ask once anew.
                kept.close()
                _check(deadline)
        connection = connection_of(target, self._resolver)
        return self._exchange(target, connection, url, question, deadline)

    def _exchange(
        self, target: Target, connection: Connection, url: str, question: Question, deadline: float
    ) -> tuple[Answer | None, str]:
        done, response = False, None
        try:
            set_deadline(connection, deadline)
            if connection.sock is None:
                connection.connect()
                set_deadline(connection, deadline)
            connection.request(
                question.method,
                path_of(url),
                question.body,
                {**question.headers(target), **carrier.to_map()},
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            result = _read(response, target.max_bytes)
            done = _reusable(response)
            return result
        finally:
            if done:
                self._keep(target, connection)
            else:
                if response is not None:
                    response.close()
                connection.close()

    def _take(self, target: Target) -> Connection | None:
        with self._lock:
            return self._idle.pop(target, None)

    def _keep(self, target: Target, connection: Connection) -> None:
        with self._lock:
            surplus = self._idle.pop(target, None)
            self._idle[target] = connection
            if surplus is None and len(self._idle) > self._max:
                _, surplus = self._idle.popitem(last=False)
        if surplus is not None:
            surplus.close()


def ok(answer: Answer) -> Answer:
    """``answer`` if its status says success.

    Raises:
        SourceError: ``unauthorized``, ``missing`` or ``error``.
    """
    if answer.status < _FAILED:
        return answer
    kind = {401: "unauthorized", 403: "unauthorized", 404: "missing"}.get(answer.status, "error")
    raise SourceError(f"the node answers {answer.status}", kind=kind)


def is_openmetrics(answer: Answer) -> bool:
    """Whether a page is OpenMetrics rather than the text format, by its media type.

    Raises:
        SourceError: ``invalid`` for any other type; a missing one counts as text.
    """
    if answer.media_type not in {"", "text/plain", "application/openmetrics-text"}:
        raise SourceError(f"the page is {answer.media_type[:80]}, not metrics", kind="invalid")
    return answer.media_type == "application/openmetrics-text"


def _followed(url: str, location: str) -> str:
    """Where a redirect leads, if that is the same scheme, host and port."""
    try:
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
    except ValueError as error:
        raise SourceError("the node redirects to what is no address", kind="redirect") from error
    if not _ADDRESS.match(target):
        raise SourceError("the node redirects to what is no address", kind="redirect")
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise SourceError("the node redirects to another host", kind="redirect")
    return target


def _reusable(response: BaseHTTPResponse) -> bool:
    return response.headers.get("Connection", "").lower() != "close" and response.version == 11


def _read(response: BaseHTTPResponse, limit: int) -> tuple[Answer | None, str]:
    declared = response.headers.get("Content-Length", "")
    # Python refuses to read numbers of thousands of digits.
    if declared.isdecimal() and (len(declared) > _MAX_DIGITS or int(declared) > limit):
        size = declared[:_MAX_DIGITS] + "…" * (len(declared) > _MAX_DIGITS)
        raise SourceError(f"the answer has {size} bytes, {limit} are allowed", kind="too_large")
    raw = _raw(response, limit)
    if response.status in _REDIRECTS:
        return None, response.headers.get("Location", "")
    encoding = response.headers.get("Content-Encoding", "").lower()
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(response.status, media_type, decoded(raw, encoding, limit)), ""


def _raw(response: BaseHTTPResponse, limit: int) -> bytes:
    """The body as it comes; the read that finds nothing is the one that notices a cut."""
    raw = b""
    while part := response.read(limit + 1 - len(raw), decode_content=False):
        raw = raw + part if raw else part
        check_size(len(raw), limit)
    return raw


def _check(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise SourceError("no whole answer in time", kind="timeout")


def _translated(
    ask: Callable[[], tuple[Answer | None, str]],
) -> tuple[Answer | None, str]:
    """Say what went wrong in the words of ``SourceError``; the only door for these errors."""
    try:
        return ask()
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        causes = _causes(error)
        kind = next((kind for cause in causes if (kind := _kind(cause))), "error")
        raise SourceError(_message(kind, causes), kind=kind) from error


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it wraps, outermost first."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    return chain


def _kind(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError | NewConnectionError):
        return "refused"
    if isinstance(error, HTTPException):
        return "invalid"
    return ""


def _message(kind: str, causes: list[BaseException]) -> str:
    if kind == "timeout":
        return "no whole answer in time"
    cause = causes[-1]
    # What refuses a header or an address repeats it, with the token that stands in it.
    # Errors of TLS are ValueErrors, too, but only speak of certificates.
    if any(isinstance(e, ValueError) and not isinstance(e, ssl.SSLError) for e in causes):
        return f"the request could not be made ({type(cause).__name__})"
    if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.strerror:
        return cause.strerror[:300]
    return f"{type(cause).__name__}: {cause}"[:300]
