"""Sending over HTTP, against a real server that behaves as badly as it can."""

from __future__ import annotations

import socket
import time

import pytest

from zerostate_monitoring.notifiers.addresses import Policy
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.http import MAX_BYTES, line
from zerostate_monitoring.sources.nodes.addresses import Address

ANYWHERE = Policy()
METADATA = Policy(refused=("169.254.0.0/16",))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


def post(url, policy=ANYWHERE, timeout=5.0, body=b"{}", secrets=(), **headers):
    with line(url, policy, timeout, secrets) as to:
        return to.post(body, headers)


def refused(url, **how):
    """The error of a message that is not taken."""
    with pytest.raises(DeliveryError) as caught:
        post(url, **how)
    return caught.value


def names(monkeypatch, *answers):
    """Let each look-up give the next of ``answers``; what was asked."""
    asked = []
    left = list(answers)

    def look_up(host, port, *args, **kwargs):
        asked.append(host)
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_post__arrives_as_it_was_given(receiver):
    """Body, headers and path arrive; the answer comes back."""
    response = post(f"{receiver.url}/hook?a=1", body=b'{"a":1}', X_Own="yes")

    assert (response.status, response.text) == (200, "ok")
    [posted] = receiver.posted
    assert (posted.path, posted.body) == ("/hook?a=1", b'{"a":1}')
    assert posted.headers["X_Own"] == "yes"
    assert posted.headers["Content-Type"] == "application/json"


def test_post__one_connection_serves_several(receiver):
    """Messages of one block go over one connection, also after one that the server closed."""
    receiver.answer((200,), (202, b"", {"Connection": "close"}), (201,))
    with line(receiver.url, ANYWHERE, 5) as to:
        assert [to.post(b"{}").status for _ in range(3)] == [200, 202, 201]


def test_post__a_server_that_hangs_is_left_after_the_timeout(receiver):
    """The deadline holds, and it is said that nobody knows."""
    receiver.hang()
    began = time.monotonic()

    error = refused(receiver.url, timeout=0.3)

    assert time.monotonic() - began < 2
    assert not error.is_permanent
    assert "not known" in str(error)


def test_post__headers_that_drip_do_not_prolong_the_deadline(receiver):
    """A byte now and then is no answer."""
    receiver.drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    began = time.monotonic()

    error = refused(receiver.url, timeout=0.5)

    assert time.monotonic() - began < 2
    assert not error.is_permanent


@pytest.mark.parametrize("drop", [b"x", b"x" * 100_000])
def test_post__a_body_without_end_is_cut_and_the_status_counts(receiver, drop):
    """Once the status stands, the receiver has it: neither size nor slowness change that."""
    receiver.drip(HEAD, drop)
    began = time.monotonic()

    response = post(receiver.url, timeout=0.6)

    assert time.monotonic() - began < 2
    assert response.status == 200
    assert len(response.body) <= MAX_BYTES


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"", b"HTTP/1.1 abc\r\n\r\n"])
def test_post__what_is_no_http_is_tried_again(receiver, answer):
    """Nobody knows whether it was taken."""
    receiver.raw(answer)

    assert not refused(receiver.url).is_permanent


def test_post__a_closed_port_is_tried_again(receiver):
    """A receiver that restarts is back soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    error = refused(f"http://127.0.0.1:{port}/")

    assert not error.is_permanent
    assert "refuses the connection" in str(error)


def test_post__plain_http_behind_https_is_said_to_be_insecure(receiver):
    """A server without TLS is not spoken to in the clear instead."""
    error = refused(receiver.url.replace("http:", "https:"))

    assert "No secure connection" in str(error)
    assert receiver.posted == []


def test_post__a_name_that_leads_to_a_refused_address_gets_nothing(receiver, monkeypatch):
    """Metadata services are not told anything, whatever name leads there."""
    asked = names(monkeypatch, "169.254.169.254")

    error = refused("http://rebound.example/", policy=METADATA)

    assert error.is_permanent
    assert "169.254.169.254" in str(error)
    assert asked == ["rebound.example"]


def test_post__connects_to_the_address_that_was_checked(receiver, monkeypatch):
    """A name that answers with another address the second time is not asked a second time."""
    asked = names(monkeypatch, "127.0.0.1", "169.254.169.254")

    post(f"http://rebound.example:{receiver.port}/", policy=METADATA)

    assert asked == ["rebound.example"]
    assert [posted.headers["Host"] for posted in receiver.posted] == [
        f"rebound.example:{receiver.port}"
    ]


def test_post__one_refused_address_among_several_refuses_all(monkeypatch):
    """Which of its addresses a name leads to is chance; one that is refused is enough."""
    both = [("192.0.2.1", 80), ("169.254.169.254", 80)]
    monkeypatch.setattr(
        "zerostate_monitoring.sources.nodes.addresses._look_up",
        lambda host, port: [Address(socket.AF_INET, address) for address in both],
    )

    assert refused("http://both.example/", policy=METADATA).is_permanent


def test_post__a_name_without_an_address_is_tried_again(monkeypatch):
    """Name servers have bad minutes, too."""

    def nowhere(*args, **kwargs):
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)

    assert not refused("http://missing.example/").is_permanent


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://169.254.169.254/", "http://a b/"])
def test_line__what_is_no_address_for_messages_is_never_connected_to(url):
    """What was saved before the settings changed is judged again."""
    assert refused(url, policy=METADATA).is_permanent


def test_post__what_a_header_cannot_carry_is_not_repeated(receiver):
    """The error of a token with a line break does not show the token."""
    error = refused(receiver.url, Authorization="Bearer s3cret\r\nX: y")

    assert error.is_permanent
    assert "s3cret" not in str(error)


def test_post__secrets_are_not_in_the_answer(receiver):
    """A receiver that repeats what it got does not bring it into logs and rows."""
    receiver.answer((400, b"no such hook /services/T0123/abcdefghij, token s3cret-t0ken"))
    secrets = ("https://hooks.example/services/T0123/abcdefghij", "s3cret-t0ken")

    response = post(receiver.url, secrets=secrets)

    assert "abcdefghij" not in response.text
    assert "s3cret-t0ken" not in response.text
    assert "no such hook" in response.text
