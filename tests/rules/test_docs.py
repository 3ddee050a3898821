"""What docs/rules.md shows works as it stands there, and leaves nothing out."""

from __future__ import annotations

import re

import pytest

from tests.packages import ROOT
from zerostate_monitoring.rules.lint import Code
from zerostate_monitoring.rules.templates.functions import NAMES
from zerostate_monitoring.rules.templates.running import MAX_DEPTH, MAX_OUTPUT, MAX_STEPS

PAGE = (ROOT / "docs" / "rules.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
NOTE = (
    "# nodes: query_offset is left out, Prometheus 2.42 does not know it; rules look at the "
    "present there."
)
PRINTED = {
    0: [
        "error never-true",
        "This is never true: count(zerostate_node_up) is never below 1.",
    ],
    1: [
        "rate 0:05:00 > 0.1",
        'sum by (status) (rate(zerostate_tasks_total{status="failed"}[5m])) > 0.1',
    ],
    2: [
        NOTE,
        "groups:",
        "  - name: nodes",
        "    rules:",
        "      - alert: NodeDown",
        "        expr: time() - zerostate_node_up offset 1m > 300",
        "        labels:",
        "          team: network",
        "",
    ],
}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example__prints_what_it_says(number, capsys):
    """Each block of code on the page runs alone."""
    exec(compile(EXAMPLES[number], f"example {number}", "exec"), {})
    assert capsys.readouterr().out.splitlines() == PRINTED[number]


def test_examples__are_all_known():
    """A further example needs its expected output here."""
    assert len(EXAMPLES) == len(PRINTED)


def test_findings__each_is_explained():
    """The table of findings has every code, and no other."""
    assert set(re.findall(r"^\| `([a-z-]+)` \| (?:error|warning) ", PAGE, re.MULTILINE)) == {*Code}


def test_functions__each_is_listed():
    """The table of functions has all that a template may call."""
    start = PAGE.index("| functions |")
    table = PAGE[start : PAGE.index("\n\n", start)]
    assert {name for name in NAMES if not re.search(rf"`{name}[` ]", table)} == set()


def test_limits__are_those_of_the_code():
    """The page says what a template may take."""
    said = f"{MAX_STEPS:,} steps, {MAX_OUTPUT // 1024} KiB of text and {MAX_DEPTH} levels"
    assert said in PAGE
