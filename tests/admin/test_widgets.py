"""Names for what is entered."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.utils.translation import override

from zerostate_monitoring.admin.widgets import NamedDateTime, name_fields


def test_named_date_time__names_both_boxes():
    """A reader hears date and time."""
    html = NamedDateTime().render("at", None)
    assert 'aria-label="Date"' in html
    assert 'aria-label="Time"' in html


def test_named_date_time__is_the_browsers_own_and_loads_no_script():
    """A day and a time in the form that browsers take, in each language; seconds stay."""
    widget = NamedDateTime()
    with override("de"):
        html = widget.render("at", datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC))
    assert 'type="date" name="at_0" value="2026-01-31"' in html
    assert 'type="time" name="at_1" value="12:00:01" step="1"' in html
    assert not str(widget.media["js"])


def test_name_fields__takes_the_label_or_the_name():
    """A name that a widget has already stays."""

    class Line(forms.Form):
        after = forms.CharField(label="After so long")
        is_last = forms.BooleanField()
        own = forms.CharField(widget=forms.TextInput(attrs={"aria-label": "Mine"}))

    form = Line()
    name_fields(form)
    names = {name: field.widget.attrs["aria-label"] for name, field in form.fields.items()}
    assert names == {"after": "After so long", "is_last": "Is last", "own": "Mine"}
