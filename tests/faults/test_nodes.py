"""Every way in which a node can misbehave, all at once: the rest is shown, each cause told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.servers import free_port
from tests.sources.nodes.server import FakeNode, Handler, fake_node
from zerostate_monitoring import tasks
from zerostate_monitoring.models import Node
from zerostate_monitoring.storage.store import Store

pytestmark = pytest.mark.django_db

GOOD = b"# TYPE go_goroutines gauge\ngo_goroutines 7\n"
MILLION = b"".join(b'm{a="%d"} 1\n' % number for number in range(1_000_000))


def hang(node: FakeNode, handler: Handler) -> None:
    """Take the request and say nothing."""
    node.stopped.wait(30)


def flood(handler: Handler) -> None:
    """Promise nothing and send without end; the limit is far below a gigabyte."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain; version=0.0.4")
    handler.end_headers()
    chunk = b"# " + b"x" * 65_533 + b"\n"
    for _ in range(16_384):
        handler.wfile.write(chunk)


def saying(body: bytes, **how: object) -> Callable[[Handler], None]:
    return lambda handler: handler.reply(body, **how)


ANSWERS = {
    "gigabyte": (flood, "too_large"),
    "million": (saying(MILLION), "too_large"),
    "garbage": (saying(bytes(range(256)) * 8), "invalid"),
    "half-a-line": (saying(GOOD + b'go_threads{x="'), "invalid"),
    "web-page": (saying(b"<html></html>", kind="text/html"), "invalid"),
    "twice": (saying(GOOD + b"go_goroutines 8\n"), "invalid"),
    "elsewhere": (saying(b"", status=302, Location="http://other.example/metrics"), "redirect"),
    "locked": (saying(b"no", status=401), "unauthorized"),
}
"""What each node does, and the kind of error that is to be told of it."""


@pytest.fixture
def nodes(store: Store, settings) -> Iterator[dict[str, FakeNode]]:
    """One node for each kind of answer, one that is well, one that is not there."""
    settings.ZEROSTATE_MONITORING_NODE_TIMEOUT_SECONDS = 3
    with ExitStack() as stack:
        found = {}
        for name in (*ANSWERS, "well", "typed"):
            found[name] = node = stack.enter_context(fake_node())
            node.answers["/metrics"] = ANSWERS[name][0] if name in ANSWERS else saying(GOOD)
            Node.objects.create(name=name, base_url=node.url)
        found["hangs"] = silent = stack.enter_context(fake_node())
        silent.answers["/metrics"] = partial(hang, silent)
        Node.objects.create(name="hangs", base_url=silent.url)
        # A family that the catalogue has as a gauge, beside one as it should be.
        found["typed"].page(b"# TYPE go_goroutines counter\ngo_goroutines 7\ngo_threads 3\n")
        Node.objects.create(name="gone", base_url=f"http://127.0.0.1:{free_port()}")
        yield found
        for node in found.values():
            node.stopped.set()


def test_misbehaving_nodes__cost_only_themselves(nodes, store, page):
    """Each cause stands in the node's note, nothing of a broken page is shown, the rest is."""
    tasks.collect_nodes()

    notes = store.notes("node")
    told = {name: note["error_kind"] for name, note in notes.items() if not note["up"]}
    expected = {name: kind for name, (_, kind) in ANSWERS.items()}
    assert told == {**expected, "hangs": "timeout", "gone": "refused"}
    assert all(notes[name]["error"] for name in told)
    assert "go_goroutines" in notes["typed"]["refused"]

    series = page()
    ups = {dict(s[1])["node"]: v for s, v in series.items() if s[0] == "zerostate_node_up"}
    assert ups == {**dict.fromkeys(told, 0.0), "well": 1.0, "typed": 1.0}
    goroutines = {dict(s[1])["node"]: v for s, v in series.items() if s[0] == "go_goroutines"}
    assert goroutines == {"well": 7.0}
    of_broken = {name for name, labels in series if dict(labels).get("node") in told}
    assert all(name.startswith("zerostate_node_") for name in of_broken)
