"""The numbers around a transition outlive the store that had them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.urls import reverse

from tests.alerting.evaluation.harness import INTERVAL_MS
from zerostate_monitoring.alerting.evidence import unpack

MINUTE_MS = 60_000


def lines(row):
    """Of evidence, by expression: times from its slot in minutes, and values."""
    found = unpack(row.series)
    return {
        part.expr: [
            (dict(line.labels).get("node"), (line.times[0] - row.at_ms) / MINUTE_MS,
             (line.times[-1] - row.at_ms) / MINUTE_MS, list(line.values))
            for line in part.lines
        ]
        for part in found.parts
    }  # fmt: skip


def test_evidence__at_pending_and_at_firing(story, client, admin_user):
    """Half an hour before to a quarter after each, of the expression and of what it compares.

    It stays when the store is emptied, and is what the post-mortem is told from.
    """
    rule = story.rule("fail > 0.2", 2)
    story.values["b"] = 0.1
    story.go(40)
    story.values["b"] = 0.5
    story.go(20)
    story.values["b"] = 0.3
    story.go(5)
    alert = story.alert(node="b")
    pending, firing = alert.evidence.order_by("at_ms")
    assert (pending.kind, firing.kind) == ("pending", "firing")
    assert (pending.at_ms, firing.at_ms) == tuple(
        round(at.timestamp() * 1000) for at in (alert.started_at, alert.fired_at)
    )
    assert firing.at_ms - pending.at_ms == 2 * MINUTE_MS
    per_minute = MINUTE_MS // INTERVAL_MS
    for row, quiet in ((pending, 30), (firing, 28)):
        assert row.complete_at is None
        found = lines(row)
        assert list(found) == ["fail > 0.2", "fail"]
        ((node, first, last, values),) = found["fail"]
        assert (node, first, last) == ("b", -30, 15)
        assert values == [0.1] * quiet * per_minute + [0.5] * ((45 - quiet) * per_minute + 1)
        ((_, first, last, _),) = found["fail > 0.2"]
        assert (first, last) == (quiet - 30, 15)

    before = lines(firing)
    story.empty()
    story.go(20)
    firing.refresh_from_db()
    assert lines(firing) == before
    at = datetime.fromtimestamp((firing.at_ms - 5 * MINUTE_MS) / 1000, UTC)
    text = story.told(rule, at, node="b")
    assert "The expression gives no series" in text
    assert "(from the evidence of its alerts)" in text
    assert 'fail {node="b"}: 0.1 is not above 0.2.' in text
    client.force_login(admin_user)
    page = client.get(reverse("admin:zerostate_monitoring_alert_explain", args=[alert.pk]))
    parts = [part for one in page.context["evidence"] for part in one["parts"]]
    # What fires is folded into what it is compared with: one picture of each transition.
    assert [part["expr"] for part in parts] == ["fail", "fail"]
    assert all("<figure" in part["figure"] for part in parts)


def test_evidence__is_completed_by_what_is_left(story):
    """A store that is emptied before the second part: what was kept stays."""
    story.rule("fail > 0.2")
    story.go(10)
    story.empty()
    story.go(20)
    (row,) = story.alert(node="b").evidence.all()
    assert row.complete_at is None
    ((_, first, last, _),) = lines(row)["fail"]
    assert (first, last) == (0, 15)
