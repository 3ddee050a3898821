"""Form fields in the words of rules: durations as 5m, texts by name as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.models.rule_texts import written
from zerostate_monitoring.rules.durations import parse_duration

_LINE: Final = re.compile(r"\s*([^:\s][^:]*?)\s*:(?:\s+(.*))?\Z", re.DOTALL)


class DurationTextField(forms.CharField):
    """A duration as Prometheus writes it; empty is none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"size": 12, "placeholder": "5m"}))
        super().__init__(required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """As it is written; nothing for none."""
        if isinstance(value, timedelta):
            return written(value) if value else ""
        return value

    def to_python(self, value: Any) -> Any:
        """The duration.

        Raises:
            ValidationError: it is none.
        """
        if isinstance(value, timedelta):
            return value
        text = (super().to_python(value) or "").replace(" ", "")
        try:
            return parse_duration(text) if text else timedelta(0)
        except DurationError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another duration, however it is written."""
        try:
            return bool(self.to_python(data) != (initial or timedelta(0)))
        except ValidationError:
            return True


class TextsField(forms.CharField):
    """Texts by name, one on a line as ``team: network``; what is indented goes on."""

    def __init__(self, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField zsm-code"})
        options.setdefault("widget", area)
        super().__init__(required=False, strip=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """As lines."""
        return lines_of(value) if isinstance(value, Mapping) else value

    def to_python(self, value: Any) -> Any:
        """Texts by name.

        Raises:
            ValidationError: a line is none, or a name stands twice.
        """
        if isinstance(value, Mapping):
            return dict(value)
        text = super().to_python(value) or ""
        # Before it is taken apart: databases keep no such character, and no validator sees it then.
        ProhibitNullCharactersValidator()(text)
        return texts_in(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other texts stand there, however they are written."""
        try:
            return bool(self.to_python(data) != dict(initial or {}))
        except ValidationError:
            return True


def lines_of(texts: Mapping[str, Any]) -> str:
    """Texts by name as lines."""
    return "\n".join(f"{name}: " + str(text).replace("\n", "\n  ") for name, text in texts.items())


def texts_in(text: str) -> dict[str, str]:
    """What the lines say.

    Raises:
        ValidationError: a line is none, or a name stands twice.
    """
    found: dict[str, str] = {}
    for number, entry in _entries(text):
        match = _LINE.match(entry)
        if match is None:
            message = _("Line %(n)d is no “name: text”.")
            raise ValidationError(message, params={"n": number})
        name, value = match[1].strip(), match[2] or ""
        if name in found:
            message = _("Line %(n)d: “%(name)s” stands there already.")
            raise ValidationError(message, params={"n": number, "name": name})
        found[name] = value.rstrip()
    return found


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Number of the first line, and the lines of one entry without their indent."""
    entry, first = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if entry and line.startswith((" ", "\t")):
            entry += "\n" + (line[2:] if line.startswith("  ") else line.lstrip())
        else:
            if entry.strip():
                yield first, entry
            entry, first = line, number
    if entry.strip():
        yield first, entry


LABELS_HELP: Final = gettext_lazy(
    "One per line, as team: network. They stand on each alert; templates are possible."
)
ANNOTATIONS_HELP: Final = gettext_lazy(
    "One per line, as summary: {{ $labels.node }} is down. A line that begins with blanks "
    "belongs to the one before."
)
