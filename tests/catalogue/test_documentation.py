from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from zerostate_monitoring.catalogue import CATALOGUE, Catalogue, Definition, Feed, Kind, Layer
from zerostate_monitoring.catalogue.buckets import DURATION
from zerostate_monitoring.catalogue.documentation import render

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "metrics.md"

FAMILY = Definition(
    name="zerostate_things_seconds",
    kind=Kind.HISTOGRAM,
    help="How long things take.",
    layer=Layer.ECONOMIC,
    feeds=(Feed.PLATFORM, Feed.NODE),
    unit="seconds",
    labels=("result", "peer_id"),
    values={"result": ("a|b", "c")},
    unbounded=("peer_id",),
    max_series=7,
    buckets=DURATION,
    aliases=("things",),
    dropped=("topic",),
    note="Noted.",
    planned="somebody",
)


def row(text, name):
    """The line of a family."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| `{name}`")]
    return line


def test_page__is_what_the_catalogue_gives():
    """No family is undocumented, and no line of the page is written by hand."""
    assert PAGE.read_text() == render(), "write it anew with `make docs`"


@pytest.mark.parametrize("definition", CATALOGUE, ids=lambda definition: definition.name)
def test_render__has_one_line_per_family(definition):
    """Every family has one line, with its help and its names on nodes."""
    line = row(render(), definition.name)
    assert definition.help in line
    assert all(f"`{alias}`" in line for alias in definition.aliases)


def test_render__says_all_that_a_definition_says():
    """Each field of a definition can be read in its line."""
    line = row(render(Catalogue({"here": [FAMILY]})), FAMILY.name)
    assert line == (
        "| `zerostate_things_seconds`<br>on nodes: `things`"
        " | How long things take. Noted. *Planned: fed by somebody.*"
        " | histogram, [DURATION](#buckets) | seconds"
        r" | `result`: a\|b, c<br>`peer_id`<br>*unbounded: peer_id; 7 label sets*"
        "<br>*dropped: topic*"
        " | platform<br>node | sum | state |"
    )


def test_render__lists_the_bucket_sets_that_are_used():
    """The footnote has the sets of the families on the page, and no others."""
    text = render(Catalogue({"here": [FAMILY]}))
    assert "| `DURATION` | 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10 |" in text
    assert "`COST`" not in text


@pytest.mark.parametrize("line", [line for line in render().splitlines() if line[:1] == "|"])
def test_render__tables_are_whole(line):
    """Every line of a table has as many cells as its head."""
    cells = len(line.replace("\\|", "").split("|")) - 2
    assert cells in {2, 8}


def test_module__prints_the_page():
    """Run as a program, the module writes the page to its output."""
    command = [sys.executable, "-m", "zerostate_monitoring.catalogue.documentation"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert done.stdout.decode() == render()
