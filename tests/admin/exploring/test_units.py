"""In which unit an expression gives its values."""

from __future__ import annotations

import pytest

from zerostate_monitoring.admin.exploring.units import unit_of

SECONDS = "zerostate_http_request_duration_seconds"


@pytest.mark.parametrize(
    ("expr", "unit"),
    [
        (f"histogram_quantile(0.9, sum by (le) (rate({SECONDS}_bucket[5m])))", "seconds"),
        (f"{SECONDS}_sum", "seconds"),
        (f"sum(rate({SECONDS}_sum[5m])) / sum(rate({SECONDS}_count[5m]))", "seconds"),
        (f"rate({SECONDS}_bucket[5m])", "/s"),
        (f"{SECONDS}_count", ""),
        (f"sum(rate({SECONDS}_count[5m]))", "/s"),
        ("sum by (node) (zerostate_node_scrape_duration_seconds)", "seconds"),
        ("max_over_time(zerostate_node_scrape_duration_seconds[5m]) > 3", "seconds"),
        ("count(zerostate_node_scrape_duration_seconds)", ""),
        ("rate(zerostate_tasks_total[5m])", "/s"),
        ("zerostate_node_up / 3", ""),
        ("1 + zerostate_node_scrape_duration_seconds", "seconds"),
        ("zerostate_node_scrape_duration_seconds > bool 1", ""),
        ("sum(", ""),
        ("1", ""),
    ],
)
def test_unit__where_it_is_plain(expr, unit):
    """Else nothing is claimed."""
    assert unit_of(expr) == unit
