"""Run tests of rules as ``promtool test rules`` does: groups at each instant, from 0 on.

Source of the order: ``cmd/promtool/unittest.go`` of Prometheus 3.14. As there the interval of
a group is not looked at: all are evaluated every ``evaluation_interval``. An alerting rule of
which no test asks anything is not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from zerostate_monitoring.alerting.identity import ALERTNAME, Surroundings, present
from zerostate_monitoring.alerting.states import Hold, Live, advance
from zerostate_monitoring.alerting.unit_testing.comparing import alert_faults, sample_faults
from zerostate_monitoring.alerting.unit_testing.table import Table
from zerostate_monitoring.exceptions import MonitoringError, QueryTimeoutError, RuleFileError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.promql.data import NAME, Matrix, Sample, Scalar, Text, Vector
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule, Group, RecordingRule, Rule
from zerostate_monitoring.rules.unit_tests import AlertTest, ExprTest, UnitTest, UnitTestFile

_MINUTE: Final = timedelta(minutes=1)
_MILLISECOND: Final = timedelta(milliseconds=1)
_ALERTS: Final = "ALERTS"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as a test expects."""

    test: str
    what: str

    def __str__(self) -> str:
        return f"{self.test}: {self.what}"


def run_tests(groups: Sequence[Group], file: UnitTestFile) -> list[Failure]:
    """All that is not as the tests of ``file`` expect of the rules in ``groups``."""
    found: list[Failure] = []
    interval_ms = (file.evaluation_interval or _MINUTE) // _MILLISECOND
    ordered = _ordered(groups, file.group_eval_order)
    for place, test in enumerate(file.tests):
        name = test.name or f"test {place + 1}"
        try:
            run = Run(ordered, test, interval_ms)
            found += (Failure(name, what) for what in run.faults())
        except MonitoringError as error:
            found.append(Failure(name, str(error)))
    return found


def _ordered(groups: Sequence[Group], order: Sequence[str]) -> list[Group]:
    places = {name: place for place, name in enumerate(order)}
    return sorted(groups, key=lambda group: places.get(group.name, len(places)))


@dataclass(slots=True)
class _Walking:
    """An alerting rule, and what of it is live."""

    rule: AlertingRule
    hold: Hold
    live: Mapping[str, Live] = field(default_factory=dict)
    error: str = ""


def _never() -> bool:
    return False


class Run:
    """One test; it ends with an error once ``is_late`` says so."""

    def __init__(
        self,
        groups: Iterable[Group],
        test: UnitTest,
        interval_ms: int,
        is_late: Callable[[], bool] = _never,
    ) -> None:
        self._test: Final = test
        self._is_late: Final = is_late
        self._interval_ms: Final = interval_ms
        self._start_ms: Final = _start_ms(test.start_timestamp)
        self._table: Final = Table()
        step = interval_ms if test.interval is None else test.interval // _MILLISECOND
        self._table.give(test.input_series, step, self._start_ms)
        self._engine: Final = Engine(self._table)
        asked = _asked(test)
        self._rules: Final[list[_Walking | RecordingRule]] = [
            _walking(rule, group) for group in groups for rule in _wanted(group, asked)
        ]

    def faults(self) -> Iterator[str]:
        """All that is not as expected, in the order of time."""
        for test, firing in self.moments():
            yield from self._alert_faults(test, firing)
        yield from self.expr_faults()

    def moments(self) -> Iterator[tuple[AlertTest, list[Live]]]:
        """What fires of each name when it is asked for, in the order of time.

        Raises:
            MonitoringError: a rule cannot be evaluated, or the time is over.
        """
        waiting = sorted(self._test.alert_rule_test, key=lambda test: test.eval_time)
        for at_ms in range(0, self._last_ms() + 1, self._interval_ms):
            self._keep_time()
            self._evaluate(self._start_ms + at_ms)
            due = [t for t in waiting if t.eval_time // _MILLISECOND < at_ms + self._interval_ms]
            waiting = waiting[len(due) :]
            yield from ((test, self._firing(test)) for test in due)

    def expr_faults(self) -> Iterator[str]:
        """What expressions give otherwise than expected; to be asked after ``moments``."""
        for expr in self._test.promql_expr_test:
            self._keep_time()
            yield from self._expr_faults(expr)

    def _keep_time(self) -> None:
        if self._is_late():
            raise QueryTimeoutError("The test takes too long: let it have fewer steps.")

    def _last_ms(self) -> int:
        times = [test.eval_time for test in self._test.alert_rule_test]
        times += [test.eval_time for test in self._test.promql_expr_test]
        return max(times, default=timedelta(0)) // _MILLISECOND

    def _evaluate(self, at_ms: int) -> None:
        for place, rule in enumerate(self._rules):
            if isinstance(rule, RecordingRule):
                self._table.write(place, at_ms, self._recorded(rule, at_ms))
            else:
                self._move(rule, at_ms)
                self._table.write(place, at_ms, _alerts(rule.live.values()))

    def _recorded(self, rule: RecordingRule, at_ms: int) -> Iterator[tuple[Labels, float]]:
        for sample in self._samples(rule.expr, at_ms):
            labels = {**dict(sample.labels), **rule.labels, NAME: rule.record}
            yield tuple(sorted((n, v) for n, v in labels.items() if v)), sample.value

    def _move(self, walking: _Walking, at_ms: int) -> None:
        around = Surroundings(
            at_ms, dict(self._test.external_labels), self._test.external_url, query=None
        )
        found = present(walking.rule, self._samples(walking.rule.expr, at_ms), around)
        walking.live = advance(walking.live, found, walking.hold, at_ms).live

    def _samples(self, expr: str, at_ms: int) -> tuple[Sample, ...]:
        match self._engine.instant(parse(expr), at_ms).value:
            case Vector(samples=samples):
                return samples
            case Scalar(value=value):
                return (Sample((), value),)
            case Matrix() | Text():
                raise RuleFileError([f"“{expr}” gives no values at an instant."])

    def _named(self, name: str) -> list[_Walking]:
        return [r for r in self._rules if isinstance(r, _Walking) and r.rule.alert == name]

    def _firing(self, test: AlertTest) -> list[Live]:
        alerts = (live for one in self._named(test.alertname) for live in one.live.values())
        return [live for live in alerts if live.state is AlertState.FIRING]

    def _alert_faults(self, test: AlertTest, firing: Iterable[Live]) -> Iterator[str]:
        if test.exp_alerts and not self._named(test.alertname):
            yield f"There is no rule {test.alertname}."
        else:
            yield from alert_faults(test, firing)

    def _expr_faults(self, test: ExprTest) -> Iterator[str]:
        at_ms = self._start_ms + test.eval_time // _MILLISECOND
        yield from sample_faults(test, self._samples(test.expr, at_ms))


def _start_ms(text: str) -> int:
    if not text:
        return 0
    try:
        return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)
    except ValueError:
        raise RuleFileError([f"start_timestamp: “{text}” is no time."]) from None


def _asked(test: UnitTest) -> frozenset[str] | None:
    """Names of the alerting rules that matter; ``None`` where all do."""
    reads = any(_ALERTS in expr.expr for expr in test.promql_expr_test)
    return None if reads else frozenset(alert.alertname for alert in test.alert_rule_test)


def _wanted(group: Group, asked: Collection[str] | None) -> Iterator[Rule]:
    for rule in group.rules:
        reads = isinstance(rule, RecordingRule) or asked is None or rule.name in asked
        if reads:
            yield group.labelled(rule)


def _walking(rule: Rule, group: Group) -> _Walking | RecordingRule:
    if isinstance(rule, RecordingRule):
        return rule
    hold = Hold(rule.for_ // _MILLISECOND, rule.keep_firing_for // _MILLISECOND, group.limit)
    return _Walking(rule, hold)


def _alerts(alerts: Iterable[Live]) -> Iterator[tuple[Labels, float]]:
    """What the evaluation writes of alerts itself."""
    for live in alerts:
        labels = dict(live.labels)
        names = {NAME: _ALERTS, "alertstate": str(live.state.value)}
        yield tuple(sorted({**labels, **names}.items())), 1.0
        name = {NAME: "ALERTS_FOR_STATE", ALERTNAME: labels[ALERTNAME]}
        yield tuple(sorted({**labels, **name}.items())), float(live.active_ms // 1000)
