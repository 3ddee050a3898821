"""LOGGING for a project, as Django and programs without it take it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.logs import logging_settings, optional

ROOT = Path(__file__).resolve().parents[2]

DJANGO = """
import logging, sys
from django.conf import settings
from zerostate_monitoring import logs
levels = {{"quiet": "ERROR"}}
settings.configure(LOGGING=logs.logging_settings({form!r}, service="web", levels=levels))
import django
django.setup()
import structlog
logging.getLogger("any").info("an_event", extra={{"a": 1}})
logging.getLogger("quiet").info("not_written")
logging.getLogger("django.server").info('"GET /x?token=abc123 HTTP/1.1" 200 5')
logging.getLogger("django.request").warning("Not Found: %s", "/x")
structlog.get_logger("mine").info("another", b=2)
"""
WITHOUT = """
import sys
sys.modules["structlog"] = None
import logging
from zerostate_monitoring import logs
logs.bind(node="n")
try:
    logs.configure()
except Exception as error:
    print(type(error).__name__, error)
"""
LIGHT = """
import sys
import zerostate_monitoring.logs
import zerostate_monitoring.logs.sampling
heavy = {"structlog", "django_structlog", "django", "orjson", "opentelemetry"}
print(sorted(heavy & set(sys.modules)))
"""


def run(program):
    """What a program of its own wrote to both streams."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, check=False, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_django__writes_every_line_once_and_structured():
    """Its own lines, a library's and structlog's, through one handler."""
    _, written = run(DJANGO.format(form="json"))
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"].split(":")[0] for line in lines] == [
        "an_event",
        '"GET /x?token=[redacted] HTTP/1.1" 200 5',
        "Not Found",
        "another",
    ]
    assert {line["service"] for line in lines} == {"web"}
    assert lines[0]["a"] == 1


def test_runserver__says_nothing_of_a_request_that_has_its_line():
    """What it says of files, which no middleware sees, stays."""
    program = DJANGO.format(form="json") + (
        "\nlogs.bind(request_id='r')"
        "\nlogging.getLogger('django.server').error('\"GET /x HTTP/1.1\" 500 5')"
        "\nlogs.bind(request_id=None)"
        "\nlogging.getLogger('django.server').error('\"GET /static/x HTTP/1.1\" 404 5')"
    )
    _, written = run(program)
    assert "/static/x" in json.loads(written.splitlines()[-1])["event"]
    assert '"GET /x HTTP' not in written


def test_security__is_written_though_the_root_is_quiet():
    """Its level is its own."""
    program = DJANGO.format(form="json") + (
        "\nlogging.getLogger().setLevel('CRITICAL')"
        "\nfrom zerostate_monitoring.logs.security import SecurityEvent, tell"
        "\ntell(SecurityEvent.LOGIN_SUCCEEDED, username='who')"
    )
    _, written = run(program)
    assert json.loads(written.splitlines()[-1])["event"] == "login_succeeded"


def test_console__writes_the_same_for_people():
    """One line each, time first."""
    _, written = run(DJANGO.format(form="console"))
    assert len(written.splitlines()) == 4
    assert " INFO     any an_event service=web a=1" in written


def test_extra__that_is_missing_is_named():
    """Without structlog it is said what to install; all else goes on."""
    said, _ = run(WITHOUT)
    assert said.startswith("ConfigurationError")
    assert "pip install 'zerostate-monitoring[logs]'" in said


def test_import__is_light():
    """Nothing but the standard library, until somebody asks for structured lines."""
    said, _ = run(LIGHT)
    assert said.strip() == "[]"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"form": "xml"}, "form"),
        ({"level": "LOUD"}, "level of 'level'"),
        ({"levels": {"a.b": "loud"}}, "level of 'a.b'"),
        ({"first": -1}, "first"),
        ({"then_every": 0}, "then_every"),
        ({"first": True}, "first"),
    ],
)
def test_options__that_are_wrong_are_named(options, named):
    """The message says which argument, and what it may be."""
    with pytest.raises(ConfigurationError, match=named):
        logging_settings(**options)


def test_levels__of_djangos_loggers_keep_their_way():
    """Whoever sets one of them still gets its lines, once."""
    made = logging_settings(levels={"django.server": "ERROR", "a": "DEBUG"})["loggers"]
    assert made["django.server"] == {
        "handlers": [],
        "level": "ERROR",
        "propagate": True,
        "filters": logging_settings()["loggers"]["django.request"]["filters"],
    }
    assert made["a"] == {"level": "DEBUG"}


def test_needed__tells_a_missing_package_from_a_broken_one():
    """Only the packages of the extra are said to be missing."""
    with pytest.raises(ModuleNotFoundError):
        optional.needed("zerostate_monitoring.nowhere")
