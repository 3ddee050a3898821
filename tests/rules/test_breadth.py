"""How much matchers leave out."""

from __future__ import annotations

import pytest

from zerostate_monitoring.rules.breadth import is_open, may_have, meets_everything


@pytest.mark.parametrize(
    ("text", "everything", "opened"),
    [
        ('a=~".*"', True, True),
        ('a=~".*"\nb=~"(x|.*)"', True, True),
        ('a!="b"', False, True),
        ('a=~".*"\nb!=c', False, True),
        ('a=""', False, True),
        ('a=~".+"', False, False),
        ("a=b", False, False),
        ('a=b\nc=~".*"', False, False),
    ],
)
def test_broad_matchers__are_seen_without_alerts(text, everything, opened):
    """What meets everything, and what names nothing that must be there."""
    assert meets_everything(text) is everything
    assert is_open(text) is opened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("team=core", True),
        ("severity=critical", True),
        ('severity=~"critical|warning"', True),
        ("severity!=info", True),
        ("severity=warning", False),
        ("severity!=critical", False),
        ('severity!~"c.*"', False),
        ('severity=~"critical|warning"\nseverity!=critical', False),
        ('severity=""', False),
    ],
)
def test_severity__that_matchers_let_through(text, expected):
    """Other labels do not matter; all matchers of this one do."""
    assert may_have(text, "severity", "critical") is expected
