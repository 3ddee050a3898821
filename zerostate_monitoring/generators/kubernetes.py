"""The part ``kubernetes``: objects of a cluster that has the Prometheus operator and Grafana.

Rules become PrometheusRule objects, one for each group; scrape jobs become ScrapeConfigs;
receivers and routes become an AlertmanagerConfig; dashboards become ConfigMaps with the label
by which Grafana's sidecar finds them. ``kustomization.yaml`` names all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators import parts
from zerostate_monitoring.generators.alertmanager.objects import SECRET, config_object
from zerostate_monitoring.generators.comments import comment, warnings
from zerostate_monitoring.generators.kubernetes_names import is_name, object_name, object_names
from zerostate_monitoring.generators.kubernetes_scraping import process_spec, scrape_spec
from zerostate_monitoring.generators.node_series import node_group
from zerostate_monitoring.generators.node_targets import targets
from zerostate_monitoring.generators.options import ExportOptions, Files, NodesBy
from zerostate_monitoring.generators.prometheus_rules import outgoing, target_of
from zerostate_monitoring.generators.scrape_jobs import Job, page_job
from zerostate_monitoring.generators.scrape_warnings import Scraped
from zerostate_monitoring.generators.scraping import scrape_jobs, scraped
from zerostate_monitoring.rules.files import PrometheusRule, write_prometheus_rule
from zerostate_monitoring.rules.files.writing import dump, prepared

MOST_BYTES: Final = 1024 * 1024
"""Of a ConfigMap's data, by the rules of Kubernetes; other objects have a little more."""

LABELS: Final[Mapping[str, str]] = {
    "app.kubernetes.io/name": "zerostate-monitoring",
    "app.kubernetes.io/part-of": "zerostate",
}
"""On every object; a Prometheus selects its rules and scrape configurations by them."""

WEB: Final[Mapping[str, str]] = {**LABELS, "app.kubernetes.io/component": "web"}
"""On the service of the web processes."""

SIDECAR: Final[Mapping[str, str]] = {"grafana_dashboard": "1"}
FOLDER: Final[Mapping[str, str]] = {"grafana_folder": "ZeroState"}

_MADE: Final = "Made by manage.py monitoring_export kubernetes; do not change it here."
_KUSTOMIZATION: Final = "kustomization.yaml"
_OPERATOR: Final = "monitoring.coreos.com"
_YOUNG: Final = frozenset({"ScrapeConfig", "AlertmanagerConfig"})
_PREFIX: Final = "zerostate"
_STRATEGY: Final = (
    "Alerts have no label namespace, so the Alertmanager that takes this needs "
    "alertmanagerConfigMatcherStrategy: {type: None}; else it asks for one, and tells nobody."
)
_KEYS: Final = "Secrets stand in keys of the Secret {secret}, which you make in this namespace:"
_PROCESSES: Final = "zerostate-monitoring-processes"


def files(options: ExportOptions) -> Files:
    """All objects, and a kustomization that names them.

    Raises:
        ConfigurationError: an option cannot be, or an object would be too large.
        RuleFileError: a rule cannot be said to that version of Prometheus.
    """
    options = replace(options, file_sd=False)
    objects = {
        **_scrape_configs(options),
        "processes.yaml": _process_monitor(options),
        **_rules(options),
        "alertmanager.yaml": _alertmanager_config(options),
        **_dashboards(options),
    }
    _check(objects, options)
    return {_KUSTOMIZATION: _kustomization(objects, options), **objects}


def _check(objects: Files, options: ExportOptions) -> None:
    if not is_name(options.namespace):
        raise ConfigurationError(f"namespace cannot be {options.namespace!r}: see RFC 1123.")
    for path, text in objects.items():
        if (size := len(text.encode())) > MOST_BYTES:
            raise ConfigurationError(
                f"{path} would have {size} bytes; Kubernetes takes {MOST_BYTES}. "
                "Divide the group of rules, or the dashboard."
            )


def _kustomization(objects: Files, options: ExportOptions) -> str:
    return comment(_MADE) + dump(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": options.namespace,
            "resources": list(objects),
        }
    )


def _object(kind: str, name: str, options: ExportOptions, **content: Any) -> dict[str, Any]:
    version = "v1alpha1" if kind in _YOUNG else "v1"
    return {
        "apiVersion": f"{_OPERATOR}/{version}",
        "kind": kind,
        "metadata": {"name": name, "namespace": options.namespace, "labels": dict(LABELS)},
        **content,
    }


# -- what is scraped -----------------------------------------------------------------


def _scrape_configs(options: ExportOptions) -> dict[str, str]:
    found = scraped(options)
    jobs = [_with_addresses(job, found) for job in scrape_jobs(options, found)]
    asking = {job["job_name"]: job for job in jobs if job.get("static_configs") != []}
    names = object_names(_PREFIX, asking)
    return {
        f"scrape/{names[job]}.yaml": _scrape_config(asking[job], names[job], options)
        for job in asking
    }


def _with_addresses(job: Job, found: Scraped) -> Job:
    """There are no files beside an object: nodes of a list that stands in one stand in it."""
    if "file_sd_configs" not in job:
        return job
    lists = {each.job: targets(each.nodes) for each in found.lists}
    kept = {key: value for key, value in job.items() if key != "file_sd_configs"}
    return {**kept, "static_configs": lists[job["job_name"]]}


def _scrape_config(job: Job, name: str, options: ExportOptions) -> str:
    return comment(_MADE) + dump(_object("ScrapeConfig", name, options, spec=scrape_spec(job)))


def _process_monitor(options: ExportOptions) -> str:
    note = (
        "What each web process counted by itself. Totals of all processes stand on the merged "
        "page, which is asked once, by a ScrapeConfig: this one asks every pod."
    )
    spec = process_spec(page_job(options, conf.PAGE_MAX_SERIES), WEB)
    return comment(_MADE, note) + dump(_object("ServiceMonitor", _PROCESSES, options, spec=spec))


# -- rules ---------------------------------------------------------------------------


def _rules(options: ExportOptions) -> dict[str, str]:
    found, target = outgoing(), target_of(options)
    groups = list(found.groups)
    if options.nodes == NodesBy.PROMETHEUS:
        groups.append(node_group(options.scrape_interval_seconds))
    # An object is checked when it is written; this refuses what stands twice over all of them.
    prepared(groups, target)
    names = object_names(_PREFIX, [group.name for group in groups])
    texts: dict[str, str] = {}
    for group in groups:
        name = names[group.name]
        rule = PrometheusRule(
            name=name, namespace=options.namespace, groups=(group,), labels=LABELS
        )
        head = comment(_MADE) + ("" if texts else warnings(found.notes))
        texts[f"rules/{name}.yaml"] = head + write_prometheus_rule(rule, target).text
    return texts


# -- who is told ---------------------------------------------------------------------


def _alertmanager_config(options: ExportOptions) -> str:
    """Receivers and routes; secrets are keys of one Secret, which is somebody else's to make."""
    made = config_object(options)
    keys = [f"{key}: {holds}" for key, holds in made.keys.items()]
    listed = comment(_KEYS.format(secret=SECRET), *keys) if keys else ""
    head = comment(_MADE, _STRATEGY) + warnings(made.said) + listed
    spec = dict(made.spec)
    return head + dump(_object("AlertmanagerConfig", "zerostate-monitoring", options, spec=spec))


# -- dashboards ----------------------------------------------------------------------


def _dashboards(options: ExportOptions) -> dict[str, str]:
    made = parts.PARTS["dashboards"].files(options)
    texts = {PurePosixPath(path).name: text for path, text in sorted(made.items())}
    return {
        f"dashboards/{PurePosixPath(name).stem}.yaml": _config_map(name, text, options)
        for name, text in texts.items()
    }


def _config_map(name: str, text: str, options: ExportOptions) -> str:
    stem = PurePosixPath(name).stem.removeprefix("zerostate-")
    return comment(_MADE) + dump(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": object_name("zerostate-dashboard", stem),
                "namespace": options.namespace,
                "labels": {**LABELS, **SIDECAR},
                "annotations": dict(FOLDER),
            },
            "data": {name: text},
        }
    )
