"""What a worker runs for rules."""

from __future__ import annotations

from datetime import datetime
from unittest.mock import Mock

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from zerostate_monitoring import tasks
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.schedule import EVALUATION, beat_schedule
from zerostate_monitoring.tasks import alerting


@pytest.fixture
def tick(monkeypatch):
    made = Mock()
    monkeypatch.setattr(alerting, "tick", made)
    return made


def test_evaluate__ticks_with_the_time_of_now(tick):
    """The task is a door."""
    tasks.evaluate()
    (now,), _ = tick.call_args
    assert isinstance(now, datetime)
    assert now.tzinfo is not None


@pytest.mark.parametrize("name", ["ENABLED", "EVALUATE"])
def test_evaluate__does_nothing_where_it_is_switched_off(tick, settings, name):
    """Somebody else evaluates, or nobody."""
    setattr(settings, f"ZEROSTATE_MONITORING_{name}", False)
    tasks.evaluate()
    assert not tick.called


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), StoreUnavailableError("gone"), SoftTimeLimitExceeded()]
)
def test_evaluate__that_breaks_off_is_logged(tick, caplog, error):
    """The task fails for nobody: the next one is never far."""
    tick.side_effect = error
    tasks.evaluate()
    assert "evaluation_broken_off" in caplog.messages


def test_evaluate__has_a_queue_and_limits_of_its_own(sent, settings):
    """Collectors that take long delay no alert; beat and other senders say the same."""
    settings.ZEROSTATE_MONITORING_EVALUATE_QUEUE = "rules"
    tasks.evaluate.apply_async()
    [(_, _, _, options)] = sent
    entry = beat_schedule()["zerostate_monitoring: rules"]["options"]
    for found in (options, entry):
        assert found["queue"] == "rules"
        assert found["expires"] == 5
        assert (found["soft_time_limit"], found["time_limit"]) == (EVALUATION.soft, EVALUATION.hard)
