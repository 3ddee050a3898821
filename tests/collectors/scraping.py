"""Rows of nodes, their scrapes, and what stands in the store then."""

from __future__ import annotations

import os
import time

from zerostate_monitoring.collectors import node_scraping
from zerostate_monitoring.models import Node

PAGE = "# TYPE zerostate_peer_connections gauge\nzerostate_peer_connections 4\njunk 1\n"
LABELS = (("node", "n1"), ("node_role", "edge"), ("site", "fra1"))
API = (("node", "n1"), ("node_role", "api"), ("site", "fra1"))


def row(node, name="n1", **fields):
    values = {"base_url": node.url, "role": "edge", "labels": {"site": "fra1", "rack": "7"}}
    return Node.objects.create(name=name, **{**values, **fields})


def scrape(store, *rows, now=None):
    return node_scraping.scrape_chunk([r.pk for r in rows], store=store, now=now or time.time())


def shown(store, name="n1"):
    frame = store.snapshot().frames.get(f"node:{name}")
    return {} if frame is None else {(n, labels): v for n, labels, v in frame.samples()}


def other_worker():
    """From here on another process scrapes: nothing is known but what the store keeps."""
    node_scraping._scraper(os.getpid()).client.close()
    node_scraping._scraper.cache_clear()
