"""Fields of forms that JSON rows have: names in a line, weekdays as boxes; seconds as 4h."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.rules.durations import format_duration, parse_duration

_BETWEEN: Final = re.compile(r"[\s,]+")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")

WEEKDAYS: Final = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class NamesField(forms.Field):
    """Names in a line, with commas or blanks between them; a list in the row."""

    widget = forms.TextInput(attrs={"class": "vTextField"})

    def prepare_value(self, value: Any) -> Any:
        """The line that a list is edited as."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """The list that a line stands for."""
        if isinstance(value, list):
            return value
        return [name for name in _BETWEEN.split(str(value or "")) if name]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other names stand there, or in another order."""
        return self.to_python(initial) != self.to_python(data)


class SecondsField(forms.CharField):
    """A time as rules write it, such as 4h or 1h30m; seconds in the row, and a number is some."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"size": 10}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """The time that seconds are edited as; a negative one stands as it is."""
        if not isinstance(value, int | float):
            return value
        try:
            return format_duration(timedelta(milliseconds=round(value * 1000)))
        except (DurationError, OverflowError, ValueError):
            return f"{value:g}"

    def to_python(self, value: Any) -> Any:
        """Its seconds; nothing for none.

        Raises:
            ValidationError: it is no time.
        """
        if isinstance(value, int | float):
            return float(value)
        text = (super().to_python(value) or "").replace(" ", "")
        if not text:
            return None
        if _NUMBER.fullmatch(text):
            return float(text)
        try:
            return parse_duration(text).total_seconds()
        except DurationError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another time, however it is written."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Weekdays as boxes; numbers from 0, Monday, in the row."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "zsm-chips"})

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=WEEKDAYS, coerce=int, empty_value=[], **options)

    def prepare_value(self, value: Any) -> Any:
        """Whatever stands in the row: what is no list is no weekday."""
        return value if isinstance(value, list) else []
