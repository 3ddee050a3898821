"""What matchers, labels and lengths of time may be: errors by field, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.promql.quoting import is_plain_label
from zerostate_monitoring.rules.breadth import meets_everything
from zerostate_monitoring.rules.matchers import compile_text

Errors = dict[str, list[str]]


def refuse(errors: Mapping[str, Sequence[str]]) -> None:
    """Raise what is wrong, if anything is.

    Raises:
        ValidationError: field to sentences.
    """
    found = {field: list(said) for field, said in errors.items() if said}
    if found:
        raise ValidationError(found)


def matcher_faults(text: str) -> list[str]:
    """What is wrong with matchers that may be none."""
    try:
        compile_text(text)
    except RuleError as error:
        return [str(error)]
    return []


def hold_faults(text: str) -> list[str]:
    """What is wrong with matchers that must leave something out."""
    faults = matcher_faults(text)
    if faults:
        return faults
    if not compile_text(text).matchers:
        return [_('Enter at least one matcher, such as severity="warning".')]
    if meets_everything(text):
        return [_("These matchers leave nothing out: at least one must ask for a value.")]
    return []


def name_faults(value: Any, *extra: str) -> list[str]:
    """What is wrong with a list of labels; ``extra`` are words that may stand in it, too."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return [_('Enter a list of labels, such as ["alertname", "node"].')]
    bad = [name for name in value if name not in extra and not is_plain_label(name)]
    twice = sorted({name for name in value if value.count(name) > 1})
    faults = [_("%s is not the name of a label.") % (name or '""') for name in bad]
    return faults + [_("%s stands there twice.") % name for name in twice]
