"""What an operator has to know of a scrape configuration, and to do himself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.generators.node_targets import NodeList
from zerostate_monitoring.generators.options import ExportOptions, NodesBy
from zerostate_monitoring.generators.scrape_jobs import NodeJob, credential_files
from zerostate_monitoring.schedule import NODES

_NO_ALERTMANAGER: Final = (
    f"{PREFIX}EVALUATE is False, so this Prometheus is to send, but no Alertmanager is named: "
    "nobody is told of anything. Export with its address."
)
_TWO_SENDERS: Final = (
    f"This app evaluates and sends, too: set {PREFIX}EVALUATE = False before this Prometheus "
    "sends, or everybody is told twice."
)
_UNTIL_THEN_TWICE: Final = "Until then every sum over nodes is twice what it should be."
_UNTIL_THEN_NONE: Final = "Until then the list of nodes that Prometheus asks for is empty."


@dataclass(frozen=True, slots=True)
class Scraped:
    """Who scrapes the nodes, as the rows say, and what is needed for a Prometheus to do it."""

    app_scrapes: bool
    lists: tuple[NodeList, ...]
    jobs: tuple[NodeJob, ...]


def scrape_warnings(options: ExportOptions, found: Scraped) -> Iterator[str]:
    """Sentences for whoever reads the file."""
    if options.alertmanagers and conf.EVALUATE:
        yield _TWO_SENDERS
    elif not (options.file_sd or options.alertmanagers or conf.EVALUATE):
        yield _NO_ALERTMANAGER
    yield from _node_warnings(options, found)
    for each in found.lists:
        if each.key:
            yield _credentials_wanted(each)


def _node_warnings(options: ExportOptions, found: Scraped) -> Iterator[str]:
    if options.nodes != NodesBy.PROMETHEUS:
        if not found.app_scrapes:
            yield (
                f"Nobody scrapes the nodes: the collector {NODES} is disabled, and no job of this "
                "file does it. Enable it in admin, or export with nodes=prometheus."
            )
        return
    if found.app_scrapes:
        yield (
            f"This app scrapes the nodes, too: disable the collector {NODES} in admin. "
            f"{_UNTIL_THEN_TWICE if options.file_sd else _UNTIL_THEN_NONE}"
        )
    if options.file_sd or not all(job.url for job in found.jobs):
        yield "Nodes stand in files here: export anew whenever nodes come, go or change."
    elif not conf.API_TOKEN:
        yield (
            f"{PREFIX}API_TOKEN is not set, so Prometheus cannot ask for the list of nodes: set "
            "it, and put it into the file that the jobs of nodes name."
        )


def _credentials_wanted(nodes: NodeList) -> str:
    named = credential_files(nodes.job, nodes.wanted)
    wanted = ", ".join(f"{path} ({field.replace('_', ' ')})" for field, path in named.items())
    names = ", ".join(node.name for node in nodes.nodes[:5])
    more = f" and {len(nodes.nodes) - 5} more" if len(nodes.nodes) > 5 else ""
    return f"Secrets stand in no file here. Of {names}{more} put beside this file: {wanted}."
