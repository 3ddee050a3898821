"""What a rule means, in sentences: when it fires, for what, how long, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.admin.rules.charting import Compared, compared
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.rule_schema import base_schema, schema_for
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule, RecordingRule
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.label_flow import labels_of
from zerostate_monitoring.rules.lint import metrics_of
from zerostate_monitoring.rules.schema import Schema

_TEMPLATE: Final = "{{"
_LONGEST: Final = 120


def meaning_of(rule: Rule) -> list[str]:
    """Sentences about a rule that can work; nothing of one that cannot be read."""
    definition = labelled(rule)
    try:
        if isinstance(definition, RecordingRule):
            return [_recorded(definition), *_when(rule)]
        return [*_fires(rule, definition), *_when(rule), *_goes_to(definition)]
    except QuerySyntaxError:
        return []


def _recorded(rule: RecordingRule) -> str:
    said = _("It writes what the expression gives as series of the name %(name)s.")
    return said % {"name": rule.record}


def _fires(rule: Rule, definition: AlertingRule) -> Iterator[str]:
    asked = compared(definition.expr)
    yield _who(rule, asked)
    yield _condition(asked, definition.for_)
    if definition.keep_firing_for:
        said = _("It fires on for %(time)s after it was last seen.")
        yield said % {"time": format_duration(definition.keep_firing_for)}


def _who(rule: Rule, asked: Compared) -> str:
    """How many alerts there can be: one for each set of labels."""
    found = labels_of(parse(rule.expr).expr, _schema(rule))
    names = sorted(name for name in found.names if not name.startswith("__"))
    if found.open:
        return _("One alert for each series of %(expr)s.") % {"expr": _short(asked.expr)}
    if not names:
        return _("One alert at most: %(expr)s gives one figure.") % {"expr": _short(asked.expr)}
    said = _("One alert for each %(labels)s of %(expr)s.")
    return said % {"labels": display.some(names, 8), "expr": _short(asked.expr)}


def _schema(rule: Rule) -> Schema:
    """What is known of its metrics; rules that record are asked for where it reads one."""
    base = base_schema()
    return base if metrics_of(rule.expr) <= set(base.names()) else schema_for(rule)


def _short(expr: str) -> str:
    """So much of an expression as a sentence can hold; whole it stands below."""
    return expr if len(expr) <= _LONGEST else f"{expr[: _LONGEST - 1]}…"


def _condition(asked: Compared, wait: timedelta) -> str:
    time = format_duration(wait)
    if asked.threshold is None:
        if wait:
            return _("It fires once the expression has given a value for %(for)s.") % {"for": time}
        return _("It fires as soon as the expression gives a value.")
    values = {"op": asked.op, "value": _limit(asked.expr, asked.threshold), "for": time}
    if wait:
        return _("It fires once its value was %(op)s %(value)s for %(for)s.") % values
    return _("It fires as soon as its value is %(op)s %(value)s.") % values


def _limit(expr: str, threshold: float) -> str:
    """The number as it is written, and in its unit where that says more."""
    exact, unit = display.exact(threshold), unit_of(expr)
    told = words.with_unit(threshold, unit)
    return f"{exact} ({told})" if unit.partition("/")[0] and told != exact else exact


def _when(rule: Rule) -> Iterator[str]:
    group = rule.group
    values = {
        "every": format_duration(timedelta(seconds=group.interval_seconds)),
        "group": group.name,
    }
    yield _("It is evaluated every %(every)s, with the group %(group)s.") % values
    if not rule.enabled:
        yield _("It is disabled: nothing of this happens.")
    elif not group.enabled:
        yield _("Its group is disabled: nothing of this happens.")


def _goes_to(rule: AlertingRule) -> Iterator[str]:
    """By the labels that all its alerts have; others may send some of them elsewhere."""
    labels = {name: text for name, text in rule.labels.items() if _TEMPLATE not in text}
    names = [each.steps[0].receiver_name for each in load().of({**labels, "alertname": rule.alert})]
    if names:
        yield _("As routes are now, it tells %(names)s.") % {"names": display.some(names)}
    else:
        yield _("As routes are now, no route takes it by its own labels: see Routes.")
