"""How many panels of the dashboards have data: over the example network, well and broken.

Panels of Loki are put to the tests' stand-in for it, over the network's own lines.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.real.panel_counts import Count, counts, has_data
from zerostate_monitoring.generators.dashboards.documentation import sums
from zerostate_monitoring.generators.dashboards.panels import placed


def figures(found: Sequence[Count] | None = None) -> Iterator[tuple[str, int | dict[str, int]]]:
    """Panels with data, and those that must have some; beside them who else was asked.

    Of ``found``, or of what is counted now.
    """
    if found is None:
        with tempfile.TemporaryDirectory(prefix="zs-panels-") as directory:
            found = counts(Path(directory))
    of, scraped = sums(placed()), sum(one.panel.outside for one in placed())
    yield "panels_with_data", sum(has_data(one, found) for one in placed())
    yield "panels_total", of.panels - of.planned
    detail = {"logs_by_a_stand_in": of.logs, "planned": of.planned, "scraped": scraped}
    yield "panels_total_detail", detail
