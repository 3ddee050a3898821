"""Where tables are missing, commands and the doctor say what to do, and show no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

COMMANDS = (
    ("alert_rules", "export"),
    ("alert_rules", "test"),
    ("monitoring_explain", "Some"),
    ("monitoring_export", "--to", "{directory}"),
    ("monitoring_nodes", "list"),
    ("monitoring_secrets", "rotate"),
)
ASKED = """
import json, sys
import django
from django.core.management import CommandError, call_command
django.setup()
from django.db import connections
connections.settings["default"]["NAME"] = sys.argv[1]
said = []
for command in json.loads(sys.argv[2]):
    try:
        call_command(*command)
    except CommandError as error:
        said.append([error.returncode, str(error)])
    else:
        said.append([0, ""])
from zerostate_monitoring.doctor.examination import examine
print(json.dumps([said, [finding.as_dict() for finding in examine()]]))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each command ended with, and the doctor's findings, over an empty database."""
    directory = tmp_path_factory.mktemp("empty")
    commands = [[part.format(directory=directory / "out") for part in one] for one in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(directory / "empty.sqlite3"), json.dumps(commands)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "."},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said, findings = json.loads(done.stdout.splitlines()[-1])
    return dict(zip(COMMANDS, said, strict=True)), findings, done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands__say_that_tables_are_missing_and_how_they_are_made(command, told):
    """An operator has installed the app, and not migrated yet."""
    code, text = told[0][command]
    assert "no such table: zerostate_monitoring_" in text
    assert "manage.py migrate" in text
    assert code == (2 if command[0] == "monitoring_export" else 1)


def test_doctor__tells_once_what_to_do_about_missing_tables(told):
    """What cannot be looked at is unknown; no traceback is written."""
    _said, findings, errors = told
    broken = [one for one in findings if "no such table" in one["message"]]
    assert len(broken) > 5
    assert {one["level"] for one in broken} == {"unknown"}
    (migrations,) = (one for one in findings if one["name"] == "migrations")
    assert migrations["level"] == "error"
    assert "zerostate_monitoring.0001_initial" in migrations["message"]
    assert "manage.py migrate" in migrations["advice"]
    assert "Traceback" not in errors
