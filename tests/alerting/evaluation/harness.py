"""Rules over series in memory, evaluated by ticks of a clock that a test turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from zerostate_monitoring.alerting.evaluation import ticking
from zerostate_monitoring.alerting.verdicts import Verdict
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.models.rule_group import GroupState, RuleGroup
from zerostate_monitoring.models.words import Health
from zerostate_monitoring.promql.data import STALE_BITS
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.storage import recorded
from zerostate_monitoring.storage.head import Head

START_MS = 1_700_000_000_000 // 30_000 * 30_000
STALE = float(np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0])
INTERVAL_MS = 15_000


def at(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def labels_of(name: str, **labels: str) -> Labels:
    return tuple(sorted({"__name__": name, **labels}.items()))


class Installation:
    """A page whose columns a test appends; what was recorded is read again as series."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.series: dict[Labels, list[tuple[int, float]]] = {}
        self.first = self.newest = 0
        self.now_ms = START_MS
        self.is_away = False
        self.verdicts: dict[int, Verdict] = {}
        self.recorded: list[tuple[str, int, dict[Labels, float], set[str]]] = []
        self._stood: dict[str, set[Labels]] = {}
        self._held = (0, 0), MemoryStorage(())
        monkeypatch.setattr(ticking, "storage", self.storage)
        monkeypatch.setattr(ticking, "history_head", self.head)
        monkeypatch.setattr(ticking, "judge", self.judge)
        monkeypatch.setattr(ticking, "current_store", lambda: None)
        monkeypatch.setattr(recorded, "write", self.write)

    # -- what evaluation asks ------------------------------------------------

    def storage(self) -> Any:
        return self

    def select(self, matchers: Any, start_ms: int, end_ms: int) -> Any:
        if self.is_away:
            raise StoreUnavailableError("it is away")
        size = self.newest, sum(map(len, self.series.values()))
        if self._held[0] != size:
            given = [
                (labels, [ms for ms, _ in run], [value for _, value in run])
                for labels, run in self.series.items()
            ]
            self._held = size, MemoryStorage(given)
        return self._held[1].select(matchers, start_ms, end_ms)

    def head(self, *, refresh: bool = True) -> Head:
        if refresh and self.is_away:
            raise StoreUnavailableError("it is away")
        return Head(epoch="e", first=self.first, last=self.newest, interval=INTERVAL_MS)

    def judge(self, rules: Sequence[Rule], at_ms: int) -> Mapping[int, Verdict]:
        ok = Verdict(Health.OK)
        return {rule.pk: self.verdicts.get(rule.pk, ok) for rule in rules}

    def write(
        self,
        store: None,
        group: str,
        slot_ms: int,
        token: int,
        samples: Sequence[tuple[Labels, float]],
        *,
        silent: Collection[str] = (),
        kept_ms: int = 0,
    ) -> bool:
        given = dict(samples)
        self.recorded.append((group, slot_ms, given, set(silent)))
        for labels, value in given.items():
            self.series.setdefault(labels, []).append((slot_ms, value))
        for labels in self._stood.get(group, set()) - given.keys():
            self.series[labels].append((slot_ms, STALE))
        self._stood[group] = set(given)
        return True

    # -- what a test does ------------------------------------------------------

    def column(self, values: Mapping[Labels, float] | None = None, *, slots: int = 1) -> int:
        """Append the next column, ``slots`` intervals after the newest; its slot."""
        slot = self.newest + slots * INTERVAL_MS if self.newest else START_MS
        self.newest, self.now_ms = slot, slot + 500
        self.first = self.first or slot
        values = values or {}
        for labels, value in values.items():
            self.series.setdefault(labels, []).append((slot, value))
        for labels, run in self.series.items():
            own = dict(labels)["__name__"]
            if labels not in values and run[-1][0] < slot and not own.startswith(("ALERTS", "rec")):
                run.append((slot, STALE))
        return slot

    def begin_anew(self, slot: int, values: Mapping[Labels, float]) -> None:
        """All clocks stand elsewhere, and history begins anew with a column, as it does then."""
        self.series = {labels: [(slot, value)] for labels, value in values.items()}
        self.first = self.newest = slot
        self.now_ms = slot + 500
        self._stood.clear()
        self._held = (0, 0), MemoryStorage(())

    def tick(self) -> int:
        return ticking.tick(at(self.now_ms))

    def step(self, values: Mapping[Labels, float] | None = None, *, slots: int = 1) -> int:
        """A column, and a tick after it."""
        self.column(values, slots=slots)
        return self.tick()


def group(name: str = "group", **fields: Any) -> RuleGroup:
    return RuleGroup.objects.create(name=name, **{"interval_seconds": 15, **fields})


def rule(of: RuleGroup, name: str = "Down", expr: str = "up == 0", **fields: Any) -> Rule:
    fields.setdefault("position", of.rules.count())
    return Rule.objects.create(group=of, name=name, expr=expr, **fields)


def record(of: RuleGroup, name: str, expr: str, **fields: Any) -> Rule:
    return rule(of, name, expr, kind="recording", **fields)


def alerts(**fields: Any) -> list[tuple[str, ...]]:
    """State and labels without the name, of all alerts in their order."""
    return [
        (alert.state, *(f"{k}={v}" for k, v in sorted(alert.labels.items()) if k != "alertname"))
        for alert in Alert.objects.filter(**fields).order_by("pk")
    ]


def trail(alert: Alert | None = None) -> list[str]:
    """The kinds of events of evaluation in their order."""
    events = AlertEvent.objects.exclude(slot_ms=None).order_by("pk")
    if alert is not None:
        events = events.filter(alert=alert)
    return list(events.values_list("kind", flat=True))


def state(of: RuleGroup) -> GroupState:
    return GroupState.objects.get(group=of)


SECONDS = timedelta(seconds=1)
