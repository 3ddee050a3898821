"""Lines, as they are written."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.logs.conftest import Written
from zerostate_monitoring import logs
from zerostate_monitoring.logs.chain import moment
from zerostate_monitoring.logs.rendering import LONGEST_LINE

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")
MEGABYTE = "x" * 1024 * 1024


def test_line__of_the_standard_library(as_json):
    """An event and its extra are keys; time, level, logger and service are there."""
    as_json.logger.warning("collection_failed", extra={"kind": "timeout", "seconds": 1.5})

    line = as_json.line
    assert ISO.match(line.pop("timestamp"))
    assert line == {
        "level": "warning",
        "event": "collection_failed",
        "logger": as_json.logger.name,
        "service": "web",
        "kind": "timeout",
        "seconds": 1.5,
    }


def test_line__of_structlog_has_the_same_form(as_json):
    """One chain: the same keys for the same event."""
    as_json.logger.info("it_happened %s", "twice", extra={"a": 1})
    as_json.native.info("it_happened %s", "twice", a=1)

    ours, theirs = as_json.lines
    assert {**ours, "timestamp": ""} == {**theirs, "timestamp": ""}
    assert [*ours] == [*theirs]


def test_timestamp__is_utc():
    """ISO 8601, with microseconds."""
    assert moment(0.5) == "1970-01-01T00:00:00.500000Z"


def test_extra__cannot_forge(as_json):
    """Nobody's keys pass for time, level, logger, service or event."""
    forged = {"level": "info", "logger": "x", "timestamp": "x", "service": "x", "event": "x"}
    as_json.logger.error("real", extra=forged)

    line = as_json.line
    assert (line["level"], line["event"], line["service"]) == ("error", "real", "web")
    assert line["logger"] == as_json.logger.name
    assert line["extra_level"] == "info"


def fail(error, cause=None):
    if cause is not None:
        try:
            fail(cause)
        except KeyError as known:
            raise error from known
    raise error


@pytest.mark.parametrize("form", ["json", "console"])
def test_values__cannot_begin_a_line_or_speak_to_a_terminal(form):
    """Newlines, control characters and escapes are spelt out."""
    evil = 'a\nERROR root forged\r\x1b]0;owned\x07\x9b31m"}\u2028'
    written = Written(form)
    written.logger.warning(evil, extra={"agent": evil, evil: evil})
    logs.bind(node=evil)
    written.native.warning(evil)

    assert len(written.text.splitlines()) == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]", written.text)


def test_context__of_a_megabyte(as_json):
    """It is cut where it is bound, and where it is written."""
    logs.bind(guild=MEGABYTE)
    as_json.logger.info(
        "event", extra={"value": MEGABYTE, "many": {str(i): "y" * 2000 for i in range(60)}}
    )

    assert len(as_json.text) < LONGEST_LINE + 1000
    assert as_json.line["shortened_from_bytes"] > LONGEST_LINE
    assert as_json.line["event"] == "event"


def test_context__stands_in_all_lines(as_json):
    """What is bound is in lines of both kinds; what a line says itself wins."""
    with logs.bound(node="n1", guild="g1"):
        as_json.logger.info("a", extra={"node": "other"})
        as_json.native.info("b")
    as_json.logger.info("c")

    a, b, c = as_json.lines
    assert (a["node"], a["guild"]) == ("other", "g1")
    assert (b["node"], b["guild"]) == ("n1", "g1")
    assert "node" not in c


def test_exception__is_structured(as_json):
    """Types, texts and places of the error and its cause; no values of variables."""
    password = "hunter2"
    try:
        fail(ValueError(f"password={password}"), KeyError("inner"))
    except ValueError:
        as_json.logger.exception("it_broke")

    line = as_json.line
    assert line["error_type"] == "builtins.ValueError"
    error, cause = line["exception"]
    assert (error["exc_type"], cause["exc_type"]) == ("ValueError", "KeyError")
    assert error["frames"][-1]["name"] == "fail"
    assert "hunter2" not in as_json.text


@pytest.mark.parametrize("form", ["json", "console"])
def test_exception__that_is_its_own_cause_ends(form):
    """A ring of causes costs a part of the line, and no more."""
    written, error, other = Written(form), ValueError("one"), KeyError("two")
    for one in (error, other):
        with suppress(type(one)):
            fail(one)
    error.__cause__, other.__cause__ = other, error
    written.logger.error("it_broke", exc_info=error)
    assert "builtins.ValueError" in written.text


def test_exception__in_the_console_is_indented(as_console):
    """Its text cannot pass for a line of its own, and holds no secret."""
    try:
        fail(ValueError("x\n2026-01-01T00:00:00Z ERROR forged token=abc123"))
    except ValueError:
        as_console.logger.exception("it_broke")

    first, *others = as_console.text.splitlines()
    assert "it_broke" in first
    assert all(line.startswith("  ") for line in others)
    assert "abc123" not in as_console.text


def test_arguments__that_do_not_fit_cost_no_line(as_json):
    """The line says what and where, and nobody's work breaks."""
    # Past pytest's own handler, which raises what it cannot write.
    record = logging.LogRecord("app", logging.INFO, "/src/app.py", 7, "number %d", ("x",), None)
    as_json.logger.handlers[0].handle(record)

    line = as_json.line
    assert (line["event"], line["broken"]) == ("log_line_broken", "number %d")
    assert line["place"] == "/src/app.py:7"


def test_levels__hold_for_structlog(as_json):
    """structlog's loggers follow the standard library's levels, also when these change."""
    as_json.logger.setLevel(logging.WARNING)
    as_json.native.info("not written")
    as_json.logger.setLevel(logging.INFO)
    as_json.native.info("written")

    assert [line["event"] for line in as_json.lines] == ["written"]


def test_trace__stands_in_the_line_while_a_span_records(as_json, monkeypatch):
    """As 32 and 16 hexadecimal digits; not of a span that nobody records."""
    context = SimpleNamespace(
        is_valid=True, trace_id=0xABC, span_id=0xD, trace_flags=SimpleNamespace(sampled=True)
    )
    recording = [True]
    span = SimpleNamespace(get_span_context=lambda: context, is_recording=lambda: recording[0])
    trace = SimpleNamespace(get_current_span=lambda: span)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", trace)
    as_json.logger.info("in")
    recording[0] = False
    as_json.logger.info("out")

    inside, outside = as_json.lines
    assert inside["trace_id"] == f"{0xABC:032x}"
    assert inside["span_id"] == f"{0xD:016x}"
    assert inside["trace_sampled"] is True
    assert "trace_id" not in outside


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.binary()))
def test_line__is_one_line_of_json_whatever_it_says(event, extra):
    """Each event is one line that can be read, with its level and its logger."""
    written = Written("json")
    written.native.info("e", **{f"k{key}": value for key, value in extra.items()})
    written.logger.info("%s", event)

    assert [line["level"] for line in written.lines] == ["info", "info"]
