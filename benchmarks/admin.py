"""What pages of the admin cost on a large installation, with rows on PostgreSQL.

``overview_ms`` is the median server time of the overview with 10,000 series of an hour and 1,000
live alerts, ``alert_list_100k_ms`` that of the list of live alerts beside 100,000 that ended (and
as many messages, outbox entries, evaluations and silences), ``delivery_100k_ms`` that of the page
of delivery beside 100,000 messages, ``queries_per_page`` the most queries of any page, session and
user included: each list, and the page of a row of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.children import Child
from benchmarks.measuring import headline
from benchmarks.servers import embedded_store
from tests.sources.platform.cluster import cluster

SIZE: Final = 10_000
LIVE: Final = 1_000
PAST: Final = 100_000


def figures(size: int = SIZE, live: int = LIVE, past: int = PAST) -> Iterator[tuple[str, Any]]:
    """All four, each with what stands behind it."""
    with (
        cluster(fsync="off") as database,
        embedded_store() as url,
        Child("benchmarks.admin_site", url, database.port, size, live, past) as child,
    ):
        child.ask("set up")
        times = child.ask("time")
        queries = child.ask("count")
    yield from headline("overview_ms", times["overview"], "ms")
    yield from headline("delivery_100k_ms", {**times["delivery"], "rows": past}, "ms")
    own = {"overview", "delivery"}
    lists = {name: found for name, found in times.items() if name not in own}
    detail = {
        **times["alert"],
        "rows": past,
        "by_list_ms": {name: found["ms"] for name, found in lists.items()},
        "by_list_processor_ms": {name: found["processor_ms"] for name, found in lists.items()},
    }
    yield from headline("alert_list_100k_ms", detail, "ms")
    yield from headline(
        "queries_per_page", {"most": max(queries.values()), "by_page": queries}, "most"
    )
