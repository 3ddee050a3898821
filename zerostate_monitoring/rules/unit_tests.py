"""Tests of rules as values, in the words of promtool's ``test rules``.

Source of the form: ``cmd/promtool/unittest.go`` of Prometheus 3.14.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class InputSeries:
    """A series and its values in promtool's short notation, as ``0+10x5 _ stale``."""

    series: str
    values: str


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """Labels (without ``alertname``) and annotations of an alert that fires."""

    exp_labels: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)
    exp_annotations: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTest:
    """Which alerts of one name fire at one time; none where ``exp_alerts`` is empty."""

    eval_time: timedelta
    alertname: str
    exp_alerts: tuple[ExpectedAlert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedSample:
    """A sample by its labels, written as a selector. A native histogram is kept as text."""

    labels: str
    value: float = 0.0
    histogram: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExprTest:
    """What an expression gives at one time."""

    expr: str
    eval_time: timedelta
    exp_samples: tuple[ExpectedSample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTest:
    """Series, and what rules and expressions make of them.

    ``interval`` lies between two values of a series; ``None`` is the interval of evaluation.
    """

    input_series: tuple[InputSeries, ...] = ()
    alert_rule_test: tuple[AlertTest, ...] = ()
    promql_expr_test: tuple[ExprTest, ...] = ()
    interval: timedelta | None = None
    external_labels: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)
    external_url: str = ""
    name: str = ""
    start_timestamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTestFile:
    """A file of tests. ``evaluation_interval`` ``None`` is promtool's minute."""

    rule_files: tuple[str, ...] = ()
    tests: tuple[UnitTest, ...] = ()
    evaluation_interval: timedelta | None = None
    group_eval_order: tuple[str, ...] = ()
    fuzzy_compare: bool = False
