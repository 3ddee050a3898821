"""Who was told of an alert, in a cell of a table."""

from __future__ import annotations

import re

from zerostate_monitoring.admin.alerts.standing import Told, told_text
from zerostate_monitoring.admin.alerts.telling import _why
from zerostate_monitoring.models import Alert, Message, OutboxEntry
from zerostate_monitoring.models.outbox import OutboxState


def test_told__commas_part_names_and_nothing_else():
    """No comma stands after the frame of a badge, nor at the end."""
    told = [Told("pager", OutboxState.SENT), Told("mail", OutboxState.DEAD), Told("hook", "sent")]
    text = re.sub(r"<[^>]+>", "", told_text(Alert(), told))
    assert text == "pager, ✖ mail hook"
    assert re.sub(r"<[^>]+>", "", told_text(Alert(), told[:2])) == "pager, ✖ mail"
    assert told_text(Alert(), told[:1]) == "pager"


def test_why__sentences_become_parts_of_one():
    """What a receiver answered ends with a full stop: none is left before a comma."""
    entry = OutboxEntry(state="sent")
    entry.message = Message(status=250, answer="Handed over for 1 recipient.", attempts=2)
    assert _why(entry) == "250, Handed over for 1 recipient, 2 tries"
