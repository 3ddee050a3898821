"""The part ``scrape``: a Prometheus's own configuration, and files with addresses.

The page is one target however many processes answer for it: a balancer, or a service. Each of
them would give the same page, and sums would be multiples. Nodes are scraped by this app, and
stand on the page then, or by Prometheus; never by both.
"""

from __future__ import annotations

from typing import Any, Final

from zerostate_monitoring.collectors.node_scraping import current_rules
from zerostate_monitoring.collectors.policy import decided_policy
from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.addresses import program_url
from zerostate_monitoring.generators.comments import comment, commented_out, warnings
from zerostate_monitoring.generators.node_names import relabelings
from zerostate_monitoring.generators.node_targets import (
    enabled_nodes,
    node_lists,
    targets,
)
from zerostate_monitoring.generators.options import ExportOptions, Files, NodesBy
from zerostate_monitoring.generators.scrape_jobs import (
    EXPORTERS_JOB,
    TARGETS,
    Job,
    NodeJob,
    authorization,
    exporter_targets,
    exporters_job,
    node_job,
    page_job,
)
from zerostate_monitoring.generators.scrape_warnings import Scraped, scrape_warnings
from zerostate_monitoring.rules.files.writing import dump
from zerostate_monitoring.schedule import NODES

FILE: Final = "prometheus.yml"
ALERTMANAGERS: Final = "alertmanagers"

RULES: Final = ("rules/*.yml", "../rules/*.yml")
"""Beside this file, as on most servers; or as a whole export has them. One that is not is none."""

_MADE: Final = "Made by manage.py monitoring_export scrape. Paths begin at this file's directory."
_REMOTE: Final = "https://mimir.example/api/v1/push"
_REMOTE_HEAD: Final = (
    "To keep samples for longer than this server does, send them on: to Mimir "
    "(https://…/api/v1/push) or to the receiver of Thanos (https://…/api/v1/receive). Take the "
    "# off the lines below, or export with remote_write_url. Give each Prometheus "
    "external_labels of its own first, under global, such as cluster and replica."
)


def files(options: ExportOptions) -> Files:
    """``prometheus.yml``; with ``file_sd`` also ``targets/*.yml``, where all addresses stand.

    Raises:
        ConfigurationError: an option cannot be.
    """
    return written(options, scraped(options))


def scraped(options: ExportOptions) -> Scraped:
    """What the rows say of nodes; with nodes left to this app nothing of them is needed."""
    app_scrapes = not is_disabled(NODES)
    if options.nodes != NodesBy.PROMETHEUS:
        return Scraped(app_scrapes, (), ())
    lists = node_lists(enabled_nodes())
    steps = relabelings(current_rules(decided_policy()))
    jobs = tuple(
        NodeJob(
            key=each.key,
            wanted=each.wanted,
            url=program_url(options, "node_targets"),
            relabelings=steps,
            timeout=conf.NODE_TIMEOUT_SECONDS,
            max_bytes=conf.NODE_MAX_BYTES,
            max_series=conf.NODE_MAX_SERIES,
        )
        for each in lists
    )
    return Scraped(app_scrapes, lists, jobs)


def scrape_jobs(options: ExportOptions, found: Scraped) -> list[Job]:
    """All jobs, in their order.

    Raises:
        ConfigurationError: an option cannot be.
    """
    if options.job in {EXPORTERS_JOB, *(each.job for each in found.lists)}:
        raise ConfigurationError(f"job cannot be {options.job}: another job is called so.")
    nodes = [node_job(job, options) for job in found.jobs]
    exporters = [exporters_job(options)] if options.file_sd or options.exporters else []
    return [page_job(options, conf.PAGE_MAX_SERIES), *nodes, *exporters]


def written(options: ExportOptions, found: Scraped) -> Files:
    """The files, of values alone.

    Raises:
        ConfigurationError: an option cannot be.
    """
    jobs = scrape_jobs(options, found)
    document: dict[str, Any] = {
        "global": {
            "scrape_interval": jobs[0]["scrape_interval"],
            "scrape_timeout": jobs[0]["scrape_timeout"],
            "evaluation_interval": "30s",
        },
        "rule_files": list(RULES),
        **_alerting(options),
        "scrape_configs": jobs,
        **({"remote_write": _remote_write(options)} if options.remote_write_url else {}),
    }
    head = comment(_MADE) + warnings(scrape_warnings(options, found))
    text = head + dump(document) + ("" if options.remote_write_url else _remote_variant(options))
    return {FILE: text, **_target_files(options, found)}


def _alerting(options: ExportOptions) -> dict[str, Any]:
    if options.file_sd:
        config = {"file_sd_configs": [{"files": [f"{TARGETS}/{ALERTMANAGERS}.yml"]}]}
    elif options.alertmanagers:
        config = {"static_configs": [{"targets": list(options.alertmanagers)}]}
    else:
        return {}
    return {"alerting": {"alertmanagers": [config]}}


def _remote_write(options: ExportOptions) -> list[dict[str, Any]]:
    return [
        {
            "url": options.remote_write_url or _REMOTE,
            "name": "zerostate",
            "send_exemplars": True,
            **authorization("secrets/remote-write-token"),
        }
    ]


def _remote_variant(options: ExportOptions) -> str:
    document = {"remote_write": _remote_write(options)}
    return f"\n{comment(_REMOTE_HEAD)}{commented_out(dump(document))}"


def _target_files(options: ExportOptions, found: Scraped) -> Files:
    if not options.file_sd:
        if all(job.url for job in found.jobs):
            return {}
        return {f"{TARGETS}/{each.job}.yml": dump(targets(each.nodes)) for each in found.lists}
    alertmanagers = [{"targets": list(options.alertmanagers)}] if options.alertmanagers else []
    groups = {
        "page": [{"targets": [options.address]}],
        ALERTMANAGERS: alertmanagers,
        EXPORTERS_JOB: exporter_targets(options),
        **{each.job: targets(each.nodes) for each in found.lists},
    }
    return {f"{TARGETS}/{name}.yml": dump(each) for name, each in groups.items()}
