"""In which unit an expression gives its values."""

from __future__ import annotations

import pytest

from zerostate_monitoring.admin.exploring.units import unit_of

TASKS = "zerostate_tasks_total"
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
        (f"sum(increase({TASKS}{{status='failed'}}[5m])) / sum(increase({TASKS}[5m]))", "ratio"),
        (f"1 - sum(rate({TASKS}{{status='failed'}}[5m])) / sum(rate({TASKS}[5m])) > 0.1", "ratio"),
        ("count(zerostate_node_up == 0) / count(zerostate_node_up) > 0.5", "ratio"),
        ("sum(zerostate_peer_connections) / count(zerostate_peer_connections)", ""),
        (f"sum(rate({TASKS}[5m])) / sum(rate(zerostate_receipts_verified_total[5m]))", ""),
        ("time() - zerostate_dispute_oldest_open_timestamp_seconds > 86400", "seconds"),
        ("2 < zerostate_node_scrape_duration_seconds", "seconds"),
        (f"sum({TASKS}) > 3 and zerostate_node_scrape_duration_seconds > 1", ""),
        (f"sum({TASKS}) > zerostate_node_scrape_duration_seconds", ""),
        ("sum(", ""),
        ("1", ""),
    ],
)
def test_unit__where_it_is_plain(expr, unit):
    """Else nothing is claimed."""
    assert unit_of(expr) == unit
