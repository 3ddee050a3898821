"""Times on the page of a row, in the form in which all other pages show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.html import format_html

from zerostate_monitoring.admin import display, words


def show_moments(adminform: Any, model: type[models.Model]) -> None:
    """Times that nobody may change on the page ``adminform``; Django would show their minute."""
    times = {
        field.name: _shown(field)
        for field in model._meta.fields
        if isinstance(field, models.DateTimeField) and field.name in adminform.readonly_fields
    }
    adminform.readonly_fields = [*adminform.readonly_fields, *times.values()]
    adminform.fieldsets = [
        (title, {**options, "fields": [_in_place(one, times) for one in options["fields"]]})
        for title, options in adminform.fieldsets
    ]


def _in_place(field: Any, times: dict[str, Any]) -> Any:
    if isinstance(field, str):
        return times.get(field, field)
    return [times.get(one, one) for one in field] if isinstance(field, list | tuple) else field


def _shown(field: models.DateTimeField[Any, Any]) -> Callable[[models.Model], str]:
    def shown(row: models.Model) -> str:
        at = getattr(row, field.name)
        if at is None:
            return display.EMPTY
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), words.clock(at))

    # Django finds the label and the help of a field by these.
    shown.__name__ = field.name
    shown.short_description = field.verbose_name  # type: ignore[attr-defined]
    return shown
