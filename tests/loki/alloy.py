"""A stand-in for Alloy: does with a line what the stack's ``config.alloy`` says, and sends it.

It reads that very file, and refuses what it does not know in it. Lines come from files instead
of the engine's datagrams.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import urllib3

from tests.loki.river import Reference, parse
from tests.packages import ROOT

FILE: Final = ROOT / "example_project" / "deploy" / "compose" / "alloy" / "config.alloy"
LOWER_OR_UNKNOWN: Final = "{{ if .Value }}{{ ToLower .Value }}{{ else }}unknown{{ end }}"
PUSH_PATH: Final = "/loki/api/v1/push"
_APART: Final = re.compile(r"(\.\d{6})\d*")


@dataclass
class Entry:
    """A line on its way."""

    text: str
    nanoseconds: int
    labels: dict[str, str]
    metadata: dict[str, str] = field(default_factory=dict)
    extracted: dict[str, Any] = field(default_factory=dict)


class Alloy:
    """The components of the file, as they are wired."""

    def __init__(self, text: str = "") -> None:
        file = parse(text or FILE.read_text())
        source = file.one("loki.source.syslog", "containers")
        process = file.one("loki.process", "lines")
        assert source.attributes == {
            "relabel_rules": Reference("loki.relabel.service.rules"),
            "forward_to": [Reference("loki.process.lines.receiver")],
        }
        assert process.attributes == {"forward_to": [Reference("loki.write.loki.receiver")]}
        names = {"logging", "loki.relabel", source.name, process.name, "loki.write"}
        assert {block.name for block in file.blocks} == names
        self.labels: dict[str, str] = source.one("listener").attributes["labels"]
        self.url: str = file.one("loki.write", "loki").one("endpoint").attributes["url"]
        self._rules = [rule.attributes for rule in file.one("loki.relabel", "service").blocks]
        self._stages = [(STAGES[block.name], block.attributes) for block in process.blocks]

    def entry(self, text: str, container: str, now: float | None = None) -> Entry:
        """A line of a container as it is sent on; ``now`` is when it came."""
        came = int((time.time() if now is None else now) * 1e9)
        entry = Entry(text, came, dict(self.labels))
        for rule in self._rules:
            _relabel(entry.labels, rule, {"__syslog_message_app_name": container})
        for stage, attributes in self._stages:
            stage(entry, **attributes)
        return entry


def _relabel(labels: dict[str, str], rule: Mapping[str, Any], known: Mapping[str, str]) -> None:
    (source,) = rule["source_labels"]
    assert set(rule) == {"source_labels", "regex", "target_label"}
    if match := re.fullmatch(rule["regex"], known[source]):
        labels[rule["target_label"]] = match[1]


def _regex(entry: Entry, *, expression: str) -> None:
    if match := re.search(expression, entry.text):
        entry.extracted |= match.groupdict()


def _json(entry: Entry, *, expressions: Mapping[str, str], drop_malformed: bool) -> None:
    assert not drop_malformed
    try:
        found = json.loads(entry.text)
    except ValueError:
        return
    if isinstance(found, dict):
        entry.extracted |= {name: found.get(path or name) for name, path in expressions.items()}


def _timestamp(entry: Entry, *, source: str, **how: str) -> None:
    assert how == {"format": "RFC3339Nano", "action_on_failure": "skip"}
    try:
        text = _APART.sub(r"\1", str(entry.extracted.get(source)))
        entry.nanoseconds = int(datetime.fromisoformat(text).timestamp() * 1e6) * 1000
    except ValueError:
        return


def _template(entry: Entry, *, source: str, template: str) -> None:
    assert template == LOWER_OR_UNKNOWN
    value = entry.extracted.get(source)
    entry.extracted[source] = str(value).lower() if value else "unknown"


def _put(extracted: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    found = {name: extracted.get(source or name) for name, source in values.items()}
    return {name: str(value) for name, value in found.items() if value is not None}


def _labels(entry: Entry, *, values: Mapping[str, str]) -> None:
    entry.labels |= _put(entry.extracted, values)


def _metadata(entry: Entry, *, values: Mapping[str, str]) -> None:
    entry.metadata |= _put(entry.extracted, values)


STAGES: Final[Mapping[str, Callable[..., None]]] = {
    "stage.regex": _regex,
    "stage.json": _json,
    "stage.timestamp": _timestamp,
    "stage.template": _template,
    "stage.labels": _labels,
    "stage.structured_metadata": _metadata,
}


# -- sending ------------------------------------------------------------------------


def push(url: str, entries: Sequence[Entry]) -> None:
    """Send lines as ``loki.write`` does, but for its compression; a refusal is ours."""
    streams: dict[str, dict[str, Any]] = {}
    for entry in entries:
        key = json.dumps(entry.labels, sort_keys=True)
        stream = streams.setdefault(key, {"stream": entry.labels, "values": []})
        stream["values"].append([str(entry.nanoseconds), entry.text, entry.metadata])
    answer = urllib3.request(
        "POST", url + PUSH_PATH, json={"streams": list(streams.values())}, timeout=10, retries=False
    )
    assert answer.status == 204, answer.data


class Tail:
    """New whole lines of a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._at = path, 0

    def lines(self) -> list[str]:
        """What came since the last time."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._at)
            whole = file.read().rpartition(b"\n")
        self._at += len(whole[0]) + len(whole[1])
        return [line for line in whole[0].decode(errors="replace").split("\n") if line]


@contextmanager
def shipping(url: str, logs: Mapping[str, Path], every: float = 0.1) -> Iterator[None]:
    """Ship what is written to ``logs``, files by container, until the block ends."""
    alloy, ended = Alloy(), threading.Event()
    tails = {container: Tail(path) for container, path in logs.items()}

    def ship() -> None:
        while not ended.is_set():
            found = [alloy.entry(text, name) for name, t in tails.items() for text in t.lines()]
            if found:
                push(url, found)
            ended.wait(every)

    thread = threading.Thread(target=ship)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
