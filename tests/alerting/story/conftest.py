"""An installation that evaluates, delivers and remembers, and a clock that a test turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tests.alerting.delivery.house import Recorder
from tests.alerting.evaluation import harness
from tests.alerting.evaluation.harness import INTERVAL_MS, START_MS, Installation, labels_of
from zerostate_monitoring import notifiers
from zerostate_monitoring.alerting.delivery import posting
from zerostate_monitoring.alerting.delivery.running import deliver
from zerostate_monitoring.alerting.evidence import keep
from zerostate_monitoring.alerting.explain import asking, explain
from zerostate_monitoring.models import Alert, Receiver, Route, RouteStep, Rule
from zerostate_monitoring.notifiers.base import Composed
from zerostate_monitoring.querying import engines
from zerostate_monitoring.querying.readiness import READY, Readiness


class Team(Recorder):
    """Receivers that are told which alerts there are."""

    def compose(self, batch, target):
        return Composed("alerts", {"alerts": [[one.pk, one.notice] for one in batch.alerts]})


class Story:
    """A network of two nodes whose failures a test sets, and all that comes of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller) -> None:
        self.page = Installation(monkeypatch)
        self.recorder = Team()
        self.clock = clock
        self.values = {"a": 0.12, "b": 0.5}
        self.group = harness.group()
        monkeypatch.setattr(notifiers, "KINDS", {**notifiers.KINDS, "recording": self.recorder})
        monkeypatch.setattr(posting, "run", lambda work: work())
        monkeypatch.setattr(engines, "storage", self.page.storage)
        monkeypatch.setattr(asking, "readiness", self._readiness)

    def _readiness(self, query: object, at_ms: int) -> Readiness:
        begins = self.page.first or at_ms + 1
        return (
            READY if at_ms >= begins else Readiness(ready=False, needs_ms=at_ms, begins_ms=begins)
        )

    @property
    def now(self) -> datetime:
        return timezone.now()

    def rule(self, expr: str = "fail > 0.2", minutes: float = 0, **fields: Any) -> Rule:
        given: dict[str, Any] = {
            "name": "Failing",
            "for_duration": timedelta(minutes=minutes),
            **fields,
        }
        return harness.rule(self.group, expr=expr, **given)

    def team(self, name: str = "team", **fields: Any) -> Receiver:
        """A receiver, and a route to it that takes all."""
        made = Receiver.objects.create(name=name, kind="recording")
        given = {"name": f"to {name}", "group_wait_seconds": 0.0, **fields}
        RouteStep.objects.create(route=Route.objects.create(**given), receiver=made)
        return made

    def go(self, minutes: float = 0.25) -> None:
        """Columns, evaluations, deliveries and evidence, as they would come."""
        for _ in range(round(minutes * 60_000 / INTERVAL_MS)):
            self.page.column({labels_of("fail", node=n): v for n, v in self.values.items()})
            self.clock.move_to(self.page.now_ms / 1000)
            self.page.tick()
            deliver(self.now, clock=timezone.now)
            keep(self.now)

    def empty(self) -> None:
        """The store loses all that it had."""
        self.page.series.clear()
        self.page.first = 0

    def alert(self, **labels: str) -> Alert:
        (found,) = [one for one in Alert.objects.all() if labels.items() <= one.labels.items()]
        return found

    def told(self, rule: Rule, at: datetime | None = None, **labels: str) -> str:
        """An explanation as text."""
        rule = Rule.objects.select_related("group", "state").get(pk=rule.pk)
        found = explain(rule, at, labels, now=self.now)
        return "\n".join(line for one in found.sections for line in (f"[{one.title}]", *one.lines))


@pytest.fixture
def story(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """Begins without a column, a rule or a receiver."""
    with time_machine.travel(START_MS / 1000, tick=False) as clock:
        yield Story(monkeypatch, clock)
