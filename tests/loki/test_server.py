"""The stand-in for Loki: what it takes, what it refuses, what it answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import urllib3
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from tests.loki.alloy import Alloy, Entry, push
from tests.loki.server import OTLP_PATH, Loki, loki

NOW = time.time()


@pytest.fixture
def server() -> Iterator[Loki]:
    """One that has nothing yet."""
    with loki() as made:
        yield made


def entry(text: str, at: float = NOW, /, **labels: str) -> Entry:
    """A line of a stream."""
    return Entry(text, int(at * 1e9), labels)


def refused(server: Loki, one: Entry) -> str:
    """Why it was not taken."""
    with pytest.raises(AssertionError):
        push(server.url, [one])
    return server.refused[-1]


def test_pushed__line_is_found_by_label_metadata_and_text(server):
    """As the push API has it: labels, nanoseconds, line, structured metadata."""
    text = json.dumps({"level": "error", "event": "it_failed", "request_id": "r-1"})
    push(server.url, [Alloy().entry(text, "zerostate-web-1", NOW), entry("other", service="x")])
    for query in (
        '{service="web"}',
        '{service=~".+"} | request_id="r-1"',
        '{level="error"} |= `it`',
    ):
        [(labels, found)] = server.found(query, NOW - 5, NOW + 5)
        assert (labels["event"], found) == ("it_failed", text)
    assert server.found('{service=~".+"}', NOW - 50, NOW - 5) == []


def test_counts__are_of_their_window(server):
    """By steps over a time, and of one moment."""
    push(server.url, [entry("a", NOW - 100, service="x"), entry("b", NOW, service="x")])
    query = 'sum by (service) (count_over_time({service=~".+"}[1m]))'
    [one] = server.ask(
        "query_range", query=query, start=f"{NOW - 90}", end=f"{NOW + 1}", step="60"
    )["result"]
    assert [round(at - NOW) for at, _ in one["values"]] == [-90]
    [one] = server.ask("query", query=query, time=f"{NOW + 1}")["result"]
    assert (one["metric"], one["value"][1]) == ({"service": "x"}, "1")


@pytest.mark.parametrize("query", ["{", '{a=~".*"}', 'sum by (a) (count_over_time({a="b"}[$x]))'])
def test_query__that_loki_would_refuse_is_refused(server, query):
    """With the status that Loki has for it."""
    with pytest.raises(AssertionError):
        server.ask("query_range", query=query, start="0", end="1", step="1")


def test_limits__of_the_file_hold(server):
    """Labels, age, size, streams."""
    assert "label pair" in refused(server, entry("a"))
    assert "too many" in refused(
        server, Entry("a", int(NOW * 1e9), {f"l{n}": "x" for n in range(9)})
    )
    assert "behind" in refused(server, entry("a", NOW - 169 * 3600, service="x"))
    push(server.url, [entry("a" * 70_000, service="x")])
    [(_, text)] = server.found('{service="x"}', NOW - 1, NOW + 1)
    assert len(text) == 64 * 1024
    push(server.url, [entry("a", service=f"s{number}") for number in range(999)])
    assert "stream limit" in refused(server, entry("a", service="one more"))


@pytest.mark.parametrize("compression", [Compression.Gzip, Compression.NoCompression])
def test_otlp__makes_the_same_labels(server, compression):
    """service, level and environment are labels; of the resource its name alone."""
    resource = Resource({"service.name": "site", "service.instance.id": "unbounded"})
    provider = LoggerProvider(resource, shutdown_on_exit=False)
    exporter = OTLPLogExporter(server.url + OTLP_PATH, compression=compression)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    keys: dict[str, str | int] = {
        "service": "web",
        "level": "info",
        "environment": "e",
        "request_id": "r",
    }
    keys["a.b"] = 1
    provider.get_logger("x").emit(timestamp=int(NOW * 1e9), body="event", attributes=keys)
    labels = {"service": "web", "level": "info", "environment": "e", "service_name": "site"}
    assert server.keeping.streams() == [labels]
    [(found, text)] = server.found('{service="web"} | request_id="r"', NOW - 5, NOW + 5)
    assert text == "event"
    data = {"request_id": "r", "a_b": "1", "service_instance_id": "unbounded"}
    assert data.items() <= found.items()


def test_paths__of_nobody_are_not_found(server):
    """And one that is away says so."""
    assert urllib3.request("POST", f"{server.url}/x", body=b"", retries=False).status == 404
    assert urllib3.request("GET", f"{server.url}/ready", retries=False).status == 200
    server.turned_away = b"service"
    assert "away" in refused(server, entry("a", service="x"))
