"""The form of silences: how long, and what it hits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin.holding.previewing import Preview, PreviewedForm
from zerostate_monitoring.alerting.suppression.hits import hits_among, live_alerts
from zerostate_monitoring.models import Alert, Silence
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.rules.matchers import format_matchers

UNTIL: Final = "until"
LENGTHS: Final = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
}
_CHIPS: Final = (
    ("1h", gettext_lazy("1 hour")),
    ("4h", gettext_lazy("4 hours")),
    ("1d", gettext_lazy("1 day")),
    ("1w", gettext_lazy("1 week")),
    (UNTIL, gettext_lazy("until the end below")),
)


class SilenceForm(PreviewedForm):
    """A silence: for an hour if nothing else is said, from now on."""

    lasts = forms.ChoiceField(
        label=gettext_lazy("Lasts"),
        choices=_CHIPS,
        initial="1h",
        required=False,
        widget=forms.RadioSelect(attrs={"class": "zsm-chips"}),
    )

    class Meta:
        model = Silence
        fields = (
            "matchers", "starts_at", "ends_at", "comment", "ends_on_resolve", "alert",
        )  # fmt: skip
        widgets = {
            "matchers": forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
            "comment": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Fill in what was left to the form: the start, and the end by the length."""
        cleaned = super().clean() or self.cleaned_data
        self.instance.is_confirmed = True  # what must be confirmed is asked with the preview
        if "starts_at" in self.fields and not cleaned.get("starts_at"):
            cleaned["starts_at"] = self._started()
        length = LENGTHS.get(cleaned.get("lasts") or "")
        starts_at = cleaned.get("starts_at")
        if self.instance.pk is None and length is not None and starts_at is not None:
            cleaned["ends_at"] = starts_at + length
        if "ends_at" not in self.errors and not cleaned.get("ends_at"):
            self.add_error("ends_at", ValidationError(_("Say until when: a silence ends.")))
        return cleaned

    def look(self) -> Preview:
        """The live alerts that it hits, and what about it may be a mistake."""
        hits = hits_among(self.instance.matchers, live_alerts())
        concerns = [said for found in self.instance.concerns().values() for said in found]
        if hits.is_all:
            said = ngettext(
                "It hits the only alert that lives now. Confirm that this is meant.",
                "It hits all %(n)d alerts that live now. Confirm that this is meant.",
                hits.live,
            )
            concerns.append(said % {"n": hits.live})
        self.instance.had_alerts = self.instance.had_alerts or bool(hits.alerts)
        return Preview(hits, concerns=concerns)

    def _started(self) -> datetime:
        return self.instance.starts_at or timezone.now()


def matchers_of(alert: Alert) -> str:
    """Matchers of this one alert: all its labels."""
    labels = {"alertname": alert.rule_name, **alert.labels}
    return format_matchers(Matcher(name, "=", str(labels[name])) for name in sorted(labels))


def repeated(silence: Silence) -> dict[str, Any]:
    """What a form begins with that repeats ``silence``: as long, from now on."""
    length = silence.ends_at - silence.starts_at
    chip = next((name for name, known in LENGTHS.items() if known == length), UNTIL)
    return {
        "matchers": silence.matchers,
        "comment": silence.comment,
        "ends_on_resolve": silence.ends_on_resolve,
        "alert": silence.alert_id,
        "lasts": chip,
        "ends_at": timezone.now() + length if chip == UNTIL else None,
    }
