"""The doctor's findings as outcomes."""

from __future__ import annotations

from django.utils import translation

from zerostate_monitoring.doctor.finding import error, ok, unknown, warning
from zerostate_monitoring.health.findings import in_english, outcome_of, worst_of
from zerostate_monitoring.health.states import Status


def test_outcome_of__each_level_has_its_status():
    """Message and advice go along."""
    levels = [ok("a", "m"), warning("a", "m", "do"), error("a", "m", "do"), unknown("a", "m")]
    assert [outcome_of(one).status for one in levels] == [
        *(Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN)
    ]
    assert outcome_of(levels[1]).metadata == {"advice": "do"}


def test_worst_of__is_the_worst_with_those_that_are_as_bad():
    """An error among warnings is the answer; of many the first three are named."""
    found = [ok("a", "fine"), warning("b", "slow", "x"), error("c", "gone", "mend c")]
    told = worst_of(found, "collectors")
    assert (told.status, told.message) == (Status.UNHEALTHY, "c: gone")
    assert told.metadata == {"count": 3, "failing": 1, "advice": "mend c"}
    many = worst_of([error(f"e{n}", "gone", "x") for n in range(5)], "things")
    assert many.message == "e0: gone; e1: gone; e2: gone; and 2 more"


def test_worst_of__nothing_is_unknown():
    """Where there is nothing to judge nothing is healthy."""
    assert worst_of([], "collectors").status is Status.UNKNOWN
    assert worst_of([ok("a", "fine")], "collectors").status is Status.HEALTHY


def test_in_english__whoever_asks():
    """An outcome is kept and read by programs; the language of who asked comes back after it."""
    asked = in_english(lambda: outcome_of(ok("a", str(translation.get_language()))))
    with translation.override("de"):
        assert asked().message == "None"
        assert translation.get_language() == "de"
