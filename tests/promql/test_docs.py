"""What docs/promql.md shows works as it stands there."""

from __future__ import annotations

import re

import pytest

from tests.packages import ROOT

EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", (ROOT / "docs" / "promql.md").read_text(), re.DOTALL | re.MULTILINE
)
PRINTED = {
    0: ["3.0", "a [30000, 45000, 60000] [60.0, 90.0, 120.0]", "b [60000] [60.0]"],
    1: ["Sample(labels=(('town', 'Bern'),), value=29.0)"],
}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example__prints_what_it_says(number, capsys):
    """Each block of code on the page runs alone."""
    exec(compile(EXAMPLES[number], f"example {number}", "exec"), {})
    assert capsys.readouterr().out.splitlines() == PRINTED[number]


def test_examples__are_all_known():
    """A further example needs its expected output here."""
    assert len(EXAMPLES) == len(PRINTED)
