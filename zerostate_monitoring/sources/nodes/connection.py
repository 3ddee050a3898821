"""Connections whose every read and write keeps one deadline.

A socket's own timeout begins anew with each byte, so a node that drips would be waited
for without end. These sockets shorten their timeout to what is left before each call.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from functools import lru_cache
from tempfile import NamedTemporaryFile
from typing import Any, Final
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.sources.nodes.addresses import Resolver
from zerostate_monitoring.sources.nodes.target import Target

_PORTS: Final = {"http": 80, "https": 443}


class _Deadline:
    """Mixed into sockets: ``deadline`` is on the monotonic clock."""

    deadline: float

    def left(self) -> float:
        """Seconds until the deadline.

        Raises:
            TimeoutError: there are none.
        """
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds


class DeadlineSocket(_Deadline, socket.socket):
    """A plain socket."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive within what is left of the deadline."""
        self.settimeout(self.left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """Send within what is left of the deadline."""
        self.settimeout(self.left())
        super().sendall(*args, **kwargs)


class DeadlineSSLSocket(_Deadline, ssl.SSLSocket):
    """A TLS socket; made by the context while the plain one's timeout holds."""

    deadline = float("inf")

    def left(self) -> float:
        """Seconds until the deadline; a day while the handshake has the plain timeout."""
        return min(super().left(), 86_400.0)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive within what is left of the deadline."""
        self.settimeout(self.left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """Send within what is left of the deadline."""
        self.settimeout(self.left())
        super().sendall(*args, **kwargs)


class _Checked:
    """Mixed into connections: connect to the address that was checked, by a deadline."""

    host: str
    port: int
    resolver: Resolver
    refused: Sequence[str] = ()
    deadline: float = 0.0

    def _new_conn(self) -> socket.socket:
        addresses = self.resolver.resolve(
            self.host, self.port, self.refused, deadline=self.deadline
        )
        for number, address in enumerate(addresses, 1):
            sock = DeadlineSocket(address.family, socket.SOCK_STREAM)
            sock.deadline = self.deadline
            try:
                # One silent address must leave time for the others.
                sock.settimeout(sock.left() / (len(addresses) - number + 1))
                sock.connect(address.sockaddr)
                sock.settimeout(sock.left())
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                sock.close()
                if number == len(addresses):
                    raise
            else:
                return sock
        raise OSError(f"the name {self.host} has no address")


class CheckedConnection(_Checked, HTTPConnection):
    """HTTP to a checked address."""


class CheckedSecureConnection(_Checked, HTTPSConnection):
    """HTTPS to a checked address; the certificate must be for the name."""


Connection = CheckedConnection | CheckedSecureConnection


def connection_of(target: Target, resolver: Resolver) -> Connection:
    """A connection to ``target``, not yet open; its name is looked up by ``resolver``.

    Raises:
        ConfigurationError: a certificate or key cannot be used.
    """
    parts = urlsplit(target.base_url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    connection: Connection
    if parts.scheme == "https":
        context = tls_context(target.ca, target.client_certificate, target.client_key)
        connection = CheckedSecureConnection(host, port, ssl_context=context)
    else:
        connection = CheckedConnection(host, port)
    connection.resolver = resolver
    connection.refused = target.refused
    return connection


def set_deadline(connection: Connection, deadline: float) -> None:
    """Let all that ``connection`` does end by ``deadline`` (monotonic seconds)."""
    connection.deadline = deadline
    if isinstance(connection.sock, _Deadline):
        connection.sock.deadline = deadline


@lru_cache(maxsize=256)
def tls_context(ca: str, certificate: str, key: str) -> ssl.SSLContext:
    """A context that verifies by ``ca``, or by the system's authorities where it is empty.

    Raises:
        ConfigurationError: a certificate or key is no PEM, or they do not belong together.
    """
    try:
        context = ssl.create_default_context(cadata=ca or None)
        if certificate:
            _load_client(context, certificate, key)
    except (ssl.SSLError, ValueError, OSError) as error:
        # The text of an error that is not TLS's own might repeat what it was given.
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        message = f"the CA, client certificate or client key cannot be used: {reason}"
        raise ConfigurationError(message) from error
    context.sslsocket_class = DeadlineSSLSocket
    return context


def _load_client(context: ssl.SSLContext, certificate: str, key: str) -> None:
    # The ssl module reads files only; this one is readable by its owner and gone at once.
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".pem") as file:
        file.write(f"{certificate}\n{key}\n")
        file.flush()
        context.load_cert_chain(file.name)
