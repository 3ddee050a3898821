"""Whether somebody outside would hear of it if nothing left here any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zerostate_monitoring.doctor.finding import Level
from zerostate_monitoring.doctor.heartbeat import examine_heartbeat, judge_heartbeat
from zerostate_monitoring.models import Heartbeat

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def row(arrived=None, slot=None, called=None, error=""):
    """Times as seconds ago."""

    def ago(seconds):
        return None if seconds is None else NOW - timedelta(seconds=seconds)

    return Heartbeat(arrived_at=ago(arrived), slot_at=ago(slot), called_at=ago(called), error=error)


@pytest.mark.parametrize(
    ("found", "level", "said"),
    [
        (None, Level.ERROR, "never arrived"),
        (row(), Level.ERROR, "never arrived"),
        (row(200, 200, 200), Level.ERROR, "200 s ago"),
        (row(10, 200, 10), Level.ERROR, "old slot"),
        (row(10, 20, 200, "Timed out"), Level.WARNING, "Timed out"),
        (row(10, 20, error="Timed out"), Level.WARNING, "Timed out"),
        (row(10, 20, 30), Level.OK, "30 s ago"),
    ],
)
def test_heartbeat__from_the_canary_to_the_call(found, level, said):
    """What does not arrive is told before what is not called."""
    finding = judge_heartbeat(found, NOW, is_called=True)
    assert (finding.level, said in finding.message) == (level, True)
    assert level is Level.OK or finding.advice


def test_heartbeat__without_an_address_is_no_fault():
    """It says which setting would call somebody."""
    finding = judge_heartbeat(None, NOW, is_called=False)
    assert finding.level is Level.OK
    assert "ZEROSTATE_MONITORING_HEARTBEAT_URL" in finding.message


@pytest.mark.django_db
def test_heartbeat__is_read_from_its_row(settings):
    """The row of the canary, against the time of day."""
    settings.ZEROSTATE_MONITORING_HEARTBEAT_URL = "https://outside.example/ping"
    Heartbeat.objects.create(arrived_at=NOW, slot_at=NOW)
    [finding] = examine_heartbeat()
    assert finding.level is Level.ERROR
