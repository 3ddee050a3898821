"""Rule files into rows: all or nothing.

A rule that comes so behaves as it does in Prometheus: without data its alerts resolve. Labels
``severity`` and ``layer`` and the annotations ``runbook_url`` and ``owner`` go into their
columns where they fit, and come out as labels and annotations again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from zerostate_monitoring.alerting.rule_cases import find_failing
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.generators.rule_files import Document
from zerostate_monitoring.models import Alert, Rule, RuleGroup
from zerostate_monitoring.models.rule_texts import differences, texts_of
from zerostate_monitoring.models.words import (
    AlertState,
    EndReason,
    NoDataPolicy,
    Origin,
    RuleKind,
    RuleLayer,
    Severity,
)
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.definitions import Rule as Definition

DEFAULT_INTERVAL: Final = timedelta(minutes=1)
"""Prometheus's own, of a group that names none."""

_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "severity": Severity.values,
    "layer": RuleLayer.values,
}
_TEXTS: Final[Mapping[str, int]] = {"runbook_url": 500, "owner": 200}


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read."""

    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class Saved:
    """A rule that was saved: field, old and new of each difference; none of a new one."""

    row: Rule
    differences: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(slots=True)
class Report:
    """What was done, by rules: ``group: rule``."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Rules of these groups that stand in no file; they are left as they are."""
    saved: dict[str, Saved] = field(default_factory=dict)
    ended: int = 0
    """Alerts that fired and ended, for their rule has another name or other labels now."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing had to be done."""
        return not self.added and not self.changed


def take(
    files: Iterable[File], *, prefix: str = "", check: bool = False, editor: Any = None
) -> Report:
    """Make the rows of the files' groups; with ``check`` only say what would be done.

    Raises:
        RuleFileError: something cannot be taken, so nothing was; files and lines are named.
    """
    report, began = Report(), timezone.now()
    with transaction.atomic():
        taking = _Taking(report, prefix, editor)
        for file in files:
            taking.take(file)
        taking.done()
        report.ended = _ended(report, began)
        if check:
            transaction.set_rollback(True)
    return report


class _Taking:
    """One import."""

    def __init__(self, report: Report, prefix: str, editor: Any) -> None:
        self._report: Final = report
        self._prefix: Final = prefix
        self._editor: Final = editor
        self._faults: Final[list[str]] = []
        self._seen: Final[dict[str, str]] = {}

    def done(self) -> None:
        if self._faults:
            raise RuleFileError(self._faults)

    def take(self, file: File) -> None:
        for place, group in enumerate(file.document.groups):
            where = f"{file.name}, line {file.document.lines.get((place,), 1)}"
            row = self._group(where, group)
            if row is None:
                continue
            left = _by_name(row)
            for number, rule in enumerate(group.rules):
                line = file.document.lines.get((place, number), 1)
                same = left.get(rule.name)
                found = same.pop(0) if same else None
                self._rule(f"{file.name}, line {line}", row, number, rule, found)
            self._report.left.extend(
                f"{row.name}: {r.name}" for rows in left.values() for r in rows
            )

    def _group(self, where: str, group: Group) -> RuleGroup | None:
        name = f"{self._prefix}{group.name}"
        if other := self._seen.get(name):
            self._faults.append(f"{where}: The group “{name}” stands in {other}, too.")
            return None
        self._seen[name] = where
        row = RuleGroup.objects.filter(name=name).first()
        if row is None:
            row = RuleGroup(name=name, position=_next_position())
        elif row.origin == Origin.SHIPPED:
            self._faults.append(
                f"{where}: The group “{name}” is built in. Set parameters of its rules in admin, "
                "or take the file with --group-prefix."
            )
            return None
        return row if self._save(where, row, group_columns(group)) else None

    def _rule(
        self, where: str, group: RuleGroup, place: int, rule: Definition, found: Rule | None
    ) -> None:
        columns = {**rule_columns(rule), "position": place}
        row = found or Rule(group=group, no_data_policy=NoDataPolicy.RESOLVE)
        name = f"{group.name}: {rule.name}"
        is_same = all(getattr(row, key) == value for key, value in columns.items())
        if found is not None and is_same:
            self._report.unchanged.append(name)
            return
        row.editor, row.remark = self._editor, "Taken from a file."
        if self._save(where, row, columns):
            (self._report.changed if found is not None else self._report.added).append(name)
            former = row.former
            told = () if former is None else differences(former.texts, texts_of(row))
            self._report.saved[name] = Saved(row, tuple(told))

    def _save(self, where: str, row: Rule | RuleGroup, columns: Mapping[str, Any]) -> bool:
        """Check the row and save it; false where it cannot be."""
        for key, value in columns.items():
            setattr(row, key, value)
        if _has_nul(columns):
            self._faults.append(f"{where}: A text holds a character 0, which no database keeps.")
            return False
        try:
            row.full_clean()
        except ValidationError as error:
            self._faults.extend(f"{where}: {text}" for text in _texts(error))
            return False
        if isinstance(row, Rule) and row.tests:
            # A file says nothing of them; what of them fails by it is found on the rule.
            find_failing(row)
        row.save()
        return True


def _ended(report: Report, began: datetime) -> int:
    """How many firing alerts the import has ended; it is said before anything is committed."""
    changed = [saved.row.pk for saved in report.saved.values() if saved.differences]
    rows = Alert.objects.filter(rule__in=changed, end_reason=EndReason.EDITED)
    return rows.filter(state=AlertState.RESOLVED, ended_at__gte=began).count()


def _by_name(group: RuleGroup) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in group.rules.order_by("position", "pk"):
        found.setdefault(rule.name, []).append(rule)
    return found


def _next_position() -> int:
    last = RuleGroup.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _texts(error: ValidationError) -> Iterator[str]:
    for name, messages in error.message_dict.items():
        for message in messages:
            yield f"{name}: {message}" if name != "__all__" else message


def _has_nul(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, str) and "\x00" in value


# -- columns -----------------------------------------------------------------------


def group_columns(group: Group) -> dict[str, Any]:
    """What the row of a group says of it, but for its name."""
    offset = group.query_offset
    return {
        "interval_seconds": (group.interval or DEFAULT_INTERVAL).total_seconds(),
        "query_offset_seconds": None if offset is None else offset.total_seconds(),
        "limit": group.limit,
        "labels": dict(group.labels),
    }


def rule_columns(rule: Definition) -> dict[str, Any]:
    """What the row of a rule says of it."""
    if not isinstance(rule, AlertingRule):
        columns = {"kind": RuleKind.RECORDING, "name": rule.record, "labels": dict(rule.labels)}
        return {**columns, "expr": rule.expr}
    labels, annotations = dict(rule.labels), dict(rule.annotations)
    words = {
        name: labels.pop(name) if labels.get(name) in known else ""
        for name, known in _WORDS.items()
    }
    texts = {
        name: annotations.pop(name, "") if _fits(annotations.get(name, ""), most) else ""
        for name, most in _TEXTS.items()
    }
    return {
        "kind": RuleKind.ALERTING,
        "name": rule.alert,
        "expr": rule.expr,
        "for_duration": rule.for_,
        "keep_firing_for": rule.keep_firing_for,
        "labels": labels,
        "annotations": annotations,
        **words,
        **texts,
    }


def _fits(text: str, most: int) -> bool:
    """Whether a column keeps a text as it is: a form would strip blanks."""
    return 0 < len(text) <= most and text == text.strip() and text.isprintable()
