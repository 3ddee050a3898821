"""Does the server that answers in place of this app answer, and does it scrape the page?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Node
from zerostate_monitoring.querying.scraped import PAGE, has_nodes, has_page
from zerostate_monitoring.schedule import NODES

_TITLE: Final = "prometheus"
_NODES_TITLE: Final = "nodes"
_REACH: Final = gettext_noop(
    "Queries and rules have no answer until it does: look at ZEROSTATE_MONITORING_PROMETHEUS_URL, "
    "its token, its certificate, and the way there. Alerts are kept meanwhile."
)
_SCRAPE: Final = gettext_noop(
    "Give it the scrape job of docs/prometheus.md, and look at its page of targets. Alerts on what "
    "the page says are kept meanwhile, and no new one begins."
)
_BY_BOTH: Final = gettext_noop(
    "Let one of them do it: disable the collector %(name)s in admin, or take the jobs of nodes out "
    "of that server's configuration. See docs/prometheus.md."
)
_BY_NOBODY: Final = gettext_noop(
    "Enable the collector %(name)s in admin, or give that server the jobs of nodes: "
    "manage.py monitoring_export scrape, see docs/prometheus.md."
)


def examine_prometheus() -> Iterator[Finding]:
    """Nothing where no server is named."""
    if conf.PROMETHEUS_URL:
        yield judge_server(conf.PROMETHEUS_URL, int(time.time() * 1000))


def examine_node_scrapers() -> Iterator[Finding]:
    """Whether nodes are scraped by this app and by the server, or by neither; if it can be known.

    A server that does not answer is found elsewhere.
    """
    if not conf.PROMETHEUS_URL or not Node.objects.filter(enabled=True).exists():
        return
    try:
        there = has_nodes(int(time.time() * 1000))
    except MonitoringError:
        return
    yield from judge_node_scrapers(here=not is_disabled(NODES), there=there)


def judge_node_scrapers(*, here: bool, there: bool) -> Iterator[Finding]:
    """What is wrong with who scrapes the nodes; nothing where one of the two does."""
    if here and there:
        said = _("scraped by this app and by Prometheus: every sum over nodes is twice what it is")
        yield error(_NODES_TITLE, said, _(_BY_BOTH) % {"name": NODES})
    elif not here and not there:
        said = _("scraped by nobody, neither this app nor Prometheus")
        yield error(_NODES_TITLE, said, _(_BY_NOBODY) % {"name": NODES})


def judge_server(url: str, now_ms: int) -> Finding:
    """What one question to it tells."""
    try:
        found = has_page(now_ms)
    except MonitoringError as problem:
        said = _("%(url)s does not answer: %(problem)s") % {"url": url, "problem": problem}
        return error(_TITLE, said, _(_REACH))
    if not found:
        said = _("%(url)s has no %(series)s: it does not scrape the page")
        return error(_TITLE, said % {"url": url, "series": PAGE}, _(_SCRAPE))
    return ok(_TITLE, _("%(url)s answers, and scrapes the page") % {"url": url})
