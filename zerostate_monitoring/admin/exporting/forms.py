"""The options of an export as a form, made of the same list as the command's arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators import option_checks
from zerostate_monitoring.generators.exports import of_this_project
from zerostate_monitoring.generators.option_words import (
    GROUPS,
    Kind,
    Option,
    lines,
    made,
    options,
)
from zerostate_monitoring.generators.options import ExportOptions

_LINES: Final = frozenset({Kind.LIST, Kind.PAIRS})


class OptionsForm(forms.Form):
    """Where things are; what is not asked for keeps its default."""

    def __init__(self, query: QueryDict) -> None:
        known = {option.name: option for option in options()}
        start = {**{name: _shown(one) for name, one in known.items()}, **of_this_project()}
        self._start: Final[Mapping[str, Any]] = start
        self._known: Final = known
        super().__init__({name: query.get(name, start[name]) for name in known})
        self.fields.update({name: _field(option) for name, option in known.items()})

    def clean(self) -> dict[str, Any]:
        """The options, under ``options``; a fault stands beside its field."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            cleaned["options"] = self._options(cleaned)
        return cleaned

    def _options(self, cleaned: Mapping[str, Any]) -> ExportOptions | None:
        given = {name: self._given(name, cleaned[name]) for name in self._known}
        if self.errors:
            return None
        found = made(given)
        for name, fault in option_checks.faults(found).items():
            self.add_error(name, f"This {fault}")
        return found

    def _given(self, name: str, value: Any) -> Any:
        if self._known[name].kind not in _LINES:
            return value
        try:
            self._known[name].value(lines(value))
        except ConfigurationError as error:
            self.add_error(name, f"This {str(error).removeprefix(name).strip()}")
        return lines(value)

    @property
    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Fields that belong together, under their title."""
        for title in GROUPS:
            names = [one.name for one in self._known.values() if one.group == title]
            yield title, [self[name] for name in names]

    @property
    def is_changed(self) -> bool:
        """Whether anything is other than this project would have it."""
        return bool(self.query)

    @property
    def query(self) -> str:
        """What an address has to say of the options: those that are not as they were."""
        data = {name: value for name, value in self.data.items() if value != self._start[name]}
        return urlencode({name: value for name, value in data.items() if value is not False})


def _shown(option: Option) -> Any:
    """The default as a form holds it."""
    if option.kind in _LINES:
        return "\n".join("=".join(one) if isinstance(one, tuple) else one for one in option.default)
    if option.kind is Kind.NUMBER:
        return f"{option.default:g}"
    return option.default if option.kind is Kind.SWITCH else str(option.default)


def _field(option: Option) -> forms.Field:
    common: dict[str, Any] = {
        "label": option.label,
        "help_text": option.help,
        "required": False,
    }
    if option.kind is Kind.SWITCH:
        return forms.BooleanField(**common)
    if option.kind is Kind.NUMBER:
        return forms.FloatField(**{**common, "required": True})
    if option.kind is Kind.CHOICE:
        return forms.ChoiceField(
            **{**common, "required": True}, choices=[(one, one) for one in option.choices]
        )
    if option.kind in _LINES:
        area = forms.Textarea(attrs={"rows": 3, "cols": 50})
        return forms.CharField(**common, widget=area)
    return forms.CharField(
        **common, strip=False, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
