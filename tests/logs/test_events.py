"""The table of events in the documents is what the source says."""

from __future__ import annotations

from tests.logs.events import ROOT, events, table
from zerostate_monitoring.logs.security import SecurityEvent

PAGE = (ROOT / "docs/logs.md").read_text()


def test_table__is_what_the_source_logs():
    """Each event, its level and keys; write it anew with ``python -m tests.logs.events``."""
    assert table() in PAGE
    assert len(events()) > 90


def test_security__events_are_documented():
    """Whoever alerts on one must know its name."""
    assert all(f"| `{event}` |" in PAGE for event in SecurityEvent)
