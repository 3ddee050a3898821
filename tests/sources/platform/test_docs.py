"""What docs/platform.md tells an operator to run."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from example_project.network.schema import INDEXES
from tests.sources.platform.cluster import Cluster
from tests.sources.platform.fixtures import ALIAS, Platform, alias
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION, read
from zerostate_monitoring.sources.platform.grants import COLUMNS, WHOLE, all_grants

PAGE = (Path(__file__).parents[3] / "docs" / "platform.md").read_text(encoding="utf-8")
STATEMENTS = [
    " ".join(statement.split())
    for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    for statement in block.split(";")
    if statement.strip()
]


@pytest.mark.real
@pytest.mark.parametrize("vendor", ["postgresql"])
def test_grants__are_enough_for_every_family(
    postgresql: Cluster, platform: Platform, monkeypatch: Any
) -> None:
    """The role of the page reads everything, and nothing of people but id and DID."""
    for statement in STATEMENTS:
        if "INDEX" not in statement:
            platform.execute(statement.replace("DATABASE zerostate", "DATABASE postgres"))
    role = {"USER": "zerostate_monitoring", "PASSWORD": "..."}
    alias(monkeypatch, **postgresql.alias(**role))
    try:
        for statements in (EXECUTION, ECONOMIC):
            assert read(statements, ALIAS, 10).missing == {}
    finally:
        platform.execute("DROP OWNED BY zerostate_monitoring")
        platform.execute("DROP ROLE zerostate_monitoring")


def test_grants__of_the_page_are_those_of_the_doctor() -> None:
    """One source for both; the doctor prints what the page has."""
    on_page = [f"{s};" for s in STATEMENTS if s.startswith("GRANT") and "CONNECT" not in s]
    assert on_page == all_grants("zerostate_monitoring")


def test_grants__name_what_is_read_and_no_more() -> None:
    """Every table and column of the two runs; of tables of people no other column."""
    read: dict[str, set[str]] = {}
    for statement in (*EXECUTION, *ECONOMIC):
        read |= {table: read.get(table, set()) for table in statement.tables.values()}
        templates = (statement.ctes, statement.source, *(f.sql for f in statement.figures))
        for name in (field for text in templates for _, field, _, _ in Formatter().parse(text)):
            alias_, _, column = (name or "").rpartition(".")
            if name:
                read[statement.tables[alias_ or "t"]].add(column)
    assert read.keys() == {*WHOLE, *COLUMNS}
    assert {table: set(columns) for table, columns in COLUMNS.items()} == {
        table: read[table] for table in COLUMNS
    }


def test_indexes__are_those_of_the_example() -> None:
    """The example's tables have every index that the page asks for, and no other of ours."""
    asked = {s.replace("CONCURRENTLY ", "") for s in STATEMENTS if "INDEX" in s}
    assert asked == {index for index in INDEXES if "monitoring_" in index}


def test_families__on_the_page_are_those_asked_for() -> None:
    """The tables of the page name every family of the two runs, and only catalogued ones."""
    named = set(re.findall(r"`(zerostate_[a-z_]+)(?:\{[a-z,]+\})?`", PAGE)) - {
        "zerostate_monitoring"
    }
    asked = {f"zerostate_{f.family}" for s in (*EXECUTION, *ECONOMIC) for f in s.figures}
    assert asked <= named
    assert all(CATALOGUE[name] for name in named)
