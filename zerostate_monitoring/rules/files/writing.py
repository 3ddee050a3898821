"""Rules as YAML that Prometheus reads: the same rules give the same text."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import yaml

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.rules.definitions import AlertingRule, Group, Rule, group_problems
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.files.targets import Target, adapted

WIDTH: Final = 100
# Readers of YAML differ in which of these end a line.
_ODD_BREAKS: Final = frozenset("\r\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what it could not say: sentences, a line each."""

    text: str
    notes: tuple[str, ...] = ()


class _Dumper(yaml.SafeDumper):
    """Plain and stable: no aliases, texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 -- PyYAML's signature.
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if not _ODD_BREAKS.isdisjoint(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dump(document: Mapping[str, Any] | Sequence[Any], notes: Iterable[str] = ()) -> str:
    """A document as YAML, with ``notes`` as comments above it."""
    head = "".join(f"# {line}\n" for line in notes)
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return head + str(body)


def write_rules(groups: Sequence[Group], target: Target = Target.CURRENT) -> Written:
    """The rule file that holds ``groups``.

    For an older Prometheus that does not know all of it, what can be said otherwise is said
    so; what cannot is left out with a note, which stands in the file, too.

    Raises:
        RuleFileError: a rule cannot work, stands twice, or cannot be said to ``target``.
    """
    checked, notes = prepared(groups, target)
    return Written(dump({"groups": [document_of(group) for group in checked]}, notes), notes)


def prepared(groups: Sequence[Group], target: Target) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Groups as ``target`` knows them, and notes of what it does not.

    Raises:
        RuleFileError: as ``write_rules``.
    """
    faults = [str(problem) for problem in group_problems(groups)]
    faults += _duplicates(groups)
    if faults:
        raise RuleFileError(faults)
    if target is Target.CURRENT:
        return tuple(groups), ()
    return adapted(groups)


def _duplicates(groups: Sequence[Group]) -> list[str]:
    seen: dict[Hashable, str] = {}
    faults: list[str] = []
    for group in groups:
        for rule in group.rules:
            key: Hashable = rule.name, frozenset(group.labelled(rule).labels.items())
            if key in seen:
                faults.append(_twice(rule, seen[key], group.name))
            seen.setdefault(key, group.name)
    return faults


def _twice(rule: Rule, first: str, second: str) -> str:
    return f"“{rule.name}” stands twice with the same labels: in “{first}” and in “{second}”."


def document_of(group: Group) -> dict[str, Any]:
    """A group as it stands in a file; what is not set does not stand there."""
    document: dict[str, Any] = {
        "name": group.name,
        "interval": _duration(group.interval),
        "query_offset": _duration(group.query_offset),
        "limit": group.limit or None,
        "labels": dict(group.labels),
    }
    kept = {key: value for key, value in document.items() if value not in (None, {})}
    return {**kept, "rules": [_rule(rule) for rule in group.rules]}


def _rule(rule: Rule) -> dict[str, Any]:
    if not isinstance(rule, AlertingRule):
        document: dict[str, Any] = {"record": rule.record, "expr": rule.expr}
        return document | ({"labels": dict(rule.labels)} if rule.labels else {})
    fields = {
        "alert": rule.alert,
        "expr": rule.expr,
        "for": _duration(rule.for_ or None),
        "keep_firing_for": _duration(rule.keep_firing_for or None),
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
    }
    return {key: value for key, value in fields.items() if value not in (None, {})}


def _duration(duration: timedelta | None) -> str | None:
    return None if duration is None else format_duration(duration)
