"""Inhibitions in admin."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.holding.fields import NamesField
from zerostate_monitoring.admin.holding.previewing import Preview, PreviewedAdmin, PreviewedForm
from zerostate_monitoring.admin.holding.showing import matchers_code, with_faults
from zerostate_monitoring.admin.holding.state import hits_text, inhibition_state
from zerostate_monitoring.alerting.suppression.criticals import holding_saved
from zerostate_monitoring.alerting.suppression.hits import holding_back, inhibited_by, live_alerts
from zerostate_monitoring.models import Inhibition
from zerostate_monitoring.models.words import Origin

_SHIPPED: Final = ("source_matchers", "target_matchers", "equals")
"""What a version ships of a built-in one: each migrate writes it anew."""


class InhibitionForm(PreviewedForm):
    """An inhibition: two sides, and what must be equal."""

    equal = NamesField(
        label=gettext_lazy("Equal labels"),
        required=False,
        help_text=gettext_lazy(
            "Such as fault, node. Both alerts must have the same values; a missing label is an "
            "empty one. None: any source holds all targets back."
        ),
    )

    class Meta:
        model = Inhibition
        fields = ("name", "enabled", "source_matchers", "target_matchers", "equal")
        widgets = {
            "source_matchers": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            "target_matchers": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        }

    def look(self) -> Preview:
        """Which alerts hold back now, and which are held back."""
        alerts = live_alerts()
        sources = holding_back(self.instance, alerts)
        return Preview(inhibited_by(self.instance, alerts), sources=sources)


class InhibitionAdmin(PreviewedAdmin[Inhibition]):
    """Inhibitions: while these fire, those are not sent."""

    form = InhibitionForm
    list_display = ("name", "state", "sides", "equals", "held_back")
    list_filter = ("enabled", "origin")
    search_fields = ("name", "source_matchers", "target_matchers")

    def get_fieldsets(self, request: HttpRequest, obj: Inhibition | None = None) -> Any:
        """Two sides, and what must be equal; of a built-in one in words."""
        equal = "equals" if _is_shipped(obj) else "equal"
        sides = ("source_matchers", "target_matchers")
        return [(None, {"fields": ("name", "enabled", *sides, equal)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Inhibition | None = None) -> Any:
        """A built-in one can be switched off and renamed, and is the version's else."""
        return _SHIPPED if _is_shipped(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Inhibition | None = None) -> bool:
        """A built-in one would come back with the next migrate: it is disabled."""
        return not _is_shipped(obj) and super().has_delete_permission(request, obj)

    def switched(self, rows: list[Inhibition], *, enabled: bool) -> None:
        """Tell the log of those that may hold back what is critical: an update sends no signal."""
        for row in rows:
            row.enabled = enabled
            holding_saved(Inhibition, row)

    def notes(self, obj: Inhibition) -> list[str]:
        """What can be done with a built-in one."""
        said = _(
            "Built-in: disable it, and add one of your own where it should say something else."
        )
        return [said] if _is_shipped(obj) else []

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Inhibition) -> str:
        """Ready, disabled, or broken."""
        return display.badge(*inhibition_state(row))

    @admin.display(description=gettext_lazy("these hold those back"))
    def sides(self, row: Inhibition) -> str:
        """Its sources, and its targets."""
        sides = (matchers_code(row.source_matchers), matchers_code(row.target_matchers))
        shown = format_html("{}<br>→ {}", *sides)
        return with_faults(shown, row.faults() if row.enabled else ())

    @admin.display(description=gettext_lazy("equal labels"))
    def equals(self, row: Inhibition) -> Any:
        """Labels that must be equal."""
        names = row.equal if isinstance(row.equal, list) else ()
        return ", ".join(map(str, names)) or display.EMPTY

    @admin.display(description=gettext_lazy("held back now"))
    def held_back(self, row: Inhibition) -> str:
        """How many live alerts it holds back."""
        return hits_text(inhibited_by(row, self.live_alerts)) if row.enabled else display.EMPTY


def _is_shipped(row: Inhibition | None) -> bool:
    return row is not None and row.origin == Origin.SHIPPED
