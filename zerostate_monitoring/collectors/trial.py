"""Scrape one node while somebody waits: nothing is written, only told."""

from __future__ import annotations

import time
from dataclasses import dataclass

from zerostate_monitoring.collectors.outcome import kind_of
from zerostate_monitoring.collectors.policy import load_policy
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Node


@dataclass(frozen=True, slots=True)
class Trial:
    """What a node answered: kept families, samples of its page, seconds; or the error."""

    node: str
    families: int = 0
    samples: int = 0
    duration: float = 0.0
    kind: str = ""
    error: str = ""


def try_out(node: Node) -> Trial:
    """Scrape ``node`` as a worker would, from this process, within the node's timeout."""
    # All pages of the admin stand above this, and few who load them ask a node.
    from zerostate_monitoring.collectors.node_scraping import current_rules  # noqa: PLC0415
    from zerostate_monitoring.sources.nodes.scrape import Order, Scraper  # noqa: PLC0415
    from zerostate_monitoring.sources.nodes.target import (  # noqa: PLC0415
        current_limits,
        target_of,
    )

    order = Order(
        rules=current_rules(load_policy()),
        shown=tuple(conf.NODE_LABELS),
        interval=conf.NODES_INTERVAL_SECONDS,
    )
    scraper = Scraper()
    try:
        scrape = scraper.scrape(target_of(node, current_limits()), order, at=time.time())
    except ConfigurationError as error:
        return Trial(node.name, kind=kind_of(error), error=str(error))
    finally:
        scraper.client.close()
    return Trial(
        node.name,
        len(scrape.frame.schema.families),
        scrape.samples,
        scrape.duration,
        scrape.error_kind,
        scrape.error,
    )
