"""Our webhook posts what Alertmanager posts of the same alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.notifiers.batches import alert, batch, target
from tests.notifiers.receiver import fake_receiver
from tests.real.alertmanager_posts import alertmanager
from tests.servers import wait_until
from zerostate_monitoring.notifiers.webhook import WebhookNotifier

pytestmark = pytest.mark.real

NOTIFIER = WebhookNotifier()
NOW = datetime.now(UTC).replace(microsecond=0)
LABELS = {"alertname": "NodeDown", "severity": "critical", "note": 'ü "quoted" \U0001f525'}
ANNOTATIONS = {"summary": "It is down.", "runbook_url": "https://ops.example/runbooks/down"}
# Where each is at home in a place of its own.
OWN = {"externalURL", "groupKey", "generatorURL"}


def ours(*alerts: Any) -> dict[str, Any]:
    """What this app posts, from the wire."""
    with fake_receiver() as receiver:
        to = target(url=receiver.url)
        told = batch(*alerts, receiver="on-call", group_labels={"alertname": "NodeDown"})
        NOTIFIER.send(NOTIFIER.compose(told, to), to, key="k", timeout=5)
        return dict(receiver.posted[0].json)


def view(number: int, node: str, ended: float | None = None) -> Any:
    return alert(
        number,
        labels={**LABELS, "node": node},
        annotations=ANNOTATIONS,
        starts_at=NOW - timedelta(minutes=5),
        is_firing=ended is None,
        ends_at=None if ended is None else NOW - timedelta(seconds=ended),
    )


def given(node: str, **times: str) -> dict[str, Any]:
    return {
        "labels": {**LABELS, "node": node},
        "annotations": ANNOTATIONS,
        "generatorURL": "http://prometheus.example/graph",
        "startsAt": written(NOW - timedelta(minutes=5)),
        **times,
    }


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def shape(value: Any) -> Any:
    """Types in place of values, at every depth."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """A body without what is each one's own; alerts in the order of their fingerprints."""
    alerts = [{k: v for k, v in one.items() if k not in OWN} for one in body["alerts"]]
    rest = {name: value for name, value in body.items() if name not in {*OWN, "alerts"}}
    return {**rest, "alerts": sorted(alerts, key=lambda one: one["fingerprint"])}


def test_webhook__has_the_shape_and_values_of_alertmanagers(tmp_path):
    """Keys, types, fingerprints, times and common labels; of firing alerts, then of ended ones."""
    with fake_receiver() as receiver, alertmanager(tmp_path, receiver.url) as server:
        server.post([given("a"), given("b")])
        wait_until(lambda: receiver.posted, 20, "it tells of both")
        firing = receiver.posted[-1].json
        ends = written(NOW - timedelta(seconds=1))
        server.post([given("a", endsAt=ends), given("b", endsAt=ends)])
        wait_until(lambda: receiver.posted[-1].json["status"] == "resolved", 20, "both ended")
        ended = receiver.posted[-1].json
        agent = receiver.posted[-1].headers["Content-Type"]

    for theirs, mine in (
        (firing, ours(view(1, "a"), view(2, "b"))),
        (ended, ours(view(1, "a", 1), view(2, "b", 1))),
    ):
        assert shape(mine) == shape(theirs)
        assert comparable(mine) == comparable(theirs)
    assert agent == "application/json"
