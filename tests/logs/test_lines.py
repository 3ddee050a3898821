"""Log lines with their keys."""

from __future__ import annotations

import logging

from zerostate_monitoring.logs import KeyValueFormatter


def formatted(message, **extra):
    record = logging.LogRecord("app", logging.INFO, "f", 1, message, None, None)
    vars(record).update(extra)
    return KeyValueFormatter("{levelname} {message}", style="{").format(record)


def test_line__has_its_keys():
    """What ``extra`` holds stands behind the message, each on one line."""
    assert formatted("collection_failed", collector="economic", error="two\nlines") == (
        "INFO collection_failed collector=economic error=two lines"
    )


def test_line__without_keys_is_as_it_was():
    """Nothing is added where there is nothing."""
    assert formatted("ready") == "INFO ready"


EVIL = "no\n2026-01-01 CRITICAL forged\x1b[2J\u202e\u2028INFO forged"


def test_line__of_an_error_cannot_be_followed_by_a_forged_one():
    """What an error says is somebody's text: it stays indented, and a terminal obeys nothing."""
    error = LookupError(EVIL)
    record = logging.LogRecord(
        "app", logging.ERROR, "f", 1, "failed", None, (LookupError, error, None)
    )
    record.stack_info = EVIL
    text = KeyValueFormatter("{levelname} {message}", style="{").format(record)
    first, *others = text.split("\n")
    assert first == "ERROR failed"
    assert len(others) > 3
    assert all(row.startswith("  ") for row in others)
    assert text.replace("\n", "").isprintable()


def test_line__of_evil_text_is_one():
    """In the message, in a key's value."""
    text = formatted(EVIL, given=EVIL)
    assert text.isprintable()
