"""Programs that know Prometheus know this API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from prometheus_api_client import PrometheusConnect

from tests.api.conftest import NOW, TOKEN


@pytest.fixture
def client(api, live_server):
    return PrometheusConnect(
        url=f"{live_server.url}/monitoring", headers={"Authorization": f"Bearer {TOKEN}"}
    )


def when(seconds):
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.django_db(transaction=True)
def test_prometheus_api_client__asks(client):
    """Every question that the package can put."""
    assert client.check_prometheus_connection()
    assert {"up", "tasks_total", "old"} <= set(client.all_metrics())
    assert set(client.get_label_names()) >= {"job", "instance"}
    assert sorted(client.get_label_values("job")) == ["api", "node"]
    found = client.custom_query("sum by (job) (up)", params={"time": NOW})
    assert [one["value"] for one in found] == [[NOW, "1"], [NOW, "1"]]
    found = client.custom_query_range("up", when(NOW - 60), when(NOW), "15s")
    assert [len(one["values"]) for one in found] == [5, 5, 5]
    found = client.get_metric_range_data(
        "up", {"job": "node"}, start_time=when(NOW - 60), end_time=when(NOW)
    )
    assert len(found[0]["values"]) == 4


def test_grafana__asks(api):
    """What its data source sends: a check of health, names to choose from, a panel."""
    known = {"start": NOW - 3600, "end": NOW}
    assert (
        api.data("query", method="POST", query="1+1", time=f"{NOW}.123")["resultType"] == "scalar"
    )
    assert api.data("status/buildinfo")["version"]
    assert "job" in api.data("labels", method="POST", **known, limit=40000)
    assert "up" in api.data("label/__name__/values", **known)
    assert api.data("label/job/values", match=['up{instance="a"}'], **known) == ["api"]
    assert api.data("series", match=["up"], **known)
    assert api.answer("metadata", limit_per_metric=1)["data"]
    panel = {"query": "sum by(job) (rate(tasks_total[1m0s]))", "step": "15"}
    data = api.data("query_range", method="POST", **panel, start=f"{NOW - 3600}.000", end=NOW)
    assert data["resultType"] == "matrix"
