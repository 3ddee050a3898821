"""What silences, windows and inhibitions may say."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Inhibition, MaintenanceWindow, Silence

HOUR = timedelta(hours=1)


def faults(row):
    """Fields that are refused, with what is said."""
    with pytest.raises(ValidationError) as raised:
        row.clean()
    return {field: " ".join(said) for field, said in raised.value.message_dict.items()}


def silence(matchers="node=n1", starts=timedelta(0), length=HOUR, *, is_confirmed=False):
    start = timezone.now() + starts
    row = Silence(matchers=matchers, starts_at=start, ends_at=start + length)
    row.is_confirmed = is_confirmed
    return row


def test_silence__that_is_well():
    """An hour for one node, at once or later."""
    silence().clean()
    silence(starts=HOUR).clean()


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (lambda: silence("node="), "matchers", "Line 1: a value of node is missing."),
        (lambda: silence(""), "matchers", "at least one matcher"),
        (lambda: silence("\n{}"), "matchers", "at least one matcher"),
        (lambda: silence('node=~".*"'), "matchers", "leave nothing out"),
        (lambda: silence("node!=n1"), "matchers", "Confirm that this is meant"),
        (lambda: silence(length=-HOUR), "ends_at", "must end after it starts"),
        (lambda: silence(length=timedelta(0)), "ends_at", "must end after it starts"),
        (lambda: silence(starts=-2 * HOUR), "ends_at", "over already"),
        (lambda: silence(length=31 * 24 * HOUR), "ends_at", "more than 30 days"),
    ],
)
def test_silence__is_refused_by_field_and_reason(row, field, said):
    """Broken, too broad, over, too long: each says which field, and why."""
    found = faults(row())
    assert list(found) == [field]
    assert said in found[field]


def test_silence__that_is_long_or_broad_is_taken_when_confirmed():
    """What leaves nothing out is not taken even then."""
    silence("node!=n1", length=90 * 24 * HOUR, is_confirmed=True).clean()
    with pytest.raises(ValidationError):
        silence('node=~".*"', is_confirmed=True).clean()


def window(**fields):
    known = {"name": "w", "matchers": "node=n1", "kind": "weekly", "zone": "Europe/Berlin"}
    times = {"weekdays": [0], "start_time": time(2), "end_time": time(3)}
    return MaintenanceWindow(**{**known, **times, **fields})


def once(**fields):
    now = timezone.now()
    times = {"starts_at": now, "ends_at": now + HOUR, "weekdays": [], "start_time": None}
    return window(kind="once", **{**times, **fields})


def test_window__that_is_well():
    """Weekly ones need weekdays and times, those that come once need neither."""
    window().clean()
    window(start_time=time(22), end_time=time(6)).clean()
    once().clean()


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (lambda: window(matchers="node=~("), {"matchers"}),
        (lambda: window(weekdays=[]), {"weekdays"}),
        (lambda: window(weekdays=[7]), {"weekdays"}),
        (lambda: window(weekdays=[True]), {"weekdays"}),
        (lambda: window(weekdays="0"), {"weekdays"}),
        (lambda: window(zone="Mars/Olympus"), {"zone"}),
        (lambda: window(start_time=None, end_time=None), {"start_time", "end_time"}),
        (lambda: once(starts_at=None), {"starts_at"}),
        (lambda: once(ends_at=timezone.now() - HOUR), {"ends_at"}),
    ],
)
def test_window__is_refused_by_field(row, fields):
    """All that is wrong is told at once; and it has no schedule, either."""
    assert set(faults(row())) == fields
    if fields != {"matchers"}:
        with pytest.raises(RuleError):
            row().schedule()


def inhibition(source="a=b", target="c=d", equal=()):
    return Inhibition(name="i", source_matchers=source, target_matchers=target, equal=list(equal))


def test_inhibition__that_is_well():
    """Sides that differ, or the same with labels that must be equal."""
    inhibition().clean()
    inhibition("a=b", "a=b", ["node"]).clean()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (inhibition("a="), "source_matchers"),
        (inhibition(target=""), "target_matchers"),
        (inhibition(target='c=~".*"'), "target_matchers"),
        (inhibition("a=b\nc=d", 'c="d",a=b'), "target_matchers"),
        (inhibition(equal=["n o"]), "equal"),
        (inhibition(equal=["node", "node"]), "equal"),
        (Inhibition(source_matchers="a=b", target_matchers="c=d", equal="node"), "equal"),
    ],
)
def test_inhibition__is_refused_by_field(row, field):
    """Broken sides, strange labels, and one that would hold nothing back."""
    assert list(faults(row)) == [field]
