"""Orders: done by the platform's executor, paid to a node, and followed all the way."""

from __future__ import annotations

import contextlib
import threading

import pytest
from celery import current_app
from django.db import connections
from django.utils import timezone
from opentelemetry.trace import StatusCode

from example_project.network import tasks, visitor
from example_project.network.nodes import payments
from example_project.network.nodes.answers import Answer
from example_project.network.nodes.server import NodeServer
from example_project.network.orders import claims, paying
from example_project.network.orders.order import Order, new_order
from example_project.network.switches import switches
from tests.servers import free_port, wait_until
from tests.tracing.conftest import provider_into
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db(databases=["default", "platform"])

ORDER = Order(number="0" * 36, kind="compute", price=2.5, placed_at=0.0)
REASONS = {200: "", 402: "insufficient_funds", 410: "channel_expired", 500: "refused"}


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch, settings):
    """Switches of one's own; nobody has had an order before; nobody waits for long."""
    monkeypatch.setenv("DATA", str(tmp_path))
    monkeypatch.setattr(tasks, "claim", lambda number: True)
    monkeypatch.setattr(paying, "TIMEOUT_SECONDS", 0.5)
    settings.ROOT_URLCONF = "example_project.urls"


@pytest.fixture
def kept(monkeypatch):
    """Every span that has ended."""
    return provider_into(monkeypatch)


@pytest.fixture
def channel(db):
    """The table of channels, with one that is open."""
    with connections["platform"].cursor() as cursor:
        columns = "id text, state text, sequence_number int, updated_at text"
        cursor.execute(f"CREATE TABLE payment_channels ({columns})")
        cursor.execute("INSERT INTO payment_channels VALUES ('channel-1', 'open', 4, '2026')")
    yield
    with connections["platform"].cursor() as cursor:
        cursor.execute("DROP TABLE payment_channels")


@contextlib.contextmanager
def node(answer):
    """A node that answers ``answer(path, headers)``."""
    server = NodeServer(lambda name, path, headers: answer(path, headers))
    server.set_up("edge-1")
    Node.objects.create(name="edge-1", role="edge", base_url=server.url("edge-1"))
    try:
        yield
    finally:
        server.stop()


def answering(status, delay=0.0):
    return lambda path, headers: Answer(status, "text/plain", b"", delay)


def test_order__is_done_and_paid_in_spans_of_the_domain(channel, kept):
    """Guild, module, receipt, reputation; channel, signature, payment; and the node's check."""
    with node(lambda path, headers: payments.answer(path, headers, is_broken=False)):
        tasks.execute_order.run("0" * 36, "compute", 2.5, 0.0)
    ended = {span.name: span for span in kept.get_finished_spans()}
    assert {
        *("execution.task", "guild.join", "receipt.generate", "reputation.record"),
        *("wasm.validate", "wasm.compile", "wasm.instantiate", "wasm.execute", "wasm.meter"),
        *("payment.flow", "payment.channel.update", "payment.signature.sign", "payment.send"),
        *("p2p.message.request", "payment.verify", "payment.signature.verify"),
    } <= set(ended)
    assert not any(span.status.status_code is StatusCode.ERROR for span in ended.values())
    said = ended["payment.send"].attributes
    assert (
        said["zerostate.channel.id"] == ended["payment.verify"].attributes["zerostate.channel.id"]
    )
    assert (said["zerostate.payment.sequence"], said["zerostate.payment.amount"]) == (5, 2.5)


@pytest.mark.parametrize("status", REASONS)
def test_payment__fails_as_the_node_says(channel, kept, status):
    """The reason stands on the payment, and on the flow above it."""
    with node(answering(status)):
        assert paying.pay(ORDER) == REASONS[status]
    ended = {span.name: span for span in kept.get_finished_spans()}
    for name in ("payment.send", "payment.flow"):
        assert ended[name].attributes.get("error.type", "") == REASONS[status]


def test_payment__to_a_node_that_hangs_or_is_away_fails(channel):
    """Nobody waits longer than the timeout."""
    with node(answering(200, delay=30)):
        assert paying.pay(ORDER) == "timeout"
    Node.objects.update(base_url=f"http://127.0.0.1:{free_port()}")
    assert paying.pay(ORDER) == "unreachable"


def test_payment__needs_a_channel_and_a_node(channel):
    """A network that has just begun has neither; that is no failure."""
    assert paying.pay(ORDER) == ""
    with connections["platform"].cursor() as cursor:
        cursor.execute("DELETE FROM payment_channels")
    with node(answering(500)):
        assert paying.pay(ORDER) == ""


def test_fault_payments__lets_half_of_them_fail_each_in_its_way():
    """By the order's number, so that a second try fails alike."""
    path = f"{payments.PATH}channel-1/"
    answers = [payments.answer(f"{path}{n}", {}, is_broken=True) for n in range(1000)]
    failed = [one for one in answers if one.status != 200 or one.delay]
    assert 400 < len(failed) < 600
    assert {(one.status, one.delay > 0) for one in answers} == {
        *((200, False), (200, True), (402, False), (410, False)),
    }
    assert all(payments.answer(f"{path}{n}", {}, is_broken=False).status == 200 for n in range(50))


def test_fault_tasks__lets_the_module_fail_unpaid(kept):
    """What was not done is not paid for."""
    switches().set("tasks", timezone.now())
    tasks.execute_order.run("0" * 36, "compute", 2.5, 0.0)
    ended = {span.name: span for span in kept.get_finished_spans()}
    assert ended["wasm.execute"].attributes["zerostate.wasm.exit_code"] == 1
    assert ended["execution.task"].attributes["error.type"] == "trap"
    assert "payment.flow" not in ended


def test_task__without_the_platform_says_so_and_ends(caplog):
    """The fault switch ``platform`` makes its database unreadable."""
    tasks.execute_order.run("0" * 36, "compute", 2.5, 0.0)
    assert [record.kind for record in caplog.records if record.msg == "order_not_done"]


def test_claim__is_given_once(valkey_server, monkeypatch):
    """A task that the broker hands out twice is done once."""
    monkeypatch.setattr(current_app.conf, "broker_url", valkey_server.url)
    claims._client.cache_clear()
    number = new_order().number
    assert [claims.claim(number), claims.claim(number)] == [True, False]
    claims._client().close()
    claims._client.cache_clear()


def test_view__takes_an_order(client, sent, kept):
    """It is handed to the executor; only a POST orders something."""
    answer = client.post("/api/orders")
    (message,) = sent
    assert (answer.status_code, message[0]) == (202, "example.execute_order")
    assert answer.json()["order"] == message[2]["number"]
    assert client.get("/api/orders").status_code == 405


def test_view__says_that_the_broker_is_away(client, refusing):
    """503, and no page of an error."""
    assert client.post("/api/orders").status_code == 503


def test_visitor__orders_again_and_again(monkeypatch):
    """Until it is told to stop."""
    seen = []

    def take(path, headers):
        seen.append(path)
        return Answer(202, "text/plain", b"")

    monkeypatch.setattr(visitor, "ORDER_SECONDS", 0.01)
    stop = threading.Event()
    with node(take):
        visitor.place_orders(f"{Node.objects.get().base_url}/api/orders", stop)
        wait_until(lambda: len(seen) > 2, 60, "three orders")
        stop.set()
    assert set(seen) == {"/api/orders"}
