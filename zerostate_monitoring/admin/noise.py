"""Which rules cost how much attention, as a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.alerting.noise import Noise, noise
from zerostate_monitoring.models import Alert, Rule

PERIODS: Final = {
    "1": gettext_lazy("a day"),
    "7": gettext_lazy("a week"),
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "400": gettext_lazy("400 days"),
}
DEFAULT_PERIOD: Final = "7"
_MOST: Final = 20_000

if TYPE_CHECKING:
    _Base = ReadOnlyAdmin[Alert]
else:
    _Base = object


class NoisePage(_Base):
    """A page of alerts: the noise table."""

    def noise_urls(self) -> list[URLPattern]:
        """Before Django's own, which take everything else for a key."""
        view, name = self.admin_site.admin_view, "zerostate_monitoring_alert_noise"
        return [path("noise/", view(self.noise_view), name=name)]

    def noise_view(self, request: HttpRequest) -> HttpResponse:
        """The rules that fired most in a period."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = noise_context(request.GET.get("days", ""), timezone.now())
        return self.page(request, "alert/noise.html", _("The noisiest rules"), context)


def noise_context(days: str, now: datetime) -> dict[str, Any]:
    """The table of a period of so many days."""
    chosen = days if days in PERIODS else DEFAULT_PERIOD
    since, is_cut = begin_of(now - timedelta(days=int(chosen)))
    rows = noise(since, now)
    rules = dict(Rule.objects.filter(name__in=[row.name for row in rows]).values_list("name", "pk"))
    return {
        "rows": [{**_cells(row), "rule": rules.get(row.name)} for row in rows],
        "periods": [(value, text, value == chosen) for value, text in PERIODS.items()],
        "since": words.clock(since) if is_cut else "",
        "fired": sum(row.fired for row in rows),
        "sent": sum(row.messages for row in rows),
    }


def begin_of(since: datetime) -> tuple[datetime, bool]:
    """From when on a table is made, and whether that is later than was asked for.

    Medians of a million alerts take minutes; the newest ones say as much.
    """
    fired = Alert.objects.filter(fired_at__gte=since).order_by("-fired_at")
    edge = fired.values_list("fired_at", flat=True)[_MOST : _MOST + 1].first()
    return (since, False) if edge is None else (edge, True)


def _cells(row: Noise) -> dict[str, Any]:
    return {
        "name": row.name,
        "severity": words.severity_badge(row.severity),
        "fired": row.fired,
        "firing": _length(row.firing),
        "messages": row.messages,
        "flapping": row.flapping,
        "useful": row.useful,
        "noise": row.noise,
        "verdict": _verdict(row),
        "to_acknowledge": _length(row.to_acknowledge),
        "to_resolve": _length(row.to_resolve),
        "never": row.never_acknowledged,
    }


def _length(length: timedelta | None) -> str:
    return display.EMPTY if length is None else display.age(round(length.total_seconds()))


def _verdict(row: Noise) -> str:
    """What people said; red is what more than half of them called noise."""
    share = row.share_of_noise
    if share is None:
        return display.EMPTY
    text = _("%(noise)d of %(all)d noise") % {"noise": row.noise, "all": row.noise + row.useful}
    return display.badge("bad" if share > 0.5 else "good", text)
