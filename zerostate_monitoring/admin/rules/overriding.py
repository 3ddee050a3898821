"""What an operator may change of a built-in rule, beside what is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.rules.fields import DurationTextField, TextsField
from zerostate_monitoring.admin.rules.forms import RuleForm
from zerostate_monitoring.alerting.shipping import fields_of
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_texts import written
from zerostate_monitoring.models.words import Severity, in_words
from zerostate_monitoring.rules.shipped import (
    GROUPS,
    Parameter,
    ShippedRule,
    Unit,
    override_problems,
)

_PREFIX: Final = "parameter_"
_DEFINITIONS: Final = {
    rule.key: rule for group in GROUPS for rule in group.rules if isinstance(rule, ShippedRule)
}
_FIELDS: Final = {
    "severity": "own_severity",
    "for": "own_for",
    "keep_firing_for": "own_keep",
    "labels": "own_labels",
}


def shipped_of(rule: Rule) -> ShippedRule | None:
    """What is shipped as a built-in rule; nothing for those that only record."""
    return _DEFINITIONS.get(rule.shipped_key)


class OverridesForm(RuleForm):
    """What is left empty is as shipped."""

    shipped: ShippedRule

    own_for = DurationTextField(label=gettext_lazy("For"))
    own_keep = DurationTextField(label=gettext_lazy("Keep firing for"))
    own_severity = forms.ChoiceField(label=gettext_lazy("Severity"), required=False)
    own_labels = TextsField(label=gettext_lazy("More labels"))
    back = forms.BooleanField(
        label=gettext_lazy("Back to shipped"),
        required=False,
        help_text=gettext_lazy("Take back all of your changes, whatever stands above."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        given = initial_of(options["instance"].overrides, self.shipped)
        options["initial"] = {**given, **(options.get("initial") or {})}
        super().__init__(*args, **options)
        for name in ("labels", "annotations", "for_duration", "keep_firing_for"):
            self.fields.pop(name, None)
        self._say_what_is_shipped()

    def _say_what_is_shipped(self) -> None:
        severity, shipped = self.fields["own_severity"], self.shipped
        choices = [("", _("as shipped: %s") % Severity(shipped.severity).label), *Severity.choices]
        severity.choices = choices  # type: ignore[attr-defined]
        for name, time in (("own_for", shipped.for_), ("own_keep", shipped.keep_firing_for)):
            self.fields[name].help_text = _shipped(written(time))
            self.fields[name].widget.attrs["placeholder"] = written(time)
        self.fields["own_labels"].help_text = (
            _(
                "One per line, as team: network. The rule has the label fault: %s itself, as all "
                "that are about the same cause."
            )
            % shipped.fault
        )

    def clean(self) -> dict[str, Any]:
        """Lay the changes over what is shipped."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        overrides = self._overrides(cleaned)
        problems = override_problems(self.shipped, overrides)
        for problem in problems:
            part, _dot, name = problem.field.partition(".")
            field = f"{_PREFIX}{name}" if part == "parameters" else _FIELDS.get(part)
            self.add_error(field if field in self.fields else None, problem.reason)
        if not problems:
            self._lay(overrides)
        return cleaned

    def _overrides(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """As ``Rule.overrides`` keeps them: what is as shipped is left out."""
        if cleaned.get("back"):
            return {}
        found: dict[str, Any] = {}
        parameters = {
            parameter.name: value
            for parameter in self.shipped.parameters
            if (value := _number(cleaned.get(f"{_PREFIX}{parameter.name}"))) is not None
            and value != parameter.default
        }
        if parameters:
            found["parameters"] = parameters
        if cleaned["own_severity"] not in {"", self.shipped.severity}:
            found["severity"] = cleaned["own_severity"]
        found |= self._time("for", "own_for", self.shipped.for_)
        found |= self._time("keep_firing_for", "own_keep", self.shipped.keep_firing_for)
        if cleaned["own_labels"]:
            found["labels"] = cleaned["own_labels"]
        if not cleaned.get("enabled", True):
            found["enabled"] = False
        return found

    def _time(self, key: str, field: str, shipped: timedelta) -> dict[str, Any]:
        # Empty is as shipped; that nothing is waited for is said by 0s.
        typed = str(self.data.get(self.add_prefix(field), "")).strip()
        own = self.cleaned_data[field]
        return {key: written(own)} if typed and own != shipped else {}

    def _lay(self, overrides: dict[str, Any]) -> None:
        fields = fields_of(self.shipped, overrides)
        fields["enabled"] = overrides.get("enabled", True)
        for name, value in fields.items():
            setattr(self.instance, name, value)
        self.cleaned_data["enabled"] = fields["enabled"]
        self.instance.overrides = overrides


def overrides_form(shipped: ShippedRule) -> type[OverridesForm]:
    """The form of one built-in rule, with a field for each of its parameters."""
    fields = {f"{_PREFIX}{one.name}": _field(one) for one in shipped.parameters}
    return type("BuiltInRuleForm", (OverridesForm,), {**fields, "shipped": shipped})


def parameter_fields(shipped: ShippedRule) -> tuple[str, ...]:
    """Names of the fields of its parameters."""
    return tuple(f"{_PREFIX}{one.name}" for one in shipped.parameters)


def _field(parameter: Parameter) -> forms.Field:
    lowest, highest = parameter.text(parameter.lowest), parameter.text(parameter.highest)
    said = _("%(help)s From %(lowest)s to %(highest)s.") % {
        "help": in_words(parameter.help),
        "lowest": lowest,
        "highest": highest,
    }
    label = parameter.name.replace("_", " ").capitalize()
    shipped = parameter.text(parameter.default)
    text = f"{said} {_shipped(shipped)}"
    is_time = _is_time(parameter)
    # As it would be typed: a share is typed as a number, whatever it is read as.
    typed = shipped if is_time else parameter.promql(parameter.default)
    widget = forms.TextInput(attrs={"size": 12, "placeholder": typed})
    if is_time:
        return DurationTextField(label=label, help_text=text, widget=widget)
    return forms.FloatField(label=label, help_text=text, required=False, widget=widget)


def _is_time(parameter: Parameter) -> bool:
    whole = float(parameter.lowest).is_integer() and float(parameter.default).is_integer()
    return parameter.unit is Unit.WINDOW or (parameter.unit is Unit.SECONDS and whole)


def _shipped(text: str) -> str:
    return _("Shipped value: %s.") % text


def _number(value: Any) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds() or None
    return None if value is None else float(value)


def initial_of(overrides: Mapping[str, Any], shipped: ShippedRule) -> dict[str, Any]:
    """What the form begins with: an operator's changes, and nothing where there are none."""
    found: dict[str, Any] = {
        "own_severity": overrides.get("severity", ""),
        "own_for": overrides.get("for", ""),
        "own_keep": overrides.get("keep_firing_for", ""),
        "own_labels": overrides.get("labels", {}),
    }
    given = overrides.get("parameters", {})
    for parameter in shipped.parameters:
        value = given.get(parameter.name)
        if value is not None and _is_time(parameter):
            value = timedelta(seconds=value)
        found[f"{_PREFIX}{parameter.name}"] = value
    return found
