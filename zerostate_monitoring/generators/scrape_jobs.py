"""Scrape jobs of a Prometheus as values, in the words of ``prometheus.yml``. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.node_names import OWN_LABELS, Relabeling
from zerostate_monitoring.generators.node_series import NODES_JOB
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.rules.durations import format_duration

Job = dict[str, Any]

EXPORTERS_JOB: Final = "exporters"
TARGETS: Final = "targets"
"""Directory of the files with addresses, beside ``prometheus.yml``."""
CREDENTIALS: Final = "credentials"
"""The parameter of the list of nodes that asks for those with certain credentials."""

_SECRETS: Final = "secrets"
_API_TOKEN: Final = f"{_SECRETS}/api-token"
_LONGEST_TIMEOUT: Final = 10.0
_REFRESH: Final = "30s"

_STORE_INFO: Final[Relabeling] = {
    "source_labels": ["__name__", "instance"],
    "regex": "zerostate_monitoring_store_info;(.+)",
    "target_label": "target",
    "replacement": "$1",
}
"""What PageScrapedTwice counts, where the page's other series lose their target."""


@dataclass(frozen=True, slots=True)
class NodeJob:
    """What a job of nodes is made of, beside the options.

    ``key`` and ``wanted`` as in ``NodeList``; ``url`` is where the list of nodes is asked for, or
    empty; limits in seconds, bytes and series.
    """

    key: str
    wanted: Sequence[str]
    url: str
    relabelings: Sequence[Relabeling]
    timeout: float
    max_bytes: int
    max_series: int


def page_job(options: ExportOptions, max_series: int) -> Job:
    """The merged page, once however many processes answer for it; a larger one is refused.

    Raises:
        ConfigurationError: an option cannot be.
    """
    addresses = _addresses([{"targets": [options.address]}], "page", options)
    return {
        "job_name": options.job,
        "honor_labels": False,
        **_times(options),
        "metrics_path": options.metrics_path,
        "scheme": options.scheme,
        **authorization(options.token_file),
        **addresses,
        "sample_limit": max_series,
        "metric_relabel_configs": [_STORE_INFO, *OWN_LABELS],
    }


def node_job(node_job: NodeJob, options: ExportOptions) -> Job:
    """Nodes that want the same credentials, with the labels and names that this app gives them.

    A label that both the node and its row have becomes ``exported_…``, as in this app:
    ``honor_labels`` is false.

    Raises:
        ConfigurationError: an option cannot be.
    """
    name = f"{NODES_JOB}-{node_job.key}" if node_job.key else NODES_JOB
    return {
        "job_name": name,
        "honor_labels": False,
        **_times(options, node_job.timeout),
        "follow_redirects": False,
        "body_size_limit": f"{node_job.max_bytes}B",
        "sample_limit": node_job.max_series,
        **_credentials(name, node_job.wanted),
        **_listed(node_job, name, options),
        **_same_job(node_job.key),
        "metric_relabel_configs": list(node_job.relabelings),
    }


def exporters_job(options: ExportOptions) -> Job:
    """Exporters beside the page; each has its own ``job``."""
    addresses = _addresses(exporter_targets(options), EXPORTERS_JOB, options)
    return {"job_name": EXPORTERS_JOB, **addresses}


def exporter_targets(options: ExportOptions) -> list[dict[str, Any]]:
    """Exporters as groups of targets."""
    return [{"targets": [address], "labels": {"job": job}} for job, address in options.exporters]


def credential_files(name: str, wanted: Sequence[str]) -> dict[str, str]:
    """Credentials that a job of nodes wants, and the files in which Prometheus finds them."""
    endings = {
        "token": "token",
        "ca_certificate": "ca.pem",
        "client_certificate": "client.pem",
        "client_key": "client.key",
    }
    return {each: f"{_SECRETS}/{name}.{endings[each]}" for each in endings if each in wanted}


def duration(seconds: float, name: str) -> str:
    """Seconds as a duration of Prometheus.

    Raises:
        ConfigurationError: it is none, or less than a millisecond; names the option.
    """
    if not math.isfinite(seconds) or not 0.001 <= seconds <= timedelta(days=366).total_seconds():
        raise ConfigurationError(f"{name} is more than 0 and at most a year, not {seconds:g}.")
    return format_duration(timedelta(milliseconds=round(seconds * 1000)))


def _times(options: ExportOptions, timeout: float = _LONGEST_TIMEOUT) -> Job:
    interval = options.scrape_interval_seconds
    return {
        "scrape_interval": duration(interval, "scrape_interval_seconds"),
        "scrape_timeout": duration(min(interval, timeout), "scrape_timeout"),
    }


def authorization(file: str) -> Job:
    """A bearer token from a file; nothing where there is none.

    The type is said: without it Prometheus 2.42 asks for lists of targets with the bare token.
    """
    return {"authorization": {"type": "Bearer", "credentials_file": file}} if file else {}


def _addresses(groups: Sequence[Mapping[str, Any]], name: str, options: ExportOptions) -> Job:
    """Targets, or the file in which they stand."""
    if options.file_sd:
        return {"file_sd_configs": [{"files": [f"{TARGETS}/{name}.yml"]}]}
    return {"static_configs": list(groups)}


def _listed(node_job: NodeJob, name: str, options: ExportOptions) -> Job:
    """Who tells which nodes there are: this app, or a file."""
    if options.file_sd or not node_job.url:
        return {"file_sd_configs": [{"files": [f"{TARGETS}/{name}.yml"]}]}
    url = f"{node_job.url}?{CREDENTIALS}={node_job.key}" if node_job.key else node_job.url
    token = authorization(options.api_token_file or _API_TOKEN)
    return {"http_sd_configs": [{"url": url, "refresh_interval": _REFRESH, **token}]}


def _same_job(key: str) -> Job:
    """Whichever credentials they want, they are the nodes."""
    if not key:
        return {}
    return {"relabel_configs": [{"target_label": "job", "replacement": NODES_JOB}]}


def _credentials(name: str, wanted: Sequence[str]) -> Job:
    files = credential_files(name, wanted)
    tls = {
        "ca_file": files.get("ca_certificate"),
        "cert_file": files.get("client_certificate"),
        "key_file": files.get("client_key"),
    }
    tls = {key: path for key, path in tls.items() if path}
    return {**authorization(files.get("token", "")), **({"tls_config": tls} if tls else {})}
