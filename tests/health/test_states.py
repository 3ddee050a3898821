"""The verdict and its status codes."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.health.checks import component
from tests.packages import ROOT
from zerostate_monitoring.health.states import (
    CODES,
    MOST_CHARACTERS,
    Outcome,
    Probe,
    Status,
    fit,
    healthy,
    verdict,
)

H, D, U, N = Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN
COMPONENTS = st.lists(
    st.builds(
        lambda status, critical: component("c", status, critical=critical),
        st.sampled_from(Status),
        st.booleans(),
    )
)


@pytest.mark.parametrize(
    ("status", "critical", "whole"),
    [
        *((H, True, H), (D, True, D), (U, True, U), (N, True, U)),
        *((H, False, H), (D, False, D), (U, False, D), (N, False, H)),
    ],
)
def test_verdict__of_one_component(status, critical, whole):
    """What is critical must be known to work; what is not degrades at most."""
    assert verdict([component("c", status, critical=critical)]) is whole


@given(COMPONENTS, COMPONENTS)
def test_verdict__more_components_never_make_it_better(some, more):
    """The verdict of all is as bad as that of a part, and the order says nothing."""
    order = [H, D, U]
    assert order.index(verdict(some + more)) >= order.index(verdict(some))
    assert verdict(some + more) is verdict(more + some)


@given(COMPONENTS)
def test_verdict__only_a_critical_component_makes_it_unhealthy(components):
    """Without a critical component whatever happens elsewhere leaves the site in service."""
    others = [c for c in components if not c.critical]
    assert verdict(others) is not U


def table() -> list[list[str]]:
    """The rows of the one table in docs/health.md."""
    page = (ROOT / "docs" / "health.md").read_text()
    section = page.partition("## Status codes")[2].partition("## ")[0]
    rows = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)[1:]
    return [[cell.strip(" `*") for cell in row.split(" | ")] for row in rows]


def test_codes__are_those_of_the_page():
    """Each row of docs/health.md has the codes of ready and of the detail for its status."""
    rows = [row for row in table() if row[1] in set(Status)]
    assert {row[1] for row in rows} == {"healthy", "degraded", "unhealthy"}
    for _, status, live, _, ready, detail in rows:
        assert int(live) == CODES[Probe.LIVE, H]
        assert int(ready) == CODES[Probe.READY, Status(status)]
        assert int(detail) == CODES[Probe.DETAIL, Status(status)]


def test_codes__of_the_start():
    """A start that is not finished is 503 for startup as well."""
    assert CODES[Probe.STARTUP, H] == 200
    assert CODES[Probe.STARTUP, U] == 503


@given(
    st.text(),
    st.dictionaries(
        st.text(),
        st.one_of(st.floats(), st.integers(), st.text(), st.binary(), st.lists(st.floats())),
        max_size=5,
    ),
)
def test_fit__is_json_whatever_a_check_put_in(message, metadata):
    """NaN, bytes and huge numbers become text; no reader of JSON stumbles over the answer."""
    found = fit(Outcome(H, message, metadata))
    text = json.dumps(dict(found.metadata), allow_nan=False)
    assert json.loads(text) == dict(found.metadata)


def test_fit__bounds_what_is_told():
    """A message and a value of a megabyte are cut."""
    found = fit(healthy("m" * 10**6, big="v" * 10**6, number=1.5, nothing=math.nan))
    assert len(found.message) == len(found.metadata["big"]) == MOST_CHARACTERS
    assert (found.metadata["number"], found.metadata["nothing"]) == (1.5, "nan")
