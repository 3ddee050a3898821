"""What keeps a group of rules from being saved, and what is shown with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zerostate_monitoring.conf import conf
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.excerpts import placed

if TYPE_CHECKING:
    from zerostate_monitoring.models.rule_group import RuleGroup

_FORM_FIELDS: Final = {"interval": "interval_seconds", "query_offset": "query_offset_seconds"}
_LONGEST_SECONDS: Final = 24 * 3600
_ANY_ALERT: Final = AlertingRule(alert="Any", expr="vector(1)")


@dataclass(frozen=True, slots=True)
class FormerGroup:
    """A group as the database held it before it was saved."""

    definition: Group
    enabled: bool


def check_group(group: RuleGroup) -> None:
    """Refuse what cannot work.

    Raises:
        ValidationError: by field.
    """
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for field, message in _errors(group):
        errors[field].append(message)
    if errors:
        raise ValidationError(dict(errors))


def _errors(group: RuleGroup) -> Iterator[tuple[str, str]]:
    if not _are_texts(group.labels):
        yield "labels", _("Texts by their names, such as team: network.")
        return
    if not 0 < group.interval_seconds <= _LONGEST_SECONDS:
        yield "interval_seconds", _("Rules are evaluated every so often: from 1 s to 24 h.")
        return
    # An alert may come at any time, and to it the labels are templates.
    definition = replace(group.definition(), rules=(_ANY_ALERT,))
    for problem in definition.problems():
        field, _dot, part = problem.field.partition(".")
        text = group.labels.get(part, "") if field == "labels" else ""
        said = placed(problem.reason, text, problem.start, problem.end)
        yield _FORM_FIELDS.get(field, field), said


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def group_warnings(group: RuleGroup) -> list[str]:
    """What works, and not as one may think."""
    column = conf.HISTORY_INTERVAL_SECONDS
    interval = group.interval_seconds
    # A server of one's own has its own columns.
    if conf.PROMETHEUS_URL or not interval or column <= 0:
        return []
    values = {"interval": f"{interval:g}", "column": f"{column:g}"}
    if interval < column:
        message = _(
            "History has a column every %(column)s s, so the rules are evaluated that often and "
            "not every %(interval)s s (ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS)."
        )
        return [message % values]
    if abs(interval / column - round(interval / column)) < 1e-9:
        return []
    message = _(
        "%(interval)s s is no multiple of %(column)s s, the interval of history: slots sit on "
        "its columns, so the time between two evaluations changes. Take a multiple."
    )
    return [message % values]
