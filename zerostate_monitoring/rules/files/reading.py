"""Rule files read: all or nothing, with the lines of all that is wrong.

Source of the form: ``model/rulefmt/rulefmt.go`` of Prometheus 3.14.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from zerostate_monitoring.rules.definitions import (
    AlertingRule,
    Group,
    Problem,
    RecordingRule,
    Rule,
)
from zerostate_monitoring.rules.files.nodes import Fields, Reading

_ZERO: Final = timedelta(0)


def read_rules(text: str) -> tuple[Group, ...]:
    """The groups of a rule file.

    Raises:
        RuleFileError: it is none, or a rule in it cannot work; nothing is taken then.
    """
    reading = Reading(text)
    document = reading.document()
    groups: tuple[Group, ...] = ()
    if document is not None:
        fields = Fields(reading, document, "")
        groups = groups_of(fields)
        fields.done()
    reading.done()
    return groups


def groups_of(fields: Fields) -> tuple[Group, ...]:
    """The groups of a mapping that has them; what is wrong is noted."""
    names: dict[str, int] = {}
    out: list[Group] = []
    for where, node in fields.items("groups"):
        inner = Fields(fields.reading, node, where)
        group = _group(inner)
        out.append(group)
        line = inner.lines.get("name", node.start_mark.line + 1)
        if (first := names.setdefault(group.name, line)) != line and group.name:
            inner.fault("name", f"The name “{group.name}” stands in line {first}, too.")
    return tuple(out)


def _group(fields: Fields) -> Group:
    rules = tuple(
        rule
        for where, node in fields.items("rules")
        if (rule := _rule(fields.reading, node, where)) is not None
    )
    group = Group(
        name=fields.text("name"),
        rules=rules,
        interval=fields.duration("interval") or None,
        query_offset=fields.duration("query_offset"),
        limit=fields.integer("limit"),
        labels=fields.texts("labels"),
    )
    # Those of the rules have been noted with the rules' lines.
    own = (problem for problem in group.problems() if not problem.field.startswith("rules["))
    _note(fields, tuple(own))
    fields.done()
    return group


def _rule(reading: Reading, node: Any, where: str) -> Rule | None:
    fields = Fields(reading, node, where)
    alert, record = fields.text("alert"), fields.text("record")
    if bool(alert) == bool(record):
        kind = "both “alert” and “record”" if alert else "neither “alert” nor “record”"
        reading.fault(node, where, f"A rule is one of two kinds; this one has {kind}.")
        return None
    rule = _alerting(fields, alert) if alert else _recording(fields, record)
    _note(fields, rule.problems())
    fields.done()
    return rule


def _alerting(fields: Fields, alert: str) -> AlertingRule:
    return AlertingRule(
        alert=alert,
        expr=fields.text("expr"),
        for_=fields.duration("for") or _ZERO,
        keep_firing_for=fields.duration("keep_firing_for") or _ZERO,
        labels=fields.texts("labels"),
        annotations=fields.texts("annotations"),
    )


def _recording(fields: Fields, record: str) -> RecordingRule:
    rule = RecordingRule(record=record, expr=fields.text("expr"), labels=fields.texts("labels"))
    given = {
        "for": fields.duration("for"),
        "keep_firing_for": fields.duration("keep_firing_for"),
        "annotations": fields.texts("annotations"),
    }
    for key, value in given.items():
        if value:
            fields.fault(key, "It belongs to alerting rules; this one records.")
    return rule


def _note(fields: Fields, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        key = problem.field.partition(".")[0]
        line = fields.lines.get(key, fields.node.start_mark.line + 1)
        fields.reading.fault_at(line, fields.path(problem.field), problem.reason)
