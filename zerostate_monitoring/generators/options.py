"""What an operator may choose when files are written; one value, handed to every part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Files: TypeAlias = Mapping[str, str]
"""Texts by their places: relative POSIX paths, each text with one newline at its end."""


class NodesBy(StrEnum):
    """Who scrapes the nodes. One of the two, or each total would stand there twice."""

    APP = "app"
    PROMETHEUS = "prometheus"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Where things are in the stack for which the files are made."""

    job: str = "zerostate-monitoring"
    """``job`` of the merged page in Prometheus."""

    address: str = "127.0.0.1:8000"
    """Host and port under which Prometheus finds the page, whatever the number of replicas."""

    scheme: str = "http"
    metrics_path: str = "/metrics"

    token_file: str = ""
    """File with the page's bearer token, as Prometheus finds it; empty for none."""

    base_url: str = ""
    """Address of this project for people, for links; empty for none."""

    scrape_interval_seconds: float = 15.0
    nodes: NodesBy = NodesBy.APP

    prometheus_uid: str = "prometheus"
    loki_uid: str = "loki"
    jaeger_uid: str = "jaeger"
    """Uids of the data sources in Grafana."""

    raw_queries: bool = False
    """Whether dashboards ask for no rates that rules record: for a Prometheus without rules."""

    namespace: str = "zerostate"
    """Namespace of Kubernetes."""

    remote_write_url: str = ""
    """Where Prometheus sends its samples on, a Mimir or a Thanos; empty for nowhere."""

    file_sd: bool = False
    """Whether every address stands in ``targets/*.yml`` beside ``prometheus.yml``."""

    api_token_file: str = ""
    """File with the bearer token of the query API, which also opens the list of nodes."""

    webhook_token_file: str = "secrets/webhook-token"  # noqa: S105 - a path.
    """File with the token under which Alertmanager tells this app of its alerts."""

    exporters: tuple[tuple[str, str], ...] = ()
    """Exporters beside the page: ``job`` and address of each."""

    alertmanagers: tuple[str, ...] = ()
    """Addresses to which Prometheus sends alerts; none where this app evaluates and sends."""

    prometheus_version: str = "2.42"
    """Which Prometheus reads the rules: ``2.42``, which newer ones can read, too, or ``3``."""

    alertmanager_version: str = "0.25"
    """The oldest Alertmanager that must be able to read its file."""

    secrets_directory: str = "/etc/alertmanager/secrets"
    """Where Alertmanager finds those secrets whose files it does not look for beside its own."""
