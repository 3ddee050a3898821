"""The parts of an export: what each is for, where it goes, and who writes it.

A part is a function ``files(options) -> Files``. Its paths begin beneath the part's
directory; what it has to say to the operator stands in its files, as comments that begin
with ``# Warning: `` (further lines with ``#   ``), and is repeated by whoever exports.

A part is named by its dotted path and imported when it is asked for: one of them brings a
library of some hundred modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from django.utils.module_loading import import_string

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.options import ExportOptions, Files

_ROOM: Final = "zerostate_monitoring.generators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A set of files that belong together."""

    name: str
    directory: str
    """Where its files are written, beneath the directory of the export."""

    path: str
    """The function that writes them, dotted."""

    title: str
    purpose: str
    """What it is for."""

    place: str
    """Where its files go."""

    reads: tuple[str, ...]
    """Models whose rows are told in its files: who may see those may see the files."""

    def files(self, options: ExportOptions) -> dict[str, str]:
        """Its files under their places in the export.

        Raises:
            MonitoringError: the definitions cannot be said in these files.
        """
        function = cast("Callable[[ExportOptions], Files]", import_string(self.path))
        return {f"{self.directory}/{name}": text for name, text in function(options).items()}


_ALL: Final = (
    Part(
        name="dashboards",
        directory="dashboards",
        path=f"{_ROOM}.dashboards.grafana.files",
        title="Dashboards",
        purpose="Dashboards of Grafana with the thresholds of the alert rules.",
        place=(
            "Into the directory of a Grafana provider of dashboards, or to a Grafana by its API: "
            "manage.py monitoring_export --grafana URL."
        ),
        reads=("rule",),
    ),
    Part(
        name="rules",
        directory="rules",
        path=f"{_ROOM}.prometheus_rules.files",
        title="Rules",
        purpose="Alerting and recording rules of Prometheus, made of the rules in this admin.",
        place="Where the export puts them, or beside prometheus.yml: it names both in rule_files.",
        reads=("rule", "rulegroup"),
    ),
    Part(
        name="scrape",
        directory="prometheus",
        path=f"{_ROOM}.scraping.files",
        title="Scrape configuration",
        purpose="prometheus.yml: what is scraped, how often, and who evaluates.",
        place="To the Prometheus, as its --config.file.",
        reads=("node", "rule"),
    ),
    Part(
        name="alertmanager",
        directory="alertmanager",
        path=f"{_ROOM}.alertmanager.files",
        title="Alertmanager",
        purpose="Receivers, routes, inhibitions and time intervals of this admin.",
        place="To the Alertmanager, as its --config.file. Secrets are files that you put there.",
        reads=("receiver", "route", "inhibition", "maintenancewindow"),
    ),
    Part(
        name="kubernetes",
        directory="kubernetes",
        path=f"{_ROOM}.kubernetes.files",
        title="Kubernetes",
        purpose="ScrapeConfig, PrometheusRule, AlertmanagerConfig and dashboards as objects of a "
        "cluster.",
        place="kubectl apply, or as resources of a kustomization.",
        reads=(
            *("node", "rule", "rulegroup"),
            *("receiver", "route", "inhibition", "maintenancewindow"),
        ),
    ),
)

PARTS: Final[Mapping[str, Part]] = MappingProxyType({part.name: part for part in _ALL})
"""All parts by their names, in the order in which they are written."""


def chosen(names: Iterable[str] = ()) -> tuple[Part, ...]:
    """The parts of these names, each once, in the registry's order; all where there are none.

    Raises:
        ConfigurationError: there is no such part.
    """
    wanted = tuple(names) or tuple(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        raise ConfigurationError(f"There is no part {unknown[0]!r}; parts are {', '.join(PARTS)}.")
    return tuple(part for part in PARTS.values() if part.name in wanted)


def exported(options: ExportOptions, names: Iterable[str] = ()) -> dict[str, str]:
    """All files of the parts of these names, all of them where there are none.

    Raises:
        ConfigurationError: there is no such part.
        MonitoringError: the definitions cannot be said in these files.
    """
    files: dict[str, str] = {}
    for part in chosen(names):
        files |= part.files(options)
    return files
