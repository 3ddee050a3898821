"""Django's widgets and filters, with a name for each of their parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _


class NativeTime(forms.TimeInput):
    """A time, chosen as the browser lets its user choose one: no script is needed."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # In steps of a second, or one that has seconds would be refused.
        super().__init__({"step": 1, **(attrs or {})}, format="%H:%M:%S")


class NamedDateTime(AdminSplitDateTime):
    """A day and a time: what stands beside the two boxes is no label to a reader.

    The boxes are the browser's own, which know the language and the device of their user.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        named = {"type": "date", "aria-label": _("Date")}
        day = forms.DateInput(named, format="%Y-%m-%d")
        forms.MultiWidget.__init__(self, [day, NativeTime({"aria-label": _("Time")})], attrs)


def name_fields(form: forms.BaseForm) -> None:
    """Each box in a line of a table has the name of its column, for who sees no column."""
    for name, field in form.fields.items():
        label = field.label or name.replace("_", " ").capitalize()
        # A choice of rows is wrapped, for the signs beside it.
        widget: Any = getattr(field.widget, "widget", field.widget)
        widget.attrs.setdefault("aria-label", label)


class FilledValuesFilter(AllValuesFieldListFilter):
    """Without the empty value, whose link would have no text."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Those of Django that can be read."""
        return (choice for choice in super().choices(changelist) if choice["display"] != "")
