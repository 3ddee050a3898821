"""A mail server for tests: enough of SMTP to take a mail, or to refuse it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any


class _Conversation(socketserver.StreamRequestHandler):
    server: Any

    def handle(self):
        self._say("220 test")
        for line in iter(self.rfile.readline, b""):
            command = line.strip().decode()
            first, _, rest = command.partition(" ")
            verb = first.upper()  # A line is named with its verb in capitals; smtplib has none.
            refusals = self.server.refusals
            refusal = refusals.get(verb) or refusals.get(f"{verb} {rest}")
            if refusal:
                self._say(refusal)
            elif verb == "DATA":
                self._say("354 go on")
                self.server.mails.append(self._data())
                self._say("250 taken")
            elif verb == "QUIT":
                return self._say("221 bye")
            elif verb == "HANG":
                return None
            else:
                self._say("250 fine")
        return None

    def _data(self):
        lines = iter(self.rfile.readline, b".\r\n")
        plain = (line[1:] if line.startswith(b"..") else line for line in lines)
        return message_from_bytes(b"".join(plain), policy=policy.default)

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


class MailServer:
    """``mails`` are those that were taken; ``refusals`` maps a verb or a line to an answer."""

    def __init__(self, port):
        self.port = port
        self.mails: list[Any] = []
        self.refusals: dict[str, str] = {}


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server on a free port."""
    server = _Server(("127.0.0.1", 0), _Conversation)
    running = MailServer(server.server_address[1])
    state: Any = server
    state.mails, state.refusals = running.mails, running.refusals
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
