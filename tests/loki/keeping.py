"""What a Loki keeps of what comes: streams, within the limits of the stack's ``config.yaml``."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.generators.dashboards.logql import Line
from tests.packages import ROOT

FILE: Final = ROOT / "example_project" / "deploy" / "compose" / "loki" / "config.yaml"
_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_]")
_SIZE: Final = re.compile(r"(\d+)KB")
_HOURS: Final = re.compile(r"(\d+)h")


class RefusedError(Exception):
    """The answer's status, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Kept:
    """One line, and when it was written."""

    nanoseconds: int
    line: Line


class Keeping:
    """All lines that were taken, and the limits under which they were."""

    def __init__(self) -> None:
        self.limits: dict[str, Any] = yaml.safe_load(FILE.read_text())["limits_config"]
        self._lock = threading.Lock()
        self._kept: list[Kept] = []
        self._streams: set[tuple[tuple[str, str], ...]] = set()

    def lines(self) -> list[Kept]:
        """All of them."""
        with self._lock:
            return list(self._kept)

    def streams(self) -> list[dict[str, str]]:
        """The labels of each stream."""
        with self._lock:
            return [dict(labels) for labels in sorted(self._streams)]

    def take(
        self, stream: Mapping[str, str], entries: Iterable[tuple[int, str, Mapping[str, str]]]
    ) -> None:
        """Keep lines of one stream.

        Raises:
            RefusedError: a limit stands against it.
        """
        key = tuple(sorted(stream.items()))
        if not key:
            raise RefusedError(400, "at least one label pair is required per stream")
        if len(key) > self.limits["max_label_names_per_series"]:
            raise RefusedError(400, f"too many label names: {key}")
        made = [Kept(at, self._line(at, stream, text, data)) for at, text, data in entries]
        with self._lock:
            most = self.limits["max_global_streams_per_user"]
            if key not in self._streams and len(self._streams) >= most:
                raise RefusedError(429, "maximum active stream limit exceeded")
            self._streams.add(key)
            self._kept += made

    def _line(self, at: int, stream: Mapping[str, str], text: str, data: Mapping[str, str]) -> Line:
        oldest = _number(_HOURS, self.limits["reject_old_samples_max_age"]) * 3600
        if self.limits["reject_old_samples"] and at / 1e9 < time.time() - oldest:
            raise RefusedError(400, "entry too far behind")
        if data and not self.limits["allow_structured_metadata"]:
            raise RefusedError(400, "structured metadata is not allowed")
        longest = _number(_SIZE, self.limits["max_line_size"]) * 1024
        body = text.encode()
        if len(body) > longest and not self.limits["max_line_size_truncate"]:
            raise RefusedError(400, "max entry size exceeded")
        return Line(dict(stream), dict(data), body[:longest].decode(errors="ignore"))

    # -- OTLP -----------------------------------------------------------------------

    def take_otlp(self, body: bytes) -> None:
        """Keep an export, mapped as ``otlp_config`` says.

        Raises:
            RefusedError: a limit stands against it.
        """
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
            labels, data = self._mapped(resource.resource.attributes, self._resource_labels())
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    more, own = self._mapped(record.attributes, self._labels("log_attributes"))
                    entry = (record.time_unix_nano, record.body.string_value, data | own)
                    self.take(labels | more, [(*entry[:2], entry[2] | _fields(record))])

    def _resource_labels(self) -> set[str]:
        config = self.limits["otlp_config"]["resource_attributes"]
        assert config["ignore_defaults"] is True
        return _indexed(config["attributes_config"])

    def _labels(self, name: str) -> set[str]:
        return _indexed(self.limits["otlp_config"][name])

    def _mapped(self, pairs: Any, indexed: set[str]) -> tuple[dict[str, str], dict[str, str]]:
        labels, data = {}, {}
        for pair in pairs:
            to = labels if pair.key in indexed else data
            value = getattr(pair.value, pair.value.WhichOneof("value"))
            to[_NOT_IN_NAMES.sub("_", pair.key)] = str(value)
        return labels, data


def _number(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.fullmatch(text)
    assert match is not None, text
    return int(match[1])


def _indexed(config: list[Mapping[str, Any]]) -> set[str]:
    assert {one["action"] for one in config} == {"index_label"}
    return {name for one in config for name in one["attributes"]}


def _fields(record: Any) -> dict[str, str]:
    """Fields of a record of OpenTelemetry that become structured metadata."""
    found = {
        "severity_text": record.severity_text,
        "severity_number": str(record.severity_number),
        "trace_id": record.trace_id.hex(),
        "span_id": record.span_id.hex(),
    }
    return {name: value for name, value in found.items() if value}
