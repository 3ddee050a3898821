"""The options of an export as people give them: what each means, and texts made values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, get_type_hints

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.options import ExportOptions


class Kind(StrEnum):
    """How an option is given."""

    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    LIST = "list"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Option:
    """One field of ``ExportOptions``."""

    name: str
    kind: Kind
    default: Any
    help: str
    choices: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """What it belongs to."""
        return next(title for title, names in GROUPS.items() if self.name in names)

    @property
    def flag(self) -> str:
        """How it is called on a command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def label(self) -> str:
        """How it is called on a page."""
        return _LABELS.get(self.name, self.name.replace("_", " ").capitalize())

    def value(self, given: Any) -> Any:
        """What is given, as the field holds it.

        Raises:
            ConfigurationError: it is no pair where pairs are wanted.
        """
        if self.kind is Kind.PAIRS:
            return tuple(self._pair(text) for text in given)
        if self.kind is Kind.LIST:
            return tuple(given)
        return type(self.default)(given) if self.kind is Kind.CHOICE else given

    def _pair(self, text: str) -> tuple[str, str]:
        name, sign, address = text.partition("=")
        if not sign or not name or not address:
            raise ConfigurationError(
                f"{self.name} is job=host:port, such as node=node-exporter:9100, not {text!r}."
            )
        return name, address


HELP: Final[Mapping[str, str]] = MappingProxyType(
    {
        "job": "Label job of the merged page in Prometheus.",
        "address": "host:port under which Prometheus finds the page: that of the service before "
        "all replicas, never each of them.",
        "scheme": "http or https.",
        "metrics_path": "Path of the page.",
        "token_file": "File with the page's bearer token, as Prometheus finds it.",
        "base_url": "Address of this project for people, for links.",
        "scrape_interval_seconds": "How often Prometheus scrapes, in seconds.",
        "nodes": "Who scrapes the nodes: this app (app), whose page has their series, or "
        "prometheus itself. One of both, or every total would stand there twice.",
        "prometheus_uid": "Uid of the Prometheus data source in Grafana.",
        "loki_uid": "Uid of the Loki data source in Grafana.",
        "jaeger_uid": "Uid of the Jaeger data source in Grafana.",
        "raw_queries": "Let dashboards ask for no rates that rules record: for a Prometheus that "
        "scrapes the page and evaluates no rules.",
        "namespace": "Namespace of the objects for Kubernetes.",
        "remote_write_url": "Where Prometheus sends its samples on: a Mimir or a Thanos.",
        "file_sd": "Keep all addresses in targets/*.yml beside prometheus.yml.",
        "api_token_file": "File with the bearer token of the query API, as Prometheus finds it; "
        "it also opens the list of nodes.",
        "webhook_token_file": "File with the token under which Alertmanager tells this app of its "
        "alerts, as Alertmanager finds it.",
        "exporters": "An exporter that Prometheus scrapes beside the page: job=host:port.",
        "alertmanagers": "host:port of an Alertmanager to which Prometheus sends. None where this "
        "app evaluates and sends.",
        "prometheus_version": "Which Prometheus reads the rules: 2.42, which newer ones can read, "
        "too, or 3.",
        "alertmanager_version": "The oldest Alertmanager that must be able to read its file.",
        "secrets_directory": "Where Alertmanager finds the files of secrets.",
    }
)

GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "The page": (
            "job",
            "address",
            "scheme",
            "metrics_path",
            "token_file",
            "base_url",
        ),
        "Prometheus": (
            "scrape_interval_seconds",
            "nodes",
            "api_token_file",
            "exporters",
            "alertmanagers",
            "prometheus_version",
            "file_sd",
            "remote_write_url",
        ),
        "Alertmanager": ("webhook_token_file", "secrets_directory", "alertmanager_version"),
        "Grafana": ("prometheus_uid", "loki_uid", "jaeger_uid", "raw_queries"),
        "Kubernetes": ("namespace",),
    }
)
"""What belongs together."""


_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "base_url": "Address for people",
        "scrape_interval_seconds": "Scrape interval",
        "nodes": "Nodes are scraped by",
        "api_token_file": "API token file",
        "prometheus_uid": "Uid of Prometheus",
        "loki_uid": "Uid of Loki",
        "jaeger_uid": "Uid of Jaeger",
        "raw_queries": "Without recorded series",
        "remote_write_url": "Remote write to",
        "file_sd": "Addresses in files of their own",
    }
)


def options() -> tuple[Option, ...]:
    """All options, in the order of the fields."""
    hints = get_type_hints(ExportOptions)
    return tuple(_option(field.name, field.default, hints[field.name]) for field in _FIELDS)


def made(given: Mapping[str, Any]) -> ExportOptions:
    """The options of what was given by name; what is missing keeps its default.

    Raises:
        ConfigurationError: something given has not the form that it must have.
    """
    known = {option.name: option for option in options()}
    values = {name: known[name].value(value) for name, value in given.items() if name in known}
    return ExportOptions(**values)


def lines(text: str) -> Sequence[str]:
    """What stands on the lines of a text, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


_FIELDS: Final = fields(ExportOptions)


def _option(name: str, default: Any, hint: Any) -> Option:
    choices = tuple(type(default)) if isinstance(default, StrEnum) else ()
    return Option(name, _kind(default, hint), default, HELP.get(name, ""), choices)


def _kind(default: Any, hint: Any) -> Kind:
    if isinstance(default, tuple):
        return Kind.LIST if hint == tuple[str, ...] else Kind.PAIRS
    kinds = ((bool, Kind.SWITCH), (StrEnum, Kind.CHOICE), (float, Kind.NUMBER))
    return next((kind for type_, kind in kinds if isinstance(default, type_)), Kind.TEXT)
