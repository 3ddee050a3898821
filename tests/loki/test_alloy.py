"""The stack's Alloy file, read and carried out by the stand-in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loki.alloy import FILE, PUSH_PATH, Alloy, Tail
from tests.loki.river import Block, Reference, RiverError, parse
from zerostate_monitoring.logs.context import KEYS

JSON = {
    "timestamp": "2026-01-31T12:00:00.123456Z",
    "level": "warning",
    "event": "node_scrape_failed",
    "logger": "zerostate_monitoring.collectors",
    "request_id": "r-1",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "user_id": None,
    "seconds": 1.5,
}


def test_line__of_ours_becomes_a_stream_and_its_metadata():
    """Streams are of three labels; ids, event and logger stand beside the line."""
    entry = Alloy().entry(json.dumps(JSON), "zerostate-worker-2")
    assert entry.labels == {"service": "worker", "environment": "compose", "level": "warning"}
    assert entry.metadata == {
        "event": "node_scrape_failed",
        "logger": "zerostate_monitoring.collectors",
        "request_id": "r-1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    assert entry.nanoseconds == 1769860800_123456_000
    assert entry.text == json.dumps(JSON)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2026-01-31 12:00:00,123 WARNING zerostate_monitoring.tasks it_failed kind=x", "warning"),
        ("2026-01-31T12:00:00.123456Z ERROR    zerostate_monitoring.tasks it_failed", "error"),
        ("Traceback (most recent call last):", "unknown"),
        ('"a word"', "unknown"),
        ('{"level": null}', "unknown"),
    ],
)
def test_line__of_words_has_the_level_that_it_names(text, level):
    """And the time at which it came."""
    entry = Alloy().entry(text, "another", now=5.0)
    assert entry.labels == {"service": "unknown", "environment": "compose", "level": level}
    assert (entry.metadata, entry.nanoseconds) == ({}, 5_000_000_000)


def test_file__keeps_every_bound_key():
    """What is bound as context can be asked for without reading the line."""
    process = parse(FILE.read_text()).one("loki.process", "lines")
    kept = set(process.one("stage.structured_metadata").attributes["values"])
    assert kept == {*KEYS, "trace_id", "span_id", "event", "logger"}
    read = set(process.one("stage.json").attributes["expressions"])
    assert read == kept | {"level", "timestamp"}


def test_file__sends_to_where_loki_takes_it():
    """The path of the push API, and the service's name."""
    assert Alloy().url == f"http://loki:3100{PUSH_PATH}"


def test_file__that_says_what_nobody_here_knows_is_refused():
    """A stage that the stand-in does not carry out is no green test."""
    text = FILE.read_text().replace("stage.labels", "stage.drop")
    with pytest.raises(KeyError):
        Alloy(text)


def test_parse__reads_blocks_and_values():
    """Comments, labels, references, lists and objects."""
    made = parse('a "b" {\n  // no\n  c = [1, "x\\\\", d.e]\n  f = { g = true, "h" = null, }\n}')
    assert made.blocks == [
        Block("a", "b", {"c": [1, "x\\", Reference("d.e")], "f": {"g": True, "h": None}})
    ]


@pytest.mark.parametrize(
    "text", ["a {", "a = ", 'a = "x', "a b", "a = 1 a = 2", "a = [1 2]", "a }", "a = f(1)"]
)
def test_parse__names_the_line_of_what_it_cannot_read(text):
    """As an operator must find it."""
    with pytest.raises(RiverError, match=r"line \d"):
        parse(text)


def test_tail__gives_whole_lines_once(tmp_path: Path):
    """A half one waits for its end."""
    path = tmp_path / "log"
    tail = Tail(path)
    assert tail.lines() == []
    path.write_text("a\nb")
    assert tail.lines() == ["a"]
    with path.open("a") as file:
        file.write("c\n")
    assert tail.lines() == ["bc"]
