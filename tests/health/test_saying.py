"""What a worker or a beat does about its pulse."""

from __future__ import annotations

import logging

from zerostate_monitoring.health import pulse, saying, workers
from zerostate_monitoring.health.pulse import READY, Life

BEAT = Life("beat", "b@h", READY)


def test_into_file__if_one_is_named(settings, tmp_path):
    """The setting is read at each beat; without it there is no file."""
    saying.into_file(BEAT)
    settings.ZEROSTATE_MONITORING_PULSE_FILE = str(tmp_path / "pulse")
    saying.into_file(BEAT)
    assert pulse.read(tmp_path / "pulse", "ready").passes


def said(caplog):
    """The events of this room; checks of other tests may end meanwhile, and say so."""
    return [r.msg for r in caplog.records if r.name == "zerostate_monitoring.health.saying"]


def test_into_file__that_cannot_be_written_is_logged(settings, tmp_path, caplog):
    """The process goes on; a probe will see that the file is not there."""
    caplog.set_level(logging.WARNING)
    settings.ZEROSTATE_MONITORING_PULSE_FILE = str(tmp_path / "none" / "pulse")
    saying.into_file(BEAT)
    assert said(caplog) == ["pulse_not_written"]


def test_into_store__and_without_one(settings, caplog):
    """A store that is away costs a line, and nothing else; switched off, nobody is told."""
    caplog.set_level(logging.INFO)
    saying.into_store(BEAT)
    assert said(caplog) == ["pulse_not_told"]
    settings.ZEROSTATE_MONITORING_ENABLED = False
    saying.into_store(BEAT)
    assert len(said(caplog)) == 1


def test_into_store__not_while_it_starts(store):
    """A worker is told of once it takes messages."""
    saying.into_store(Life("worker", "w", pulse.STARTING))
    assert workers.pulses() == []


def test_into_store__is_seen_by_all(store):
    """Its note is there."""
    saying.into_store(BEAT)
    assert [(p.name, p.role) for p in workers.pulses()] == [("b@h", "beat")]
