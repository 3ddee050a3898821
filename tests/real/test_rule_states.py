"""Our alerts beside promtool's: the same rules over the same series, step by step."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.real.promtool import PROMTOOLS, run
from zerostate_monitoring.alerting.evaluation.asking import Bounds, EmbeddedAsker
from zerostate_monitoring.alerting.evaluation.deciding import Moment, decide, found
from zerostate_monitoring.alerting.evaluation.evaluating import written
from zerostate_monitoring.alerting.evaluation.loading import RuleWork
from zerostate_monitoring.alerting.identity import Surroundings
from zerostate_monitoring.alerting.states import Hold, Live
from zerostate_monitoring.alerting.verdicts import OK
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.promql.data import NAME, STALE_BITS
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.steps import Limits
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.durations import format_duration

pytestmark = [pytest.mark.real, pytest.mark.parametrize("promtool", PROMTOOLS)]

SEEDS = 40
RULES = 50
SERIES = 3
STEPS = 40
# Debian's promtool still takes a sample that is exactly as old as the lookback, or as a range.
# With these intervals none is.
INTERVALS = (40, 70, 80, 110)
STALE = float(np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0])
BOUNDS = Bounds(30, 30)

EXPRESSIONS = (
    'v{{rule="{0}"}} > 3',
    'v{{rule="{0}"}} > 3',
    'v{{rule="{0}"}} != 0',
    'v{{rule="{0}"}} >= 2 < 6',
    'sum by (a) (v{{rule="{0}"}}) > 6',
    'max without (a) (v{{rule="{0}"}}) > 5',
    'avg_over_time(v{{rule="{0}"}}[3m]) > 4',
    'changes(v{{rule="{0}"}}[3m]) > 1',
    'v{{rule="{0}"}} > 2 unless v{{rule="{0}", a="0"}} > 4',
    'absent(v{{rule="{0}", a="1"}})',
    'count(v{{rule="{0}"}} > 4) > 1',
    '{{rule=~"{0}", __name__=~"v.*"}} > 4',
    "vector(time()) % 400 > 200",
)
LABELS: tuple[dict[str, str], ...] = (
    {},
    {"severity": "critical"},
    {"severity": "{{ if gt $value 5.0 }}high{{ else }}low{{ end }}"},
    {"a": "x{{ $labels.a }}", "rule": ""},
    {"of": "{{ $labels.__name__ }}/{{ $labels.none }}"},
    {"told": '{{ printf "%.0f" $value }}'},
)


@dataclass(frozen=True)
class Scene:
    """Rules, series and steps of one seed; values are ``None`` where there is no sample."""

    interval: int
    rules: tuple[AlertingRule, ...]
    series: dict[Labels, list[float | None]]


def scene(seed: int) -> Scene:
    random = Random(seed)
    interval = random.choice(INTERVALS)
    rules, series = [], {}
    for number in range(RULES):
        rules.append(
            AlertingRule(
                alert=f"R{number}",
                expr=random.choice(EXPRESSIONS).format(number),
                for_=duration(random, interval),
                keep_firing_for=duration(random, interval) if random.random() < 0.5 else ZERO,
                labels=random.choice(LABELS),
            )
        )
        for place in range(SERIES):
            labels = {NAME: "v", "rule": str(number), "a": str(place)}
            series[tuple(sorted(labels.items()))] = list(values(random))
    return Scene(interval, tuple(rules), series)


ZERO = timedelta(0)


def duration(random: Random, interval: int) -> timedelta:
    """None, as long as some steps, or a little more or less than that."""
    steps = random.choice((0, 0, 1, 2, 3, 5))
    return timedelta(seconds=max(0, steps * interval + random.choice((0, 0, 0, -5, 5))))


def values(random: Random) -> Iterator[float | None]:
    """Levels that last for a while, holes, ends, and what is no number."""
    level: float | None = 1.0
    for _ in range(STEPS):
        if random.random() < 0.35:
            level = random.choice(
                (0.0, 1.0, 4.0, 5.0, 8.0, float("nan"), float("inf"), STALE, None, 2.5)
            )
        yield level


def notation(run: Sequence[float | None]) -> str:
    """The values as promtool writes them."""
    return " ".join(map(_one, run))


def _one(value: float | None) -> str:
    if value is None:
        return "_"
    if is_stale(value):
        return "stale"
    return {"nan": "NaN", "inf": "Inf"}.get(str(value), f"{value:g}")


def is_stale(value: float) -> bool:
    return int(np.array([value]).view(np.int64)[0]) == STALE_BITS


def storage(given: Scene) -> MemoryStorage:
    return MemoryStorage(
        (
            labels,
            [n * given.interval * 1000 for n, value in enumerate(run) if value is not None],
            [value for value in run if value is not None],
        )
        for labels, run in given.series.items()
    )


def ours(given: Scene) -> Iterator[list[tuple[Labels, float]]]:
    """``ALERTS`` and ``ALERTS_FOR_STATE`` of each step."""
    holding = storage(given)
    works = [
        RuleWork(Rule(pk=number), rule, None, hold_of(rule), {})
        for number, rule in enumerate(given.rules)
    ]
    live: list[dict[str, Live]] = [{} for _ in works]
    for step in range(STEPS):
        at_ms, before = step * given.interval * 1000, (step - 1) * given.interval * 1000
        asker = EmbeddedAsker(holding, at_ms, Limits(), {})
        moment = Moment(at_ms, max(before, 0), given.interval * 1000)
        around = Surroundings(at_ms)
        samples: list[tuple[Labels, float]] = []
        answers = asker.ask([rule.expr for rule in given.rules], BOUNDS)
        for number, (work, rule, answer) in enumerate(
            zip(works, given.rules, answers, strict=True)
        ):
            outcome = decide(
                work, rule, found(work, rule, answer, around), OK, live[number], moment, around
            )
            assert not outcome.reason
            live[number] = outcome.step.live
            samples += written(outcome)
        yield samples


def hold_of(rule: AlertingRule) -> Hold:
    return Hold(*(round(one.total_seconds() * 1000) for one in (rule.for_, rule.keep_firing_for)))


def expected(samples: Sequence[tuple[Labels, float]], name: str) -> list[dict[str, Any]]:
    return [
        {"labels": selector(labels), "value": value}
        for labels, value in samples
        if dict(labels)[NAME] == name
    ]


def selector(labels: Labels) -> str:
    inner = ", ".join(f"{name}={json.dumps(text)}" for name, text in labels if name != NAME)
    return f"{dict(labels)[NAME]}{{{inner}}}"


def files(given: Scene, steps: Sequence[Sequence[tuple[Labels, float]]], home: Path) -> Path:
    """Rules and what we make of them, as promtool's files; JSON is YAML, too."""
    rules = [
        {
            "alert": rule.alert,
            "expr": rule.expr,
            "for": format_duration(rule.for_),
            "keep_firing_for": format_duration(rule.keep_firing_for),
            "labels": dict(rule.labels),
        }
        for rule in given.rules
    ]
    tests = [
        {"expr": name, "eval_time": f"{n * given.interval}s", "exp_samples": expected(step, name)}
        for n, step in enumerate(steps)
        for name in ("ALERTS", "ALERTS_FOR_STATE")
    ]
    interval = f"{given.interval}s"
    test = {
        "interval": interval,
        "input_series": [
            {"series": selector(labels), "values": notation(run)}
            for labels, run in given.series.items()
        ],
        "promql_expr_test": tests,
    }
    (home / "rules.json").write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    path = home / "tests.json"
    path.write_text(
        json.dumps({"rule_files": ["rules.json"], "evaluation_interval": interval, "tests": [test]})
    )
    return path


def test_states__are_promtools(promtool: str, tmp_path: Path) -> None:
    """No alert in another state, none with another beginning, none more or less, at any step."""
    compared = states = 0
    for seed in range(SEEDS):
        given = scene(seed)
        steps = list(ours(given))
        said = run(promtool, "test", "rules", files(given, steps, tmp_path))
        assert said.returncode == 0, f"seed {seed}\n{(said.stdout + said.stderr)[:4000]}"
        compared += sum(map(len, steps))
        states += len({(labels, seed) for step in steps for labels, _ in step})
    sys.stdout.write(
        f"{promtool}: {SEEDS * RULES} rules, {SEEDS * RULES * SERIES} series, {SEEDS * STEPS} "
        f"steps, {compared} samples of {states} series of alerts compared, 0 differences\n"
    )
    assert compared > 50_000


def test_states__that_are_others_are_told(promtool: str, tmp_path: Path) -> None:
    """promtool refuses a state, a time and a missing alert that we make up: it does compare."""
    given = scene(1)
    steps = [list(step) for step in ours(given)]
    place = next(n for n, step in enumerate(steps) if step)
    (labels, value), *rest = steps[place]
    others = {**dict(labels), "alertstate": "other"}
    for changed in ([(tuple(sorted(others.items())), value), *rest], rest):
        made_up = [*steps[:place], changed, *steps[place + 1 :]]
        said = run(promtool, "test", "rules", files(given, made_up, tmp_path))
        assert said.returncode != 0
