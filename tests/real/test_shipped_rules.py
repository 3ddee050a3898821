"""What promtool says of the rules that we export, and of their tests."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from itertools import product

import pytest
from django.core.management import call_command

from tests.real import shipped
from tests.real.promtool import PROMTOOLS
from tests.real.shipped import names, passing
from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.rules.shipped import GROUPS

RECORDED_NAMES = frozenset(shipped.RECORDED)
NEWER = [(promtool, "3") for promtool in PROMTOOLS[1:]]

pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db,
    # What is written for the newest Prometheus has nothing that the older would not take.
    pytest.mark.parametrize(("promtool", "target"), [*product(PROMTOOLS, ["2.42"]), *NEWER]),
]


def run(promtool, *arguments):
    command = [promtool, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=580, check=False)


@pytest.fixture
def exported(tmp_path, settings, target):
    settings.ZEROSTATE_MONITORING_BASE_URL = "https://ops.example"
    sync_rules(GROUPS, datetime(2026, 11, 26, tzinfo=UTC), using="default")
    call_command("alert_rules", "export", "--output", f"{tmp_path}/all.yml", "--tests",
                 "--target", target)  # fmt: skip
    return tmp_path


def test_export__passes_the_linter(exported, promtool, target):
    """All 66, with each warning an error."""
    said = run(promtool, "check", "rules", "--lint-fatal", exported / "all.yml")
    assert said.returncode == 0, said.stderr
    assert "66 rules found" in said.stdout


def test_export__passes_its_tests(exported, promtool, target):
    """Each rule is quiet, fires with these labels and texts, and is quiet again."""
    files = sorted(exported.glob("all_tests_*.yml"))
    assert len(files) == 2
    said = run(promtool, "test", "rules", *files)
    assert said.returncode == 0, said.stdout + said.stderr


def test_rules__each_passes_a_test_of_its_own(tmp_path, promtool, target):
    """Alerting and recording rules, and those for outside; no test looks at another one's rule."""
    assert passing(promtool, tmp_path) == set(names())
    assert len(names()) == 66


def test_rules__without_a_test_or_that_fail_it_are_not_counted(
    tmp_path, promtool, target, monkeypatch
):
    """A recorded value that is another one, and a rule of which nothing is expected."""
    monkeypatch.setitem(shipped.RECORDED, "zerostate:value_locked:avg5m", 99)
    monkeypatch.delitem(shipped.RECORDED, "zerostate:tasks_ended:increase5m")
    monkeypatch.setattr(shipped, "names", lambda: list(RECORDED_NAMES))
    lost = {"zerostate:value_locked:avg5m", "zerostate:tasks_ended:increase5m"}
    assert passing(promtool, tmp_path) == RECORDED_NAMES - lost
