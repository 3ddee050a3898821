"""The form of maintenance windows, whose times are those of their zone."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.admin.holding.fields import WeekdaysField
from zerostate_monitoring.admin.holding.previewing import Preview, PreviewedForm
from zerostate_monitoring.alerting.suppression.hits import hits_among, live_alerts
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import MaintenanceWindow
from zerostate_monitoring.models.suppression import WindowKind
from zerostate_monitoring.rules.windows import zone_of

NEXT_SHOWN = 3


def zones() -> list[tuple[str, str]]:
    """Time zones that this machine knows."""
    return [(name, name) for name in sorted(available_timezones() | {"UTC"})]


class WindowForm(PreviewedForm):
    """A window: once, from one time to another; or on weekdays, by the clock of its zone."""

    zone = forms.ChoiceField(
        initial=timezone.get_current_timezone_name,
        label=_("Time zone"),
        choices=zones,
        help_text=_("All times below are of this zone."),
    )
    kind = forms.ChoiceField(
        label=_("How often"),
        choices=WindowKind.choices,
        initial=WindowKind.ONCE,
        widget=forms.RadioSelect(attrs={"class": "zsm-chips"}),
    )
    weekdays = WeekdaysField(label=_("Weekdays"), required=False)

    class Meta:
        model = MaintenanceWindow
        fields = (
            "name", "enabled", "matchers", "comment", "kind", "zone",
            "starts_at", "ends_at", "weekdays", "start_time", "end_time",
        )  # fmt: skip
        widgets = {
            "matchers": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
            "comment": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = known_zone(self.instance.zone)
        for name in ("starts_at", "ends_at"):
            at = getattr(self.instance, name)
            if at is not None and zone is not None:
                # Without a zone it is shown as it is.
                self.initial[name] = at.astimezone(zone).replace(tzinfo=None)

    def full_clean(self) -> None:
        """Read times as those of the zone that was chosen, whatever the project's is.

        A time that this zone's clock skips, or shows twice, is refused by Django's own field.
        """
        sent = self.data.get(self.add_prefix("zone"), "") if self.is_bound else ""
        with timezone.override(known_zone(sent)):
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        """Forget the times of the other kind."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == WindowKind.ONCE:
            cleaned.update(weekdays=[], start_time=None, end_time=None)
        elif cleaned.get("kind") == WindowKind.WEEKLY:
            cleaned.update(starts_at=None, ends_at=None)
        return cleaned

    def look(self) -> Preview:
        """What its matchers hit now, and when it comes next."""
        hits = hits_among(self.instance.matchers, live_alerts())
        spans = self.instance.schedule().after(timezone.now(), NEXT_SHOWN)
        return Preview(hits, spans=spans, zone=zone_of(self.instance.zone))


def known_zone(name: str) -> ZoneInfo | None:
    """The zone ``name``; none for what is no zone."""
    try:
        return zone_of(name)
    except RuleError:
        return None
