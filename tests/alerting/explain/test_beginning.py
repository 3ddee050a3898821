"""In its first half hour an explanation says what was seen, since when, and when it knows more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerting.making import rule
from zerostate_monitoring.alerting.explain import asking, explain
from zerostate_monitoring.models import Evaluation
from zerostate_monitoring.querying.readiness import Readiness

pytestmark = pytest.mark.django_db

SLOT = 1_700_000_100_000
AT = datetime.fromtimestamp(SLOT / 1000, UTC)
HALF_MINUTE = 30_000


@pytest.fixture(autouse=True)
def _young(monkeypatch):
    """History that began just now."""
    ready = Readiness(False, SLOT - 300_000, SLOT - 60_000, SLOT + 240_000)
    monkeypatch.setattr(asking, "readiness", lambda query, at_ms: ready)


def evaluated(row, *slots):
    for slot in slots:
        at = datetime.fromtimestamp(slot / 1000, UTC)
        Evaluation.objects.create(
            group=row.group, slot_ms=slot, started_at=at, duration_seconds=0.1, token=1, rules=1
        )


def seen(row):
    return " ".join(explain(row, now=AT).section("seen"))


def made():
    return rule(name="Failing", expr="rate(fail[5m]) > 0.2", for_duration=timedelta(minutes=2))


def test_fresh__nothing_was_evaluated():
    """That nothing was seen, when something will be, and what it hangs on."""
    row = made()
    said = seen(row)
    assert f"Nothing was seen yet: group {row.group} has not been evaluated." in said
    assert "once a worker and Celery's beat run" in said
    assert "its values are known from 2023-11-14 22:19:00 UTC on" in said
    assert "not evaluated yet." in explain(row, now=AT).section("slot")[0]


@pytest.mark.parametrize(("n", "word"), [(1, "1 evaluation since"), (3, "3 evaluations since")])
def test_few__how_many_since_when_and_when_something_can_fire(n, word):
    """Until the time of the rule's for has passed, nothing fires."""
    row = made()
    evaluated(row, *(SLOT - HALF_MINUTE * i for i in range(n)))
    said = seen(row)
    assert f"Seen so far: {word} 2023-11-14 22:" in said
    first = AT - timedelta(seconds=30 * (n - 1)) + timedelta(minutes=2)
    assert f"nothing can fire by it before {first:%Y-%m-%d %H:%M:%S} UTC" in said


def test_old__it_is_not_said():
    """After half an hour, of the past, and of what is disabled, nothing of it is said."""
    row = made()
    evaluated(row, SLOT - 1_800_000, SLOT)
    assert seen(row) == ""
    Evaluation.objects.all().delete()
    row.enabled = False
    row.save()
    assert seen(row) == ""
    row.enabled = True
    row.save()
    assert explain(row, AT - timedelta(minutes=1), now=AT).section("seen") == ()
