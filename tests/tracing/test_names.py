"""Names of spans and attributes: each is used, and stands on the page."""

from __future__ import annotations

import re

from tests.packages import ROOT
from zerostate_monitoring.tracing import names

APP = ROOT / "zerostate_monitoring"
PREFIX = "zerostate."
CONSTANTS = {name: value for name, value in vars(names).items() if name.isupper()}


def test_names__are_used_each():
    """What nobody says would be a promise that nobody keeps."""
    sources = [path for path in APP.rglob("*.py") if path.name != "names.py"]
    text = "\n".join(path.read_text() for path in sources)
    assert [name for name in CONSTANTS if not re.search(rf"\bnames\.{name}\b", text)] == []


def test_attributes__stand_on_the_page():
    """In its table, without their common beginning; and none that there is not."""
    lines = (ROOT / "docs" / "tracing.md").read_text().splitlines()
    begin = lines.index("| span | its attributes, each beginning with `zerostate.` |")
    rows = lines[begin + 2 : lines.index("", begin)]
    quoted = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ", 1)[1])}
    own = {value.removeprefix(PREFIX) for value in CONSTANTS.values() if value.startswith(PREFIX)}
    assert quoted - {names.HIGH_MEMORY_USAGE, names.APPROACHING_TIMEOUT} == own
