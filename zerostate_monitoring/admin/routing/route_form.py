"""The form of routes, with their receivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.admin.holding.fields import NamesField, SecondsField
from zerostate_monitoring.admin.holding.generic import (
    RouteModelForm,
    StepForms,
    StepModelForm,
    StepTable,
)
from zerostate_monitoring.admin.seen import WatchedForm
from zerostate_monitoring.admin.widgets import name_fields
from zerostate_monitoring.models import Receiver, Route, RouteStep

_STEPS: Final = "steps"
"""What the names of the fields of lines begin with."""
_MOST_LINES: Final = 100


def _default(name: str) -> Any:
    """What a new route has: of a field that is said anew here a form does not know it."""
    return getattr(Route(), name)


class RouteForm(WatchedForm, RouteModelForm):
    """A route: what it takes, and how its messages are grouped."""

    group_by = NamesField(
        label=_("Group by"),
        required=False,
        help_text=_(
            "Labels, such as alertname, fault: alerts that share them are one message. "
            "None: one message for all; ... for one message per alert."
        ),
    )

    group_wait_seconds = SecondsField(
        label=_("Group wait"),
        help_text=_("Before the first message of a group, such as 30s."),
        initial=_default("group_wait_seconds"),
    )
    group_interval_seconds = SecondsField(
        label=_("Group interval"),
        help_text=_("Between messages of a group that has news, 5m."),
        initial=_default("group_interval_seconds"),
    )
    repeat_interval_seconds = SecondsField(
        label=_("Repeat interval"),
        help_text=_("Before a message without news comes again, 4h."),
        initial=_default("repeat_interval_seconds"),
    )

    class Meta:
        model = Route
        fields = (
            "name", "position", "enabled", "matchers", "is_continued",
            "group_by", "group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds",
        )  # fmt: skip
        widgets = {"matchers": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})}

    def beside_fields(self) -> Mapping[str, str]:
        """Its receivers, which stand in lines below."""
        rows = self.instance.steps.select_related("receiver").order_by("position", "pk")
        lines = [_line(row.receiver.name, row.after_seconds) for row in rows]
        return {gettext("Receivers"): " → ".join(lines)}

    def typed_beside(self) -> Mapping[str, str]:
        """The receivers that were sent."""
        typed = sorted(_typed(self.data))
        names = Receiver.objects.in_bulk([key for _place, key, _after in typed])
        lines = [_line(names[key].name, after) for _place, key, after in typed if key in names]
        return {gettext("Receivers"): " → ".join(lines)}


def _typed(data: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Position, receiver and time of the lines that were sent and are to stay."""
    for number in range(_MOST_LINES):
        at = f"{_STEPS}-{number}-"
        receiver, place = str(data.get(f"{at}receiver", "")), str(data.get(f"{at}position", ""))
        if receiver.isdecimal() and len(receiver) < 19 and not data.get(f"{at}DELETE"):
            known = place.isdecimal() and len(place) < 19
            yield int(place) if known else 0, int(receiver), str(data.get(f"{at}after_seconds", ""))


def _line(name: str, after: Any) -> str:
    """A receiver and after what time it is told, as the form has it."""
    when = SecondsField(required=False).prepare_value(after)
    return f"{name} ({when})" if when else name


class StepForm(StepModelForm):
    """A receiver of a route; a line without one, and without a time, is empty."""

    after_seconds = SecondsField(
        label=_("After, without acknowledgement"),
        required=False,
        help_text=_("Such as 15m, since the one before was told; none: only if that one fails."),
    )

    def has_changed(self) -> bool:
        """Whether anything but the order was entered."""
        changed = set(self.changed_data)
        return bool(changed if self.instance.pk else changed - {"position"})


class StepFormSet(StepForms):
    """The receivers of a route, judged together."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Each box has the name of its column."""
        super().add_fields(form, index)
        name_fields(form)

    def clean(self) -> None:
        """Refuse a route without a receiver, and one for critical alerts without a fallback."""
        super().clean()
        if any("id" in found for found in self.errors):
            raise ValidationError(
                gettext(
                    "Somebody else has taken a line away that stands here. Mark it as deleted, "
                    "or enter its receiver in a new line."
                )
            )
        if any(self.errors):
            return
        faults = self.instance.step_faults([pk for pk in map(_enabled, self._kept()) if pk])
        if faults:
            raise ValidationError(faults)

    def _kept(self) -> list[dict[str, Any]]:
        """What remains, without lines that are deleted or empty."""
        sent = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        return [data for data in sent if data and not data.get("DELETE")]


def _enabled(data: dict[str, Any]) -> int:
    """The receiver's key; 0 of one that is disabled."""
    receiver = data.get("receiver")
    return receiver.pk if receiver is not None and receiver.enabled else 0


class StepInline(StepTable):
    """Receivers in their order: the first is told at once."""

    model = RouteStep
    form = StepForm
    formset = StepFormSet
    extra = 1
    fields = ("position", "receiver", "after_seconds")
    verbose_name = _("receiver")
    verbose_name_plural = _("receivers, in the order in which they are told")
