"""Files of tests of rules: promtool's, read and written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.promql.numerals import parse_number
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.files.nodes import Fields, Reading, text_of
from zerostate_monitoring.rules.files.targets import Target
from zerostate_monitoring.rules.files.writing import Written, dump
from zerostate_monitoring.rules.unit_tests import (
    AlertTest,
    ExpectedAlert,
    ExpectedSample,
    ExprTest,
    InputSeries,
    UnitTest,
    UnitTestFile,
)

_ZERO: Final = timedelta(0)
_NUMBERS: Final = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}
_TRUTHS: Final = {"true": True, "false": False}

T = TypeVar("T")


def read_unit_tests(text: str) -> UnitTestFile:
    """The tests in a file.

    Raises:
        RuleFileError: it is no file of tests; all that is wrong is named with its line.
    """
    reading = Reading(text)
    document = reading.document()
    if document is None:
        raise RuleFileError(["The file is empty."])
    fields = Fields(reading, document, "")
    found = UnitTestFile(
        rule_files=_texts(fields, "rule_files"),
        tests=_all(fields, "tests", unit_test_of),
        evaluation_interval=fields.duration("evaluation_interval"),
        group_eval_order=_texts(fields, "group_eval_order"),
        fuzzy_compare=fields.take("fuzzy_compare", _truth, default=False),
    )
    fields.done()
    reading.done()
    return found


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    return tuple(text_of(fields.reading, node, where) for where, node in fields.items(key))


def _all(fields: Fields, key: str, convert: Callable[[Fields], T]) -> tuple[T, ...]:
    out: list[T] = []
    for where, node in fields.items(key):
        inner = Fields(fields.reading, node, where)
        out.append(convert(inner))
        inner.done()
    return tuple(out)


def unit_test_of(fields: Fields, alertname: str = "") -> UnitTest:
    """One test; what is wrong is noted. ``alertname`` is meant where a test names none."""
    return UnitTest(
        input_series=_all(fields, "input_series", _series),
        alert_rule_test=_all(fields, "alert_rule_test", partial(_alert_test, alertname=alertname)),
        promql_expr_test=_all(fields, "promql_expr_test", _expr_test),
        interval=fields.duration("interval"),
        external_labels=fields.texts("external_labels"),
        external_url=fields.text("external_url"),
        name=fields.text("name"),
        start_timestamp=fields.text("start_timestamp"),
    )


def _series(fields: Fields) -> InputSeries:
    return InputSeries(fields.text("series"), fields.text("values"))


def _alert_test(fields: Fields, alertname: str = "") -> AlertTest:
    test = AlertTest(
        eval_time=fields.duration("eval_time") or _ZERO,
        alertname=fields.text("alertname", alertname),
        exp_alerts=_all(
            fields,
            "exp_alerts",
            lambda inner: ExpectedAlert(inner.texts("exp_labels"), inner.texts("exp_annotations")),
        ),
    )
    if not test.alertname:
        fields.fault("alertname", "The name of the alert is missing.")
    return test


def _expr_test(fields: Fields) -> ExprTest:
    return ExprTest(
        expr=fields.text("expr"),
        eval_time=fields.duration("eval_time") or _ZERO,
        exp_samples=_all(
            fields,
            "exp_samples",
            lambda inner: ExpectedSample(
                labels=inner.text("labels"),
                value=inner.take("value", _number, 0.0),
                histogram=inner.text("histogram"),
            ),
        ),
    )


def _number(reading: Reading, node: Any, where: str) -> float:
    text = text_of(reading, node, where).lower()
    if text in _NUMBERS:
        return _NUMBERS[text]
    number = parse_number(text.lstrip("+-"))
    if number is None or text.lstrip("+-") in {"inf", "nan"}:
        reading.fault(node, where, "A number is expected here.")
        return 0.0
    return -number if text.startswith("-") else number


def _truth(reading: Reading, node: Any, where: str) -> bool:
    text = text_of(reading, node, where).lower()
    if text not in _TRUTHS:
        reading.fault(node, where, "“true” or “false” is expected here.")
    return _TRUTHS.get(text, False)


# -- written ---------------------------------------------------------------------


def write_unit_tests(file: UnitTestFile, target: Target = Target.CURRENT) -> Written:
    """The file that holds the tests.

    Raises:
        RuleFileError: a test needs a time to start at, which 2.42 does not know.
    """
    notes: list[str] = []
    if target is not Target.CURRENT:
        if any(test.start_timestamp for test in file.tests):
            raise RuleFileError(["start_timestamp: promtool 2.42 does not know it."])
        if file.fuzzy_compare:
            notes.append("fuzzy_compare is left out, promtool 2.42 does not know it.")
    document = {
        "rule_files": list(file.rule_files),
        "evaluation_interval": _duration(file.evaluation_interval),
        "group_eval_order": list(file.group_eval_order),
        "fuzzy_compare": file.fuzzy_compare and not notes,
        "tests": [_document(test) for test in file.tests],
    }
    return Written(dump(_kept(document), notes), tuple(notes))


def _kept(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, "", [], {}, False)}


def _document(test: UnitTest) -> dict[str, Any]:
    return _kept(
        {
            "name": test.name,
            "interval": _duration(test.interval),
            "start_timestamp": test.start_timestamp,
            "external_labels": dict(test.external_labels),
            "external_url": test.external_url,
            "input_series": [
                {"series": series.series, "values": series.values} for series in test.input_series
            ],
            "alert_rule_test": [_alert_document(alert) for alert in test.alert_rule_test],
            "promql_expr_test": [_expr_document(expr) for expr in test.promql_expr_test],
        }
    )


def _alert_document(test: AlertTest) -> dict[str, Any]:
    return {
        "eval_time": format_duration(test.eval_time),
        "alertname": test.alertname,
        "exp_alerts": expected_documents(test.exp_alerts),
    }


def expected_documents(alerts: Iterable[ExpectedAlert]) -> list[dict[str, Any]]:
    """What stands under ``exp_alerts``."""
    return [
        _kept(
            {
                "exp_labels": dict(alert.exp_labels),
                "exp_annotations": dict(alert.exp_annotations),
            }
        )
        for alert in alerts
    ]


def _expr_document(test: ExprTest) -> dict[str, Any]:
    return {
        "expr": test.expr,
        "eval_time": format_duration(test.eval_time),
        "exp_samples": [_sample_document(sample) for sample in test.exp_samples],
    }


def _sample_document(sample: ExpectedSample) -> dict[str, Any]:
    if sample.histogram:
        return {"labels": sample.labels, "histogram": sample.histogram}
    value = sample.value
    whole = value.is_integer() and abs(value) < 1e15 and math.copysign(1, value) > 0
    return {"labels": sample.labels, "value": int(value) if whole else value}


def _duration(duration: timedelta | None) -> str | None:
    return None if duration is None else format_duration(duration)
