"""What a test expects against what there is, as sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from zerostate_monitoring.alerting.identity import ALERTNAME
from zerostate_monitoring.alerting.states import Live
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME, Sample
from zerostate_monitoring.promql.quoting import quote
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.sequences import read_series
from zerostate_monitoring.rules.unit_tests import AlertTest, ExprTest

_Alert = tuple[Labels, Labels]


def alert_faults(test: AlertTest, firing: Iterable[Live]) -> Iterator[str]:
    """Alerts that fire and are not expected, and the reverse."""
    expected = Counter(
        (_pairs({**alert.exp_labels, ALERTNAME: test.alertname}), _pairs(alert.exp_annotations))
        for alert in test.exp_alerts
    )
    found = Counter((_pairs(dict(live.labels)), _pairs(live.annotations)) for live in firing)
    at = f"{test.alertname} at {format_duration(test.eval_time)}"
    for alert in (found - expected).elements():
        yield f"{at}: fires, and is not expected: {_told(alert)}"
    for alert in (expected - found).elements():
        yield f"{at}: is expected, and does not fire: {_told(alert)}"


def sample_faults(test: ExprTest, samples: Iterable[Sample]) -> Iterator[str]:
    """Samples that are given and not expected, and the reverse.

    Raises:
        RuleFileError: what is expected cannot be read.
    """
    expected = {read_series(s.labels) if s.labels else (): s.value for s in test.exp_samples}
    found = {sample.labels: sample.value for sample in samples}
    at = f"{test.expr} at {format_duration(test.eval_time)}"
    for labels in sorted({*expected, *found}):
        given, wanted = found.get(labels), expected.get(labels)
        if given is None or wanted is None or not _same(given, wanted):
            yield f"{at}: {series(labels)} is {_number(given)}, expected is {_number(wanted)}"


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value!r}"


def _pairs(texts: Mapping[str, str]) -> Labels:
    return tuple(sorted((name, text) for name, text in texts.items() if text))


def _told(alert: _Alert) -> str:
    labels, annotations = alert
    return f"{series(labels)} {series(annotations)}"


def series(labels: Labels) -> str:
    """Labels as they are written."""
    name = dict(labels).get(NAME, "")
    pairs = ", ".join(f"{key}={quote(value)}" for key, value in labels if key != NAME)
    return f"{name}{{{pairs}}}" if pairs or not name else name
