"""Rules and groups as values, in Prometheus's words, and what is wrong with them.

Source of the rules: ``model/rulefmt/rulefmt.go`` of Prometheus 3.14. Stricter than it: range
vectors and strings, which fail there at each evaluation, are refused at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.exceptions import DurationError, QuerySyntaxError, TemplateError
from zerostate_monitoring.promql.nodes import ValueType
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.durations import format_duration

RESERVED_LABELS: Final = frozenset({"alertname", "alertstate"})
"""Set by the evaluation; a rule's own would be overwritten."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_ZERO: Final = timedelta(0)
_METRIC_NAME: Final = "__name__"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``field`` is the path to it, as in ``labels.severity`` or ``rules[2].expr`` (counted from
    0). ``start`` and ``end`` are its place in the field's text, in characters, where known.
    """

    field: str
    reason: str
    start: int = 0
    end: int = 0

    def within(self, path: str) -> Problem:
        """The same problem, seen from outside of ``path``."""
        return replace(self, field=f"{path}.{self.field}" if self.field else path)

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertingRule:
    """``alert``: each series that ``expr`` gives is an alert.

    ``for_`` is Prometheus's ``for``. Labels and annotations are templates.
    """

    alert: str
    expr: str
    for_: timedelta = _ZERO
    keep_firing_for: timedelta = _ZERO
    labels: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)
    annotations: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.alert

    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with it."""
        return (
            *_name_problems("alert", self.alert),
            *expr_problems(self.expr),
            *_duration_problems("for", self.for_),
            *_duration_problems("keep_firing_for", self.keep_firing_for),
            *_label_problems("labels", self.labels),
            *_template_problems("labels", "label", self.labels),
            *_annotation_problems(self.annotations),
            *_template_problems("annotations", "annotation", self.annotations),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRule:
    """``record``: what ``expr`` gives becomes series of this name. Labels are plain texts."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)

    @property
    def name(self) -> str:
        """The name of the series."""
        return self.record

    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with it."""
        return (
            *_record_problems(self.record),
            *expr_problems(self.expr),
            *_label_problems("labels", self.labels, reserved=frozenset()),
            *_text_problems("labels", self.labels),
        )


Rule = AlertingRule | RecordingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules that are evaluated one after another at the same instant.

    ``interval`` and ``query_offset`` are ``None`` where the global ones hold; ``limit`` 0 is
    none. ``labels`` are added to each rule that does not set them itself.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    interval: timedelta | None = None
    query_offset: timedelta | None = None
    limit: int = 0
    labels: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)

    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with it and its rules."""
        return (*self._own_problems(), *self._rule_problems())

    def labelled(self, rule: Rule) -> Rule:
        """A rule of this group with the group's labels, where it does not set them itself."""
        return replace(rule, labels={**self.labels, **rule.labels}) if self.labels else rule

    def _own_problems(self) -> Iterator[Problem]:
        yield from _name_problems("name", self.name)
        if self.interval is not None:
            yield from _duration_problems("interval", self.interval)
            if self.interval == _ZERO:
                yield Problem("interval", "Rules are evaluated every so often: not every 0 s.")
        if self.query_offset is not None:
            yield from _duration_problems("query_offset", self.query_offset)
        if self.limit < 0:
            yield Problem("limit", "A limit is a number of series; 0 is none.")
        yield from _label_problems("labels", self.labels)
        if any(isinstance(rule, AlertingRule) for rule in self.rules):
            yield from _template_problems("labels", "label", self.labels)
        else:
            yield from _text_problems("labels", self.labels)

    def _rule_problems(self) -> Iterator[Problem]:
        for place, rule in enumerate(self.rules):
            yield from (problem.within(f"rules[{place}]") for problem in rule.problems())


def group_problems(groups: Sequence[Group]) -> tuple[Problem, ...]:
    """All that is wrong with groups that stand together, in a file or an installation."""
    seen: dict[str, int] = {}
    out: list[Problem] = []
    for place, group in enumerate(groups):
        out += (problem.within(f"groups[{place}]") for problem in group.problems())
        if (first := seen.setdefault(group.name, place)) != place:
            reason = f"The name “{group.name}” stands twice: groups[{first}] has it, too."
            out.append(Problem(f"groups[{place}].name", reason))
    return tuple(out)


# -- parts ---------------------------------------------------------------------


def expr_problems(expr: str) -> tuple[Problem, ...]:
    """What is wrong with the expression of a rule."""
    if not expr.strip():
        return (Problem("expr", "The expression is missing."),)
    try:
        query = parse(expr)
    except QuerySyntaxError as error:
        return (Problem("expr", error.message, error.start, error.end),)
    if query.type is ValueType.MATRIX:
        reason = "This is a range vector; a rule needs one value per series, as rate(x[5m]) gives."
        return (Problem("expr", reason, 0, len(expr)),)
    if query.type is ValueType.STRING:
        return (Problem("expr", "This is a string; a rule needs numbers.", 0, len(expr)),)
    return ()


def _name_problems(where: str, name: str) -> Iterator[Problem]:
    if not name.strip():
        yield Problem(where, "The name is missing.")
    elif not name.isprintable():
        yield Problem(where, "A name stands on one line and holds no invisible characters.")


def _record_problems(record: str) -> Iterator[Problem]:
    if "{" in record or "}" in record:
        yield Problem("record", "A name has no braces; labels of the series stand under labels.")
    else:
        yield from _name_problems("record", record)


def _duration_problems(where: str, duration: timedelta) -> Iterator[Problem]:
    try:
        format_duration(duration)
    except DurationError as error:
        yield Problem(where, str(error))


def _label_problems(
    where: str, labels: Mapping[str, str], reserved: frozenset[str] = RESERVED_LABELS
) -> Iterator[Problem]:
    for name in labels:
        if not name or not _is_text(name):
            yield Problem(f"{where}.{name}", "This is no name of a label.")
        elif name == _METRIC_NAME:
            yield Problem(f"{where}.{name}", "A label cannot name the metric; record does.")
        elif name in reserved:
            yield Problem(f"{where}.{name}", f"“{name}” is set by the evaluation itself.")


def _annotation_problems(annotations: Mapping[str, str]) -> Iterator[Problem]:
    for name in annotations:
        if not name or not _is_text(name):
            yield Problem(f"annotations.{name}", "This is no name of an annotation.")


def _text_problems(where: str, texts: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in texts.items():
        if not _is_text(text):
            yield Problem(f"{where}.{name}", "The text holds what is no character.")


def _template_problems(where: str, noun: str, texts: Mapping[str, str]) -> Iterator[Problem]:
    # Twenty modules, for who saves or evaluates a rule; models need none of them.
    from zerostate_monitoring.rules.templates import Template  # noqa: PLC0415

    yield from _text_problems(where, texts)
    for name, text in texts.items():
        try:
            Template.parse(text)
        except TemplateError as error:
            reason = f"The template of the {noun} “{name}” is none. {error.message}"
            yield Problem(f"{where}.{name}", reason, error.start, error.end)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
