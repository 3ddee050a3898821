"""How many series a Prometheus has of the example network: those of the merged page.

The stack of ``make stack`` with its ten nodes of the full profile, some scrapes after its start;
exporters and recorded series are not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from tests.example_project.stack import Stack, directory, stack
from tests.servers import wait_until
from zerostate_monitoring.rules.shipped.outside import JOB

SCRAPES: Final = 40
SECONDS: Final = 300
# Everything is collected some times before it is counted; life goes on at its own pace.
LAPSE: Final = "10"


def figures() -> Iterator[tuple[str, object]]:
    """Series of the page, as Prometheus keeps them."""
    with directory() as place, stack(place, STACK_LAPSE=LAPSE) as made:
        seen = f'count_over_time(zerostate_node_up{{node="bootnode-1"}}[1h]) >= {SCRAPES}'
        wait_until(lambda: ask(made, seen), SECONDS, f"{SCRAPES} scrapes of the nodes")
        yield "series_total", series(made)


def series(made: Stack) -> int:
    """Series of the page's last scrape, as they are kept."""
    return int(ask(made, f'scrape_samples_post_metric_relabeling{{job="{JOB}"}}'))


def ask(made: Stack, expression: str) -> float:
    """One number; 0 where there is none."""
    answer = made.get("prometheus", "/api/v1/query", query=expression)
    found = json.loads(answer)["data"]["result"] if answer else []
    return float(found[0]["value"][1]) if found else 0.0
