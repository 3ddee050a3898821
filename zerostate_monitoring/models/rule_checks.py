"""What keeps a rule from being saved, and what is shown and kept with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.models.rule_schema import page_schema, schema_for, switched_off
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.definitions import AlertingRule, Problem
from zerostate_monitoring.rules.definitions import Rule as Definition
from zerostate_monitoring.rules.excerpts import placed
from zerostate_monitoring.rules.lint import Code, Finding, Severity, lint, metrics_of
from zerostate_monitoring.rules.schema import Joined, Schema

if TYPE_CHECKING:
    from zerostate_monitoring.models.rule import Rule

Errors = dict[str, list[str]]

FAILING: Final = "failing-test"
"""Code of the finding that a test case fails: the rule was saved all the same."""

_FORM_FIELDS: Final = {
    "alert": "name",
    "record": "name",
    "for": "for_duration",
    "labels.severity": "severity",
    "labels.layer": "layer",
    "annotations.runbook_url": "runbook_url",
    "annotations.owner": "owner",
}


def check_rule(rule: Rule) -> list[dict[str, Any]]:
    """The lint's warnings, as ``Rule.findings`` keeps them.

    Raises:
        ValidationError: the rule cannot work; by field, with the place in its text.
    """
    _raise({**_shape_errors(rule)})
    _raise(_problem_errors(rule, rule.definition().problems()))
    definition = labelled(rule)
    findings = _findings(definition, rule)
    refused = [finding for finding in findings if finding.severity is Severity.ERROR]
    _raise(_finding_errors(rule, refused))
    _raise({**_name_errors(rule, definition), **_case_errors(rule)})
    kept = [asdict(finding) for finding in findings if finding.severity is Severity.WARNING]
    return [*kept, *_dormant(rule), *_failing(rule)]


def labelled(rule: Rule) -> Definition:
    """The rule as a value, with its group's labels."""
    definition = rule.definition()
    return rule.group.definition().labelled(definition) if rule.group_id else definition


def _raise(errors: Errors) -> None:
    if errors:
        raise ValidationError(errors)


# -- what is no rule ---------------------------------------------------------------


def _shape_errors(rule: Rule) -> Errors:
    """Texts by name: JSON holds anything."""
    errors: Errors = {}
    for field in ("labels", "annotations"):
        value = getattr(rule, field)
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            errors[field] = [_("Texts by their names, such as team: network.")]
    for field in ("severity", "layer"):
        if getattr(rule, field) and isinstance(rule.labels, dict) and field in rule.labels:
            errors[field] = [_("It stands among the labels, too. Take it out there.")]
    return errors


def _problem_errors(rule: Rule, problems: Iterable[Problem]) -> Errors:
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for problem in problems:
        said = (problem.reason, problem.start, problem.end)
        errors[field_of(rule, problem.field)].append(_said(rule, problem.field, *said))
    return dict(errors)


def _said(rule: Rule, path: str, message: str, start: int, end: int) -> str:
    """A message with its place; of one text among several, with the name of that text."""
    field, _dot, part = path.partition(".")
    named = f"{part}: {message}" if part and field == field_of(rule, path) else message
    return placed(named, text_of(rule, path), start, end)


def field_of(rule: Rule, path: str) -> str:
    """The column of the row that ``path``, as rules name their parts, stands in."""
    whole, _dot, part = path.partition(".")
    column = _FORM_FIELDS.get(path, "")
    if column and (not part or getattr(rule, column)):
        return column
    return _FORM_FIELDS.get(whole, whole)


def text_of(rule: Rule, path: str) -> str:
    """The text that ``path`` names; empty where places in it mean nothing."""
    whole, _dot, part = path.partition(".")
    if whole == "expr":
        return rule.expr
    texts = getattr(rule, whole, None)
    return str(texts.get(part, "")) if isinstance(texts, dict) else ""


def _case_errors(rule: Rule) -> Errors:
    """Test cases that cannot be run; whether they hold is found out by running them."""
    # Files bring YAML, which only who saves a rule reads.
    from zerostate_monitoring.rules.files import read_cases  # noqa: PLC0415 - see above

    try:
        read_cases(rule.tests, "" if rule.kind == RuleKind.RECORDING else rule.name)
    except RuleFileError as error:
        return {"tests": list(error.faults)}
    return {}


# -- what the lint says ------------------------------------------------------------


def _findings(definition: Definition, rule: Rule) -> list[Finding]:
    schema = schema_for(rule)
    findings = _lint(definition, schema)
    if not any(finding.code is Code.UNKNOWN_METRIC for finding in findings):
        return findings
    page = page_schema()
    findings = findings if page is None else _lint(definition, Joined(schema, page))
    return [_advised(finding, looked=page is not None) for finding in findings]


def _lint(definition: Definition, schema: Schema) -> list[Finding]:
    return list(lint(definition, schema, interval_s=conf.HISTORY_INTERVAL_SECONDS))


def _advised(finding: Finding, *, looked: bool) -> Finding:
    """An unknown metric, with what to do; a server has metrics that nobody here knows."""
    if finding.code is not Code.UNKNOWN_METRIC:
        return finding
    values = asdict(finding)
    if conf.PROMETHEUS_URL:
        note = _("The server that evaluates may have it; the catalogue does not know it.")
        values["severity"] = Severity.WARNING
    elif looked:
        note = _(
            "It is not in the catalogue, no enabled rule records it, and it is not on the page "
            "now. If a collector of yours will give it, run that first, then save the rule."
        )
    else:
        note = _(
            "The store does not answer, so nobody knows whether a collector of yours gives it: "
            "save again when it is back."
        )
    return Finding(**{**values, "message": f"{finding.message} {note}"})


def _finding_errors(rule: Rule, findings: Iterable[Finding]) -> Errors:
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        said = (finding.message, finding.start, finding.end)
        errors[field_of(rule, finding.field)].append(_said(rule, finding.field, *said))
    return dict(errors)


def _failing(rule: Rule) -> Iterator[dict[str, Any]]:
    """What was found by running its test cases stands until they are run again."""
    if rule.tests:
        yield from (one for one in rule.findings if one.get("code") == FAILING)


def _dormant(rule: Rule) -> Iterator[dict[str, Any]]:
    """A family that an operator has disabled gives nothing: the rule sleeps until it is back."""
    names = switched_off(metrics_of(rule.expr))
    if names:
        message = _(
            "%(names)s is disabled, so the rule is dormant: enable it among the metrics."
        ) % {"names": ", ".join(names)}
        finding = {"severity": "warning", "code": "disabled-metric", "message": message}
        yield {**finding, "start": 0, "end": 0, "field": "expr"}


# -- names -------------------------------------------------------------------------


def _name_errors(rule: Rule, definition: Definition) -> Errors:
    if rule.kind == RuleKind.RECORDING:
        if CATALOGUE.find(rule.name) is not None:
            return {"name": [_("A family of the catalogue has this name. Take another.")]}
        if rule.name in {"ALERTS", "ALERTS_FOR_STATE"}:
            return {"name": [_("The evaluation itself writes series of this name.")]}
    twin = _twin(rule, definition)
    if twin is None:
        return {}
    message = _(
        "The rule “%(name)s” of the group “%(group)s” has the same name and the same labels. "
        "Change a label or the name, or disable one of the two."
    )
    return {"name": [message % {"name": twin.name, "group": twin.group.name}]}


def _twin(rule: Rule, definition: Definition) -> Rule | None:
    """Another enabled rule with the same name and labels: their alerts would be the same."""
    if not rule.enabled:
        return None
    rows = type(rule)._default_manager.filter(name=rule.name, kind=rule.kind, enabled=True)
    labels = dict(definition.labels)
    others = rows.exclude(pk=rule.pk).select_related("group")
    return next((other for other in others if dict(labelled(other).labels) == labels), None)


def identity(definition: Definition) -> tuple[object, ...]:
    """What decides which alert is which: kind, name and labels, and nothing else."""
    is_alerting = isinstance(definition, AlertingRule)
    return is_alerting, definition.name, tuple(sorted(definition.labels.items()))
