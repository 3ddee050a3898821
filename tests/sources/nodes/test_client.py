"""Nodes are asked within a deadline, a size and a host, whatever they do."""

from __future__ import annotations

import gzip
import socket
import ssl
import time

import pytest
import trustme

from tests.sources.nodes.server import OPENMETRICS, fake_node
from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.sources.nodes.client import NodeClient, is_openmetrics, ok


def get(node, path="/metrics", client=None, **changes):
    target = node.target(**changes)
    deadline = time.monotonic() + target.timeout
    asking = client or NodeClient()
    try:
        return asking.get(target, path, deadline=deadline)
    finally:
        if client is None:
            asking.close()


def refused(kind, node, **changes):
    with pytest.raises(SourceError) as caught:
        ok(get(node, **changes))
    assert caught.value.kind == kind, caught.value
    return caught.value


def test_answer__comes_with_status_type_and_body(node):
    """A page is asked for as OpenMetrics first, compressed, with the token."""
    node.page("a 1\n")
    answer = get(node, token="secret")
    assert (answer.status, answer.media_type, answer.body) == (200, "text/plain", b"a 1\n")
    headers = node.requests[0][1]
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Accept"].startswith("application/openmetrics-text")
    assert headers["Accept-Encoding"] == "gzip"
    assert "secret" not in repr(node.target(token="secret"))


def test_gzip__is_read(node):
    """A compressed page is the page."""
    node.page(gzip.compress(b"a 1\n"), Content_Encoding="gzip")
    assert get(node).body == b"a 1\n"


def test_gzip_bomb__is_refused(node):
    """The limit counts what comes out of the compression."""
    node.page(gzip.compress(b"a" * 50_000_000), Content_Encoding="gzip")
    refused("too_large", node, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b"a 1\n" * 100)[:-20]], ids=["no_gzip", "cut_off"]
)
def test_damaged_gzip__is_refused(node, body):
    """Half of a compressed page is no page."""
    node.page(body, Content_Encoding="gzip")
    refused("invalid", node)


def test_declared_size__is_refused_before_reading(node):
    """A node that announces a gigabyte is left at once."""

    def announce(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(2**30))
        handler.end_headers()

    node.answers["/metrics"] = announce
    refused("too_large", node)


def test_endless_stream__ends_at_the_limit(node):
    """A gigabyte without an announced size is read to the limit alone."""

    def stream(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(2**10):
            handler.wfile.write(b"a 1\n" * 2**18)

    node.answers["/metrics"] = stream
    refused("too_large", node, max_bytes=1_000_000)


def test_hanging_node__ends_at_the_deadline(node):
    """A node that accepts and says nothing costs its timeout."""
    node.answers["/metrics"] = lambda handler: node.stopped.wait(30)
    refused("timeout", node, timeout=0.2)


@pytest.mark.parametrize("where", ["head", "body"])
def test_dripping_node__ends_at_the_deadline(node, where):
    """Each byte in time does not make the whole in time."""

    def drip(handler):
        if where == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000000")
            handler.end_headers()
        while not node.stopped.wait(0.02):
            handler.wfile.write(b"a")
            handler.wfile.flush()

    node.answers["/metrics"] = drip
    refused("timeout", node, timeout=0.3)


def test_short_body__is_refused(node):
    """A body that ends before its announced length is not taken for whole."""

    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"a 1\n")
        handler.close_connection = True

    node.answers["/metrics"] = cut
    refused("invalid", node)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "unauthorized"), (403, "unauthorized"), (404, "missing"), (500, "error")],
)
def test_status__becomes_a_kind(node, status, kind):
    """What a node answers is said in bounded words."""
    node.page("no", status=status)
    refused(kind, node)


@pytest.mark.parametrize(
    "location", ["http://other.example/metrics", "https://localhost/metrics", "//127.0.0.1:9/m"]
)
def test_redirect_elsewhere__is_refused(node, location):
    """The token goes to no other scheme, host or port."""
    node.page("", status=302, Location=location)
    refused("redirect", node)


def test_redirect_on_the_same_host__is_followed_three_times(node):
    """A few redirects within the node are normal, a circle is not."""
    for number in range(3):
        node.answers[f"/{number}"] = lambda handler, n=number: handler.reply(
            b"", status=307, Location=f"/{n + 1}"
        )
    node.answers["/3"] = lambda handler: handler.reply(b"a 1\n")
    assert get(node, "/0").body == b"a 1\n"
    node.page("", status=302, Location="/metrics")
    refused("redirect", node)


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254", "http://[::ffff:169.254.169.254]", "http://[fe80::1]",
     "http://[64:ff9b::a9fe:a9fe]", "http://2852039166"],
)  # fmt: skip
def test_metadata_address__is_refused_before_connecting(node, url, monkeypatch):
    """Link-local addresses are refused in every spelling."""
    monkeypatch.setattr(socket.socket, "connect", None)
    networks = ("169.254.0.0/16", "fe80::/10")
    refused("forbidden_address", node, base_url=url, refused=networks)


def test_rebinding_name__is_connected_to_the_checked_address(node, monkeypatch):
    """The name is looked up once: what was checked is what is connected to."""
    answers = [("127.0.0.1", node.port), ("169.254.169.254", 80)]
    asked = []

    def lookup(host, port, **how):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers[len(asked) - 1])]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    node.page("a 1\n")
    url = "http://node.example:1"
    assert get(node, base_url=url, refused=("169.254.0.0/16",)).body == b"a 1\n"
    assert asked == ["node.example"]


def test_unknown_name__is_missing(node, monkeypatch):
    """A name without an address is said to be that."""

    def lookup(*args, **how):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    refused("missing", node)


def test_closed_port__is_refused(node):
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        refused("refused", node, base_url=f"http://127.0.0.1:{probe.getsockname()[1]}")


def test_no_http__is_invalid(node):
    """A server of another protocol is no node."""

    def babble(handler):
        handler.wfile.write(b"\x00\x01\x02 not http\r\n\r\n")
        handler.close_connection = True

    node.answers["/metrics"] = babble
    refused("invalid", node)


def test_kept_connection__is_used_again(node):
    """A second request goes over the first one's connection."""
    node.page("a 1\n")
    client = NodeClient()
    for _ in range(3):
        get(node, client=client)
    assert len(client._idle) == 1
    client.close()
    assert not client._idle


def test_kept_connection_closed_by_the_node__is_made_anew(node):
    """A node that hangs up between scrapes is asked again, not reported."""

    def once(handler):
        handler.reply(b"a 1\n")
        handler.close_connection = True

    node.answers["/metrics"] = once
    client = NodeClient()
    for _ in range(3):
        assert get(node, client=client).body == b"a 1\n"
    client.close()


def test_connections__are_bounded(node):
    """No more than so many are kept."""
    node.page("a 1\n")
    client = NodeClient(max_connections=2)
    for number in range(5):
        get(node, client=client, name=f"n{number}")
    assert len(client._idle) == 2
    client.close()


def test_proxies_of_the_environment__are_ignored(node, monkeypatch):
    """A node is asked directly."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    node.page("a 1\n")
    assert get(node).body == b"a 1\n"


def test_token_with_a_newline__is_an_error(node):
    """A secret cannot add headers."""
    refused("error", node, token="a\r\nX-Evil: 1")


@pytest.mark.parametrize(
    ("kind", "expected"), [("text/plain", False), (OPENMETRICS, True), ("", False)]
)
def test_media_type__says_the_format(node, kind, expected):
    """A page without a type counts as text."""
    node.page("a 1\n", kind=kind)
    assert is_openmetrics(get(node)) is expected


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_other_media_types__are_refused(node, kind):
    """An error page of a proxy is no exposition, even if it would parse."""
    node.page("a 1\n", kind=kind)
    with pytest.raises(SourceError, match=kind) as caught:
        is_openmetrics(get(node))
    assert caught.value.kind == "invalid"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority, and a server's and a client's certificate by it."""
    path = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(path / "ca.pem")
    for name in ("localhost", "client"):
        made = authority.issue_cert(name)
        made.private_key_pem.write_to_path(path / f"{name}.key")
        made.cert_chain_pems[0].write_to_path(path / f"{name}.pem")
    return path


@pytest.fixture
def secure(certificates):
    """A node that speaks TLS and wants a client certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.pem")
    context.load_cert_chain(certificates / "localhost.pem", certificates / "localhost.key")
    context.verify_mode = ssl.CERT_REQUIRED
    with fake_node(context) as running:
        running.page("a 1\n")
        running.extra = {
            "ca": (certificates / "ca.pem").read_text(),
            "client_certificate": (certificates / "client.pem").read_text(),
            "client_key": (certificates / "client.key").read_text(),
        }
        yield running


def test_tls__own_authority_and_client_certificate_work(secure):
    """A node behind its own authority is read, also over a kept connection."""
    client = NodeClient()
    for _ in range(2):
        assert get(secure, client=client, **secure.extra).body == b"a 1\n"
    client.close()


def test_tls__unknown_authority_is_refused(secure):
    """A certificate that nobody vouches for is not accepted."""
    refused("tls", secure)


def test_tls__wrong_name_is_refused(secure):
    """The certificate must be for the name that was asked for."""
    url = f"https://127.0.0.1:{secure.port}"
    refused("tls", secure, **{**secure.extra, "base_url": url})


def test_tls__dripping_ends_at_the_deadline(secure):
    """The deadline holds within TLS, too."""

    def drip(handler):
        while not secure.stopped.wait(0.02):
            handler.wfile.write(b"a")

    secure.answers["/metrics"] = drip
    refused("timeout", secure, timeout=0.5, **secure.extra)


def test_tls__bad_certificate_is_a_configuration_error(secure):
    """What is no PEM is said before connecting."""
    with pytest.raises(ConfigurationError, match="cannot be used"):
        get(secure, ca="not a certificate")


@pytest.mark.parametrize(
    "location", ["http://[::1", "//[", "/é", "/a b", "/" + "a" * 5000, "http://localhost:x/"]
)
def test_redirect_to_no_address__is_refused(node, location):
    """Whatever stands there, also on a kept connection."""
    node.page("a 1\n")
    client = NodeClient()
    get(node, client=client)

    def redirect(handler):
        handler.wfile.write(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
            + location.encode()
            + b"\r\n\r\n"
        )

    node.answers["/metrics"] = redirect
    for _ in range(2):
        assert refused("redirect", node, client=client).kind == "redirect"
    client.close()


def test_length_of_thousands_of_digits__is_too_large(node):
    """A number that Python does not read is a large one."""

    def announce(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "9" * 5000)
        handler.end_headers()

    node.answers["/metrics"] = announce
    assert len(str(refused("too_large", node))) < 200


def test_gzip_of_several_members__is_read_whole(node):
    """Parts are one body, with padding at its end, up to the limit of all."""
    parts = [gzip.compress(f"a{number} 1\n".encode()) for number in range(3)]
    node.page(b"".join(parts) + bytes(10), Content_Encoding="gzip")
    assert get(node).body == b"a0 1\na1 1\na2 1\n"
    refused("too_large", node, max_bytes=11)
    node.page(b"".join(parts) + b"rest", Content_Encoding="gzip")
    refused("invalid", node)
    node.page(gzip.compress(b"") * 5000, Content_Encoding="gzip")
    refused("invalid", node)


@pytest.mark.parametrize("token", ["s3cret\r\nX-Evil: 1", "s3cret\n", "s3cr\u20act"])
def test_token_that_no_header_can_carry__is_not_repeated(node, token):
    """Neither on a new connection nor on a kept one does an error hold the secret."""
    node.page("a 1\n")
    client = NodeClient()
    for _ in range(2):
        message = str(refused("error", node, token=token, client=client))
        assert "s3cr" not in message
    client.close()
