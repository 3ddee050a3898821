"""What is absent stands in the log once."""

from __future__ import annotations

import logging

from zerostate_monitoring.collectors.absence import log_absences

NAME = "zerostate_monitoring.collectors.absence"
GONE = {"zerostate_b": "table escrows is missing", "zerostate_a": "table escrows is missing"}


def said(caplog, before, after):
    with caplog.at_level(logging.INFO, logger=NAME):
        caplog.clear()
        log_absences("economic", before, after)
    return [(r.message, r.levelname, r.families) for r in caplog.records]


def test_families__that_became_absent_are_named_with_the_reason(caplog):
    """Whoever reads the log learns which families are gone, of which collector, and why."""
    families = ["zerostate_a", "zerostate_b"]
    assert said(caplog, {}, GONE) == [("families_absent", "WARNING", families)]
    (record,) = caplog.records
    assert record.collector == "economic"
    assert record.reasons == ["table escrows is missing"]


def test_families__that_stay_absent_are_not_said_again(caplog):
    """A platform that lacks a table for weeks does not fill the log, only what is new is said."""
    assert said(caplog, GONE, GONE) == []
    more = {**GONE, "zerostate_c": "x"}
    assert said(caplog, GONE, more) == [("families_absent", "WARNING", ["zerostate_c"])]


def test_families__that_came_back_are_told(caplog):
    """That it is mended stands in the log too."""
    families = ["zerostate_a", "zerostate_b"]
    assert said(caplog, GONE, {}) == [("families_returned", "INFO", families)]
