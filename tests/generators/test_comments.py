"""What stands in generated files beside what they configure."""

from __future__ import annotations

import yaml
from hypothesis import given

from tests.generators.alertmanager.hostile import TEXTS
from zerostate_monitoring.generators.comments import comment, commented_out, warnings


def test_warnings__are_marked_folded_and_said_once():
    """The first line has the mark, further ones are indented."""
    long = "word " * 40
    text = warnings([long, "short", long])
    lines = text.splitlines()
    assert [line[:11] for line in lines if not line.startswith("#   ")] == ["# Warning: "] * 2
    assert max(map(len, lines)) <= 100
    assert text.count("short") == 1


@given(TEXTS)
def test_comments__hold_nothing_but_comments(text):
    """Whatever an operator calls his rows, no reader of YAML sees it."""
    made = comment(text) + warnings([text])
    assert made.isprintable() or set(made) - {"\n"}
    assert yaml.safe_load(f"{made}a: 1\n") == {"a": 1}
    assert all(line.startswith("#") for line in made.splitlines())


def test_commented_out__comes_back():
    """Without the mark it is the text again."""
    text = "a:\n  - b\n\nc: d\n"
    lines = commented_out(text).splitlines()
    assert "".join(f"{line[2:]}\n" for line in lines) == text
