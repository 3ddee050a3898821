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
