"""Files of rules for a Prometheus, and what can be read from such files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.files import (
    PrometheusRule,
    Target,
    Written,
    read_prometheus_rule,
    read_rules,
    write_prometheus_rule,
    write_rules,
    write_unit_tests,
)
from zerostate_monitoring.rules.shipped import OUTSIDE, RULES, ShippedRule, applied
from zerostate_monitoring.rules.shipped.testing import unit_test_files

KEPT: Final = timedelta(hours=1)
"""How long an alert fires on where a rule keeps its state without data."""

_OBJECT: Final = re.compile(r"^kind:\s*[\"']?PrometheusRule\b", re.MULTILINE)

T = TypeVar("T")


class Form(StrEnum):
    """What kind of file."""

    RULES = "rules"
    OBJECT = "prometheusrule"


def longer(rule: AlertingRule) -> AlertingRule:
    """A rule that keeps its state without data, as near as Prometheus comes to that."""
    return replace(rule, keep_firing_for=max(rule.keep_firing_for, KEPT))


def outside_group(url_of: Callable[[str], str] = lambda _: "") -> Group:
    """The rules for a Prometheus that watches from outside."""
    rules = tuple(
        applied(rule).rule(url_of(rule.name))
        for rule in OUTSIDE.rules
        if isinstance(rule, ShippedRule)
    )
    return Group(name=OUTSIDE.name, interval=OUTSIDE.interval, rules=rules)


def written(
    groups: Sequence[Group],
    *,
    target: Target = Target.CURRENT,
    form: Form = Form.RULES,
    name: str = "zerostate-monitoring",
    namespace: str = "",
    notes: Iterable[str] = (),
) -> Written:
    """A file with ``groups``; ``notes`` stand above them as comments.

    Raises:
        RuleFileError: a rule cannot be said to ``target``, or stands twice.
    """
    if form is Form.OBJECT:
        rule = PrometheusRule(name=name, namespace=namespace, groups=tuple(groups))
        made = write_prometheus_rule(rule, target)
    else:
        made = write_rules(groups, target)
    told = tuple(notes)
    return Written(dump_notes(told) + made.text, (*told, *made.notes))


def dump_notes(notes: Iterable[str]) -> str:
    """Sentences as comments, none of them longer than a line."""
    return "".join(f"# {line}\n" for note in notes for line in _folded(note))


def _folded(note: str, width: int = 96) -> list[str]:
    lines = [""]
    for word in note.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def written_tests(
    rules: Iterable[AlertingRule],
    groups: Sequence[Group],
    rule_file: str,
    target: Target = Target.CURRENT,
) -> dict[str, str]:
    """Files of tests of the built-in rules among ``rules``: what each is called ends in.

    Rules whose numbers an operator has changed are not among ``rules``.
    """
    files = unit_test_files(rules, [rule_file], [group.name for group in groups])
    return {
        f"_tests_{format_duration(interval)}.yml": write_unit_tests(file, target).text
        for interval, file in files.items()
    }


def is_as_shipped(rule: AlertingRule) -> bool:
    """Whether the tests that are shipped hold for ``rule``: expression and ``for`` are the same."""
    shipped = RULES.get(rule.alert)
    if shipped is None:
        return False
    plain = applied(shipped)
    return (rule.expr, rule.for_) == (plain.expr, plain.for_duration)


# -- read ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a file, and in which lines its groups and rules begin."""

    groups: tuple[Group, ...]
    lines: Mapping[tuple[int, ...], int] = field(hash=False)
    """(group,) or (group, rule), counted from 0, to the line, counted from 1."""


def read(text: str) -> Document:
    """The groups of a rule file, or of a PrometheusRule object.

    Raises:
        RuleFileError: it is neither, or a rule cannot work; lines are named.
    """
    groups = read_prometheus_rule(text).groups if _OBJECT.search(text) else read_rules(text)
    return Document(groups, _lines(text))


def from_file(path: Path, reader: Callable[[str], T]) -> T:
    """What ``reader`` makes of the text of a file.

    Raises:
        RuleFileError: what is wrong, with the file's name.
        OSError: it cannot be opened.
    """
    try:
        return reader(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise RuleFileError([f"{path}: This is no text in UTF-8."]) from error
    except RuleFileError as error:
        raise RuleFileError([f"{path}: {fault}" for fault in error.faults]) from error


def _lines(text: str) -> dict[tuple[int, ...], int]:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    groups = _value(_value(node, "spec") or node, "groups")
    found: dict[tuple[int, ...], int] = {}
    for place, group in enumerate(groups.value if groups else ()):
        found[(place,)] = group.start_mark.line + 1
        rules = _value(group, "rules")
        for number, rule in enumerate(rules.value if rules else ()):
            found[(place, number)] = rule.start_mark.line + 1
    return found


def _value(node: Any, key: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
