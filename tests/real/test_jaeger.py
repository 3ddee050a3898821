"""Traces in a real Jaeger: gunicorn and Celery prefork, PostgreSQL, Valkey, a node over HTTP.

Jaeger runs by the file that the compose stack gives it, and is read through its query API.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import psycopg
import pytest

from tests.deployments import DEPLOYMENTS, Deployment
from tests.processes import Process
from tests.real.jaeger import PATIENCE, Jaeger, Trace, jaeger
from tests.real.site import ALL_QUEUES, Site, Web, program, site
from tests.real.test_traces import ENVIRONMENT, SECRETS, SETTINGS, add_node, get, node
from tests.servers import StoreServer, free_port, store_server, wait_until
from tests.sources.platform.cluster import ROLE, Cluster, cluster

pytestmark = pytest.mark.real

REQUEST: Final = "GET /pay/<str:name>/"
SEND_TASK: Final = "apply_async/zerostate_monitoring.collect_nodes"
RUN_TASK: Final = "run/zerostate_monitoring.collect_nodes"
BROKERS_OWN: Final = {"LPUSH", "BRPOP", "SADD"}
FAST: Final = {
    "ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS": 1,
    "ZEROSTATE_MONITORING_OBSERVE_SECONDS": 0,
}


@dataclass(frozen=True)
class Traced:
    """A site whose processes export to Jaeger, and the node that it asks."""

    made: Site
    web: Web
    worker: Process
    url: str
    asked: list[dict[str, str]]

    def told(self) -> str:
        """What its processes say, for whoever reads of a failure."""
        return f"{self.web.process.tail}\n{self.worker.tail}"

    def pay(self, number: int, web: Web | None = None) -> str:
        """Ask for what ends at the node, as part of a caller's trace; the trace's id."""
        trace = f"{number:02x}" * 16
        headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "baggage": "tenant=blue"}
        assert get(web or self.web, "/pay/alice/?token=hunter2", **headers) == 200
        return trace


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jaeger]:
    """One Jaeger for all; where there can be none, ``conftest`` leaves out what wants it."""
    with jaeger(tmp_path_factory.mktemp("jaeger")) as made:
        yield made


@pytest.fixture(scope="module")
def database(collector: Jaeger) -> Iterator[Cluster]:
    """One PostgreSQL for all."""
    with cluster() as server:
        yield server


@contextmanager
def traced(
    directory: Path,
    store: StoreServer | Deployment,
    database: Cluster,
    endpoint: str,
    **environment: str,
) -> Iterator[Traced]:
    """A web server of two forks, a worker of two forks, a node that answers."""
    name = directory.name.replace("-", "_")
    with psycopg.connect(
        f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{database.port}/postgres", autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    address = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{database.port}/{name}"
    # With a broker of its own a site wants a store's address alone.
    addressed = cast("StoreServer", store)
    wanted = {**SETTINGS, **FAST, "ZEROSTATE_MONITORING_TRACING_ENDPOINT": endpoint}
    variables = {**ENVIRONMENT, "DATABASE": address, **environment}
    with (
        node() as (url, asked),
        store_server() as broker,
        site(directory, addressed, broker=broker, environment=variables, settings=wanted) as made,
    ):
        add_node(made, url)
        web, worker = made.web(), made.worker(queues=ALL_QUEUES)
        wait_until(lambda: "ready." in worker.output, PATIENCE, "the worker is ready")
        yield Traced(made, web, worker, url, asked)


@pytest.fixture(scope="module")
def running(
    collector: Jaeger, database: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Traced]:
    """A site that exports over HTTP."""
    directory = tmp_path_factory.mktemp("traced")
    with store_server() as store, traced(directory, store, database, collector.url) as made:
        yield made


def check_whole(trace: Trace, asked: list[dict[str, str]]) -> None:
    """One trace from the request to the node, its attributes as documented, nothing secret."""
    assert [way[1:] for way in trace.ways(RUN_TASK)] == [[SEND_TASK, REQUEST, "?"]]
    beneath = {name: trace.ways(name) for name in ("SELECT default", "GET")}
    beneath["redis"] = [
        trace.way(span) for span in trace.spans if span.tags.get("db.system.name") == "redis"
    ]
    for ways in beneath.values():
        assert any(RUN_TASK in way and REQUEST in way for way in ways), beneath
    assert ["SELECT default", "payment.send", REQUEST, "?"] in beneath["SELECT default"]
    assert not BROKERS_OWN & trace.names

    request, payment = trace.one(REQUEST), trace.one("payment.send")
    assert (request.service, request.tags["span.kind"]) == ("site", "server")
    assert (request.tags["http.request.method"], request.tags["http.route"]) == (
        "GET",
        "/pay/<str:name>/",
    )
    assert request.tags["http.response.status_code"] == 200
    assert payment.tags["zerostate.payment.amount"] == 2.5
    assert payment.tags["zerostate.channel.id"] == "channel-7"
    assert payment.process["service.namespace"] == "zerostate"
    query = next(span for span in trace.spans if span.name == "SELECT default")
    assert (query.tags["db.system.name"], query.tags["db.operation.name"]) == (
        "postgresql",
        "SELECT",
    )
    # The node heard of this trace, and from which span.
    heard = [one for one in asked if one.get("traceparent", "")[3:35] == trace.id]
    assert heard
    assert heard[0]["baggage"] == "tenant=blue"
    assert {one["traceparent"][36:52] for one in heard} <= {s.id for s in trace.named("GET")}


def plain(collector: Jaeger, trace: Trace) -> str:
    """All that Jaeger would show of a trace."""
    return json.dumps(collector.ask(f"traces/{trace.id}"))


def test_request__its_task_its_queries_and_its_node_are_one_trace(collector, running):
    """From the caller's traceparent to the node's headers, as somebody sees it in Jaeger."""
    number = running.pay(0xA1)
    whole = (REQUEST, "payment.send", SEND_TASK, RUN_TASK, "SELECT default", "GET")
    collector.wait_for(number, *whole, told=running.told)
    trace = collector.eventually(number, lambda trace: check_whole(trace, running.asked))
    shown = plain(collector, trace)
    assert [secret for secret in (*SECRETS, ROLE + ":" + ROLE) if secret in shown] == []
    # The third version of the API, too, which newer tools read.
    assert collector.ask(f"v3/traces/{number}")["result"]["resourceSpans"]
    assert 'transport="http"' in accepted(collector)


def uvicorn(made: Site) -> Web:
    """Two workers of uvicorn, whose spans leave at their end alone."""
    port = free_port()
    process = made.processes.start(
        "uvicorn",
        *(
            "env",
            "OTEL_BSP_SCHEDULE_DELAY=600000",
            program("uvicorn"),
            "tests.real.asgi:application",
        ),
        *("--port", str(port), "--workers", "2"),
    )
    web = Web(process, port)
    wait_until(web.answers, PATIENCE, f"uvicorn answers\n{process.tail}")
    return web


def test_uvicorn__exports_what_its_workers_have_when_it_ends(collector, running):
    """The same trace as behind gunicorn; and SIGTERM loses no span."""
    web = uvicorn(running.made)
    try:
        number = running.pay(0xA2, web)
    finally:
        assert web.process.end() == 0, web.process.tail
    collector.eventually(number, lambda trace: check_whole(trace, running.asked))


def accepted(collector: Jaeger) -> str:
    """What Jaeger says of how spans came in."""
    lines = collector.metrics().splitlines()
    return "\n".join(line for line in lines if "receiver_accepted_spans" in line)


def test_failing_payment__is_found_as_the_page_says(collector, running):
    """By service, operation and the tag error=true; with the error's word, never its text."""
    assert get(running.web, "/fails/") == 500
    failed: list[Trace] = []

    def is_found() -> bool:
        failed[:] = collector.search("site", operation="payment.send", tags='{"error":"true"}')
        return bool(failed) and "GET /fails/" in failed[0].names

    wait_until(is_found, PATIENCE, "the failed payment is found")
    payment, request = failed[0].one("payment.send"), failed[0].one("GET /fails/")
    assert payment.is_error
    assert request.is_error
    assert payment.tags["error.type"] == "insufficient_funds"
    assert payment.tags["otel.status_description"] == "insufficient_funds"
    assert request.tags["error.type"] == "500"
    assert [event["exception.type"] for event in request.events] == ["LookupError"]
    assert "hunter2" not in plain(collector, failed[0])


def test_alert__from_its_evaluation_to_its_delivery_is_one_trace(collector, running):
    """Beat's tick, the evaluation, and the message that follows from it; not the receiver."""
    running.made.run([sys.executable, "-m", "tests.real.traced_alert", running.url])
    beat = running.made.beat()
    found: list[Trace] = []

    def is_found() -> bool:
        traces = collector.search("site", operation="monitoring.send")
        found[:] = [trace for trace in traces if "monitoring.evaluate" in trace.names]
        return bool(found)

    # Beat goes on until all is seen: the root of the trace is its span, and a kill would lose it.
    try:
        wait_until(is_found, PATIENCE, f"the delivery is found\n{running.told()}")
        trace = collector.eventually(found[0].id, check_alert)
    finally:
        beat.end()
    assert "s3cret" not in plain(collector, trace)
    told = [one for one in running.asked if one["path"].startswith("/hooks")]
    assert told
    assert not any("traceparent" in one for one in told)


def check_alert(trace: Trace) -> None:
    """From what was sent up to beat's tick."""
    run, send = "run/zerostate_monitoring.{}", "apply_async/zerostate_monitoring.{}"
    assert trace.way(trace.one("monitoring.send")) == [
        *("monitoring.send", "monitoring.deliver", run.format("deliver"), send.format("deliver")),
        *("monitoring.evaluate", run.format("evaluate"), send.format("evaluate")),
    ]
    assert trace.one("monitoring.send").tags["zerostate.receiver.kind"] == "webhook"
    assert {"SELECT default", "INSERT default", "UPDATE default"} <= trace.names


def test_worker__that_is_killed_leaves_what_it_had_exported(collector, running):
    """After kill -9 its spans are in Jaeger, and a new worker goes on."""
    before = running.pay(0xB1)
    collector.wait_for(before, RUN_TASK, told=running.told)
    running.worker.kill()
    again = running.made.worker("again", queues=ALL_QUEUES)
    wait_until(lambda: "ready." in again.output, PATIENCE, "the new worker is ready")
    after = running.pay(0xB2)
    collector.wait_for(after, RUN_TASK, "GET", told=lambda: again.tail)
    assert collector.trace(before).named(RUN_TASK)


def goes_on_without(collector: Jaeger, made: Traced, number: int) -> None:
    """Requests and tasks go on; what was stored is there again, and new spans come in."""
    before = made.pay(number)
    collector.wait_for(before, REQUEST, RUN_TASK, told=made.told)
    count, said = len(made.asked), len(made.web.process.output)
    collector.kill()
    statuses = [get(made.web, "/pay/x/") for _ in range(20)]
    wait_until(lambda: len(made.asked) > count, PATIENCE, f"tasks run\n{made.told()}")
    output = made.web.process.output[said:]
    collector.start()
    assert statuses == [200] * 20
    assert "Traceback" not in output
    assert RUN_TASK in collector.trace(before).names
    after = made.pay(number + 1)
    collector.wait_for(after, REQUEST, RUN_TASK, told=made.told)


def test_jaeger__that_is_killed_costs_nobody_anything(collector, running):
    """Over HTTP; over gRPC below."""
    goes_on_without(collector, running, 0xC1)


@pytest.mark.parametrize(("kind", "protocol"), [("sentinel", "grpc"), ("cluster", "http/protobuf")])
def test_store__of_several_servers_is_traced_alike(
    kind, protocol, collector, database, tmp_path_factory
):
    """Behind Sentinels and in a cluster; over gRPC and HTTP, both with gzip, from forks.

    Over gRPC, too, it goes on when Jaeger is killed.
    """
    transport, _, _ = protocol.partition("/")
    endpoint = collector.grpc if transport == "grpc" else collector.url
    with (
        DEPLOYMENTS[kind]() as store,
        traced(
            tmp_path_factory.mktemp(kind),
            store,
            database,
            endpoint,
            OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
        ) as made,
    ):
        number = made.pay(0xD0 + len(kind))
        collector.wait_for(number, REQUEST, RUN_TASK, "GET", told=made.told)
        collector.eventually(number, lambda trace: check_whole(trace, made.asked))
        assert f'transport="{transport}"' in accepted(collector)
        if transport == "grpc":
            goes_on_without(collector, made, 0xE1)
