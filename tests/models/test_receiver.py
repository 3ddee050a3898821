"""What routes may say."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from zerostate_monitoring.models import Route, RouteStep


def test_route__that_is_well():
    """As it stands when nothing was changed; and with each alert as its own message."""
    Route(name="r").clean()
    Route(name="r", matchers="severity=critical", group_by=["..."]).clean()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"matchers": "severity="}, "matchers"),
        ({"group_by": ["alert name"]}, "group_by"),
        ({"group_by": ["alertname", "alertname"]}, "group_by"),
        ({"group_by": ["...", "alertname"]}, "group_by"),
        ({"group_by": "alertname"}, "group_by"),
        ({"group_wait_seconds": -1}, "group_wait_seconds"),
        ({"group_interval_seconds": 0}, "group_interval_seconds"),
        ({"repeat_interval_seconds": 299}, "repeat_interval_seconds"),
    ],
)
def test_route__is_refused_by_field(fields, field):
    """Matchers, labels and times, each with its reason."""
    with pytest.raises(ValidationError) as raised:
        Route(name="r", **fields).clean()
    assert list(raised.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("matchers", "receivers", "refused"),
    [
        ("", [1, 2], False),
        ("", [1], True),
        ("", [1, 1], True),
        ("", [], True),
        ("severity=critical", [1], True),
        ('severity=~"crit.*"', [1], True),
        ("severity=warning", [1], False),
        ("severity!=critical", [1], False),
        ("severity=warning", [], True),
        ("severity=", [1], True),
    ],
)
def test_route_for_critical__needs_a_fallback(matchers, receivers, refused):
    """Two different receivers wherever a critical alert may come along; one elsewhere."""
    assert bool(Route(matchers=matchers).step_faults(receivers)) is refused
    assert Route(matchers=matchers, enabled=False).step_faults(receivers) == []


@pytest.mark.parametrize("seconds", [0, -1])
def test_step__with_no_time_is_refused(seconds):
    """Empty means: on failure only."""
    RouteStep(after_seconds=None).clean()
    with pytest.raises(ValidationError):
        RouteStep(after_seconds=seconds).clean()
