"""Does the platform answer, may it be read, and what if it says nothing?"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys

import pytest
from django.db import connections

from example_project.network.schema import TABLES
from tests.packages import ROOT
from zerostate_monitoring.doctor import Level
from zerostate_monitoring.doctor.project import examine_platform


@pytest.fixture
def platform(settings, monkeypatch):
    """Make the platform a SQLite database of this name."""

    def use(name, alias="platform"):
        settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = alias
        monkeypatch.setitem(connections.databases["platform"], "NAME", str(name))

    return use


def test_platform__none_is_fine():
    """A project without a platform lacks nothing."""
    (finding,) = examine_platform()

    assert finding.level is Level.OK


@pytest.mark.django_db(databases=["default", "platform"])
def test_platform__answers(platform, tmp_path):
    """How many tables can be read is told, and which are not there."""
    with contextlib.closing(sqlite3.connect(tmp_path / "platform.sqlite3")) as database:
        for table, text in TABLES.items():
            names = [column.split()[0] for column in text.split(",")]
            database.execute(f"CREATE TABLE {table} ({', '.join(names)})")
        platform(tmp_path / "platform.sqlite3")
        (before,) = examine_platform()
        database.execute("DROP TABLE bids")
        (after,) = examine_platform()

    assert (before.level, before.message) == (Level.OK, "answers; 14 tables can be read")
    assert after.level is Level.WARNING
    assert after.message == "answers; 13 tables can be read; table bids is missing"


@pytest.mark.django_db(databases=["default", "platform"])
@pytest.mark.parametrize(
    ("name", "alias", "words"),
    [
        ("/nowhere/platform.sqlite3", "platform", "unable to open"),
        (":memory:", "nowhere", "not among DATABASES"),
        (":memory:", "platform", "no platform table is readable"),
    ],
)
def test_platform__that_cannot_be_read_is_an_error_with_advice(platform, name, alias, words):
    """A file that is not there, an alias that is not there, a database without the tables."""
    platform(name, alias)

    (finding,) = examine_platform()

    assert finding.level is Level.ERROR
    assert words in finding.message
    assert "DATABASES[" in finding.advice


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "DATABASES['platform']"),
        # A project's own option wins, and the doctor does not wait for it.
        ({"connect_timeout": 600}, "no answer within"),
    ],
)
def test_platform__that_takes_the_connection_and_is_silent(options, words):
    """The command says so, and ends."""
    code = (
        "import django; django.setup();"
        "from django.core.management import call_command; call_command('monitoring_doctor')"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.doctor.silent_platform",
            "PLATFORM_PORT": str(server.getsockname()[1]),
            "PLATFORM_OPTIONS": json.dumps(options),
        }
        command = [sys.executable, "-c", code]
        # Those who wait for the threads at the end of the process wait for ten minutes.
        ended = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert ended.returncode == 1
    assert "platform" in ended.stdout
    assert words in ended.stdout
