"""Rules in the hands of a real Prometheus: whoever evaluates them, it is the same alert."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tests.real.loop import Fault, House, Rows, api, house
from tests.real.site import Web
from tests.servers import wait_until
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.shipped import OUTSIDE

pytestmark = pytest.mark.real

SECONDS = 60
KINDS = {int: "number", str: "text", list: "list", bool: "truth", type(None): "null"}


@pytest.fixture(scope="module")
def house_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Web, worker, beat, nodes, store, PostgreSQL, Prometheus and Alertmanager."""
    with house(tmp_path_factory.mktemp("loop")) as made:
        yield made


@pytest.fixture
def running(house_of_all: House) -> House:
    """The same without a fault, also in the eyes of Prometheus: one that lingers would fire."""
    wait_until(house_of_all.is_whole, SECONDS, "Prometheus sees no fault")
    return house_of_all


@contextmanager
def broken(running: House, rows: Rows) -> Iterator[None]:
    """A node is down, and its alerts fire; in the end it is up, and they have ended."""
    fault = running.fault
    fault.server.set_down(fault.node)
    try:
        _wait_for(rows, ["firing"] * len(fault.alerts))
        yield
    finally:
        fault.server.set_up(fault.node)
    _wait_for(rows, ["resolved"] * len(fault.alerts))


def _wait_for(rows: Rows, states: list[str]) -> None:
    try:
        wait_until(lambda: rows.states() == states, SECONDS, f"the alerts are {states}")
    except AssertionError as error:
        error.add_note(rows.told())
        raise


class Told:
    """What one side's API says of rules and alerts; shapes are keys with kinds of values."""

    def __init__(self, ask: Callable[[str], Any], fault: Fault) -> None:
        groups, alerts = ask("rules")["groups"], ask("alerts")["alerts"]
        rules = {
            (group["name"], *known_by(rule)): rule for group in groups for rule in group["rules"]
        }
        self.groups = {group["name"]: shape_of(group) for group in groups}
        # 2.42 leaves out labels of recording rules where there are none.
        self.rules = {key: shape_of({"labels": {}, **rule}) for key, rule in rules.items()}
        self.queries = {key: format_expr(parse(r["query"]).expr) for key, r in rules.items()}
        found = [one for labels in fault.alerts for one in alerts if one["labels"] == labels]
        self.alerts = [{**one, "activeAt": ""} for one in found]
        self.alert_shapes = [shape_of(one) for one in found]


def known_by(rule: dict[str, Any]) -> tuple[str, ...]:
    return rule["type"], rule["name"], json.dumps(rule.get("labels", {}), sort_keys=True)


def shape_of(value: Any) -> Any:
    """Keys, and what kind of value each has. Lists may hold anything."""
    if isinstance(value, dict):
        return {key: shape_of(one) for key, one in value.items()}
    return "number" if isinstance(value, float) else KINDS[type(value)]


def test_alertmanager__tells_of_what_prometheus_evaluates(running):
    """The exported file fires there, its alert stands here once, and ends when it is mended.

    It is told again each second, which changes nothing.
    """
    rows = running.rows()
    with broken(running, rows):
        before = running.alertmanager.count("notifications")
        wait_until(
            lambda: running.alertmanager.count("notifications") >= before + 8,
            SECONDS,
            "it is told again and again",
        )
        assert rows.found() == [(labels, "firing", ("firing",)) for labels in running.fault.alerts]
    ended = [(labels, "resolved", ("firing", "resolved")) for labels in running.fault.alerts]
    assert rows.found() == ended
    assert rows.sources() == {"alertmanager"}
    assert running.alertmanager.count("notifications_failed") == 0


@pytest.mark.parametrize("mode", ["embedded", "remote"])
def test_evaluated_here__it_is_the_same_alert(running, mode):
    """By our own engine, or by that Prometheus through its API: labels and fingerprints are those.

    And what our API says of rules and alerts has the shapes of that Prometheus.
    """
    rows = running.rows(mode)
    with running.evaluating(mode) as site, broken(running, rows):
        through = [("pending", "firing"), ("firing",)]
        alerts = zip(running.fault.alerts, through, strict=True)
        assert rows.found() == [(labels, "firing", states) for labels, states in alerts]
        same_as(running, site.web(mode))
    assert rows.sources() == {""}


def same_as(running: House, web: Web) -> None:
    """Our API and that Prometheus's say the same of the same rules, and of the fault's alerts."""

    def both() -> tuple[Told, Told]:
        asked = partial(api, web), running.prometheus.api
        ours, theirs = (Told(ask, running.fault) for ask in asked)
        return ours, theirs

    told: list[tuple[Told, Told]] = []

    def same() -> bool:
        ours, theirs = both()
        told.append((ours, theirs))
        return len(ours.alerts) == len(running.fault.alerts) and ours.alerts == theirs.alerts

    wait_until(same, SECONDS, "the alerts are told as there")
    ours, theirs = told[-1]
    assert ours.alert_shapes == theirs.alert_shapes
    # Rules for a Prometheus that watches from outside stand in the file alone.
    assert theirs.groups.keys() - ours.groups.keys() == {OUTSIDE.name}
    assert ours.groups == {name: theirs.groups[name] for name in ours.groups}
    assert len(ours.rules) > 40
    assert ours.rules == {key: theirs.rules[key] for key in ours.rules}
    assert ours.queries == {key: theirs.queries[key] for key in ours.queries}
