"""Scrape jobs in the words of the Prometheus operator: ``ScrapeConfig``. Pure.

A ScrapeConfig is asked of one address however many pods stand behind it. A ServiceMonitor asks
each pod: right for what a process counted by itself, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from zerostate_monitoring.generators.scrape_jobs import Job

SECRET: Final = "zerostate-monitoring"  # noqa: S105 - the name of an object.
"""The Secret with the tokens that Prometheus sends; its keys are called as the files are."""

_WORDS: Final[Mapping[str, str]] = {
    "job_name": "jobName",
    "honor_labels": "honorLabels",
    "scrape_interval": "scrapeInterval",
    "scrape_timeout": "scrapeTimeout",
    "metrics_path": "metricsPath",
    "scheme": "scheme",
    "body_size_limit": "bodySizeLimit",
    "sample_limit": "sampleLimit",
    "authorization": "authorization",
    "tls_config": "tlsConfig",
    "static_configs": "staticConfigs",
    "http_sd_configs": "httpSDConfigs",
    "refresh_interval": "refreshInterval",
    "relabel_configs": "relabelings",
    "metric_relabel_configs": "metricRelabelings",
    "source_labels": "sourceLabels",
    "target_label": "targetLabel",
    "credentials_file": "credentials",
    "ca_file": "ca",
    "cert_file": "cert",
    "key_file": "keySecret",
}
"""Of a ``prometheus.yml`` to those of the operator; what has the same name in both is not here."""

_UNKNOWN: Final = frozenset({"follow_redirects"})
"""What a ScrapeConfig cannot say of its targets."""

_AS_THEY_ARE: Final = frozenset({"labels", "params"})
_IN_SECRET: Final = frozenset({"credentials_file", "key_file"})
_SECRET_OR_MAP: Final = frozenset({"ca_file", "cert_file"})


def scrape_spec(job: Job) -> dict[str, Any]:
    """The ``spec`` of a ScrapeConfig that does what ``job`` does."""
    return dict(_translated(job))


def _translated(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_WORDS.get(k, k): _value(k, v) for k, v in value.items() if k not in _UNKNOWN}
    if isinstance(value, (list, tuple)):
        return [_translated(each) for each in value]
    return value


def _value(key: str, value: Any) -> Any:
    if key in _AS_THEY_ARE:
        return dict(value)
    if key in _IN_SECRET:
        return key_of(value)
    if key in _SECRET_OR_MAP:
        return {"secret": key_of(value)}
    return _translated(value)


def key_of(file: str) -> dict[str, str]:
    """Where in the Secret that stands which Prometheus would find in a file."""
    return {"name": SECRET, "key": PurePosixPath(file).name}


def process_spec(job: Job, labels: Mapping[str, str]) -> dict[str, Any]:
    """The ``spec`` of a ServiceMonitor: what each web process counted by itself.

    ``job`` is that of the merged page; ``labels`` are those of the service.
    """
    page = scrape_spec(job)
    authorization = {k: page[k] for k in ("authorization",) if k in page}
    return {
        "jobLabel": "app.kubernetes.io/component",
        "selector": {"matchLabels": dict(labels)},
        "endpoints": [
            {
                "port": "http",
                "path": page["metricsPath"],
                "scheme": page["scheme"],
                "params": {"scope": ["process"]},
                "interval": page["scrapeInterval"],
                "scrapeTimeout": page["scrapeTimeout"],
                **authorization,
            }
        ],
    }
