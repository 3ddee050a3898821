"""What the admin's pages with charts weigh, with all that a browser loads that has seen none.

The charts have an hour of moving values, a sample every fifteen seconds, and as many lines as
they draw at most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from benchmarks.children import Child
from benchmarks.servers import embedded_store
from tests.real.chromium import chromium
from tests.sources.platform.cluster import cluster

KILOBYTE: Final = 1000
SIZE: Final = 1_000
"""Series beside those that are drawn."""
WAIT_MS: Final = 20_000
LOADED: Final = """["navigation", "resource"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
"""Bytes of the page and of all that it has loaded, as the browser has counted them."""


def figures(size: int = SIZE) -> Iterator[tuple[str, Any]]:
    """``page_weight_kb`` is of the heaviest page, unpacked; which it is stands beside it."""
    with (
        cluster(fsync="off") as database,
        embedded_store() as url,
        Child("benchmarks.pages_site", url, database.port, size) as child,
    ):
        weights = _weights(child.ask("serve"))
    heaviest = max(weights, key=lambda name: weights[name])
    yield "page_weight_kb", round(weights[heaviest] / KILOBYTE)
    by_page = {name: round(weight / KILOBYTE) for name, weight in weights.items()}
    yield (
        "page_weights",
        {"heaviest": heaviest, "median": _median(by_page.values()), "by_page": by_page},
    )


def _weights(served: Any) -> dict[str, int]:
    with chromium() as first:
        return {
            name: _weight(first.context.browser, served, path)
            for name, path in served["pages"].items()
        }


def _weight(browser: Any, served: Any, path: str) -> int:
    """Each page has a context of its own, whose cache is empty."""
    context = browser.new_context()
    try:
        cookie = {"name": "sessionid", "value": served["session"], "url": served["site"]}
        context.add_cookies([cookie])
        page = context.new_page()
        answer = page.goto(f"{served['site']}{path}", wait_until="networkidle", timeout=WAIT_MS)
        if answer is None or answer.status != 200 or "/login/" in page.url:
            raise RuntimeError(f"{path} gave no page")
        return int(page.evaluate(LOADED))
    finally:
        context.close()


def _median(weights: Collection[int]) -> int:
    return sorted(weights)[len(weights) // 2]
