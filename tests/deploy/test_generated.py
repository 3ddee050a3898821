"""What is generated for the deployment: written by one command, and compared by the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from example_project.deploy.__main__ import EXPORTS, HERE, export
from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.rules.shipped import GROUPS


@pytest.fixture
def installation(db):
    """The built-in rules, and nothing else."""
    sync_rules(GROUPS, datetime(2026, 11, 26, 3, tzinfo=UTC), using="default")


def test_export__writes_both_and_finds_what_was_changed(installation, tmp_path):
    """Every directory that is committed is written; a file that somebody changed is told."""
    for directory in EXPORTS:
        (tmp_path / directory).mkdir(parents=True)
    assert export(tmp_path)
    assert export(tmp_path, "--check")
    for directory in EXPORTS:
        names = {str(p.relative_to(tmp_path)) for p in (tmp_path / directory).rglob("*.y*ml")}
        assert names == {str(p.relative_to(HERE)) for p in (HERE / directory).rglob("*.y*ml")}
    rules = tmp_path / "compose/generated/rules/zerostate.yml"
    rules.write_text(rules.read_text().replace("severity: critical", "severity: none", 1))
    assert not export(tmp_path, "--check")
