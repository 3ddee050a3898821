"""How files differ, short enough to be read."""

from __future__ import annotations

from zerostate_monitoring.generators.differences import MOST_LINES, difference
from zerostate_monitoring.generators.directories import Outcome, Step


def of(old, new):
    return list(difference(Step("rules/a.yml", Outcome.WRITTEN, old, new)))


def test_difference__is_a_unified_diff():
    """From what stands there to what should."""
    assert of(b"a\nb\nc\n", b"a\nB\nc\n") == [
        "--- a/rules/a.yml", "+++ b/rules/a.yml", "@@ -1,3 +1,3 @@", " a", "-b", "+B", " c",
    ]  # fmt: skip


def test_difference__of_files_that_come_and_go():
    """What is missing, and what is no longer generated."""
    assert of(None, b"a\n")[:2] == ["--- /dev/null", "+++ b/rules/a.yml"]
    assert of(b"a\n", None)[:2] == ["--- a/rules/a.yml", "+++ /dev/null"]


def test_difference__is_short():
    """The rest is counted."""
    lines = of(b"", b"x\n" * 100)
    assert len(lines) == MOST_LINES + 3
    assert lines[-1] == f"… and {101 - MOST_LINES} lines more"


def test_difference__of_what_is_no_text():
    """Bytes that are no UTF-8, and files of a size that nobody compares."""
    assert of(b"\xff\n", b"a\n")[3] == "-\ufffd"
    assert of(b"a\n" * 30_000, b"b\n")[2] == "… too long to be compared here"
