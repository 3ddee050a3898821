"""What people do to alerts: acknowledge, comment, silence, judge; each with a permission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.alerting.acknowledging import acknowledge, unacknowledge
from zerostate_monitoring.alerting.noting import comment_on, judge, silence
from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState, Verdict
from zerostate_monitoring.rules.durations import parse_duration

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin

    Base = RowsAdmin[Alert]
else:
    Base = ModelAdmin

_PERMISSIONS: Final = {
    "acknowledge": "zerostate_monitoring.acknowledge_alert",
    "silence": "zerostate_monitoring.silence_alert",
    "judge": "zerostate_monitoring.judge_alert",
}
_MOST: Final = 1_000
_LONGEST: Final = 4_000
"""Characters of a comment."""

LASTS: Final = ("1h", "4h", "1d", "3d", "1w")
UNTIL: Final = (("", gettext_lazy("until it ends")), ("1h", "1h"), ("4h", "4h"), ("1d", "1d"))


class AlertActions(Base):
    """For ``AlertAdmin``."""

    actions = ["acknowledge", "silence"]

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may acknowledge and comment."""
        return may(request, "acknowledge")

    def has_silence_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may silence."""
        return may(request, "silence")

    def has_judge_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may say if an alert was useful."""
        return may(request, "judge")

    def may(self, request: HttpRequest) -> dict[str, Any]:
        """For the page: what can be done by whoever looks at it."""
        allowed = {f"may_{name}": may(request, name) for name in _PERMISSIONS}
        return {**allowed, "lasts": LASTS, "untils": UNTIL}

    def action_urls(self) -> list[URLPattern]:
        """One address for each thing that can be done to one alert."""
        found: dict[str, tuple[str, Callable[..., str]]] = {
            "acknowledge": ("acknowledge", self._acknowledge_one),
            "unacknowledge": ("acknowledge", self._unacknowledge_one),
            "comment": ("acknowledge", self._comment_one),
            "silence": ("silence", self._silence_one),
            "verdict": ("judge", self._judge_one),
        }
        return [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self._do, permission=permission, do=do)),
                name=f"zerostate_monitoring_alert_{name}",
            )
            for name, (permission, do) in found.items()
        ]

    # -- one ---------------------------------------------------------------------

    def _do(
        self, request: HttpRequest, object_id: str, *, permission: str, do: Callable[..., str]
    ) -> HttpResponse:
        """Do it by POST alone, say what was done, write it down, and go back to the page."""
        alert = self.get_object(request, object_id)
        if alert is None:
            raise Http404
        if not (self.has_view_permission(request, alert) and may(request, permission)):
            raise PermissionDenied
        if request.method == "POST":
            try:
                said = do(request, alert)
            except (ValidationError, DurationError, ValueError) as error:
                self.message_user(request, _words(error), messages.ERROR)
            else:
                self.log_change(request, alert, said)
                self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(_back(request) or self.url("change", alert.pk))

    def _acknowledge_one(self, request: HttpRequest, alert: Alert) -> str:
        comment, until = _comment(request), _until(request)
        refuse_overtaken(alert, request)
        if not acknowledge(alert, request.user, comment, until, as_seen=True):  # type: ignore[arg-type]
            alert.refresh_from_db()
            refuse_overtaken(alert, request)
            raise ValueError(_("Only an alert that fires can be acknowledged; reload the page."))
        return _("Acknowledged: %s") % comment if comment else _("Acknowledged.")

    def _unacknowledge_one(self, request: HttpRequest, alert: Alert) -> str:
        if not unacknowledge(alert, request.user):  # type: ignore[arg-type]
            raise ValueError(_("It is not acknowledged any more; reload the page."))
        return _("Acknowledgement taken back: it is told again.")

    def _comment_one(self, request: HttpRequest, alert: Alert) -> str:
        text = _comment(request)
        if not text:
            raise ValueError(_("The comment is empty."))
        comment_on(alert, request.user, text, timezone.now())
        return _("Comment: %s") % text

    def _silence_one(self, request: HttpRequest, alert: Alert) -> str:
        lasts = request.POST.get("lasts", LASTS[0])
        made = silence(alert, request.user, _end(lasts), _comment(request))
        return _("Silenced for %(lasts)s: %(matchers)s") % {
            "lasts": lasts,
            "matchers": ", ".join(made.matchers.splitlines()),
        }

    def _judge_one(self, request: HttpRequest, alert: Alert) -> str:
        verdict = Verdict(request.POST.get("verdict", ""))
        judge(alert, request.user, verdict, timezone.now())
        return _("Verdict: %s.") % verdict.label

    # -- many --------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Acknowledge…"), permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> HttpResponse | None:
        """Acknowledge those that fire, with one comment."""
        alerts = list(queryset.filter(state=AlertState.FIRING)[:_MOST])
        if "confirmed" not in request.POST:
            return self._ask(request, alerts, "acknowledge", _("Acknowledge"))
        self._each(request, alerts, self._acknowledge_one)
        return None

    @admin.action(description=gettext_lazy("Silence…"), permissions=["silence"])
    def silence(self, request: HttpRequest, queryset: QuerySet[Alert]) -> HttpResponse | None:
        """Silence those that live, each by its own labels."""
        alerts = [alert for alert in queryset[:_MOST] if alert.is_live]
        if "confirmed" not in request.POST:
            return self._ask(request, alerts, "silence", _("Silence"))
        self._each(request, alerts, self._silence_one)
        return None

    def _ask(
        self, request: HttpRequest, alerts: list[Alert], action: str, verb: str
    ) -> HttpResponse | None:
        if not alerts:
            self.message_user(request, _("None of them fires now."), messages.WARNING)
            return None
        title = ngettext("%(verb)s %(n)d alert", "%(verb)s %(n)d alerts", len(alerts))
        shown = [(alert, seen_of(alert)) for alert in alerts]
        context = {"alerts": shown, "action": action, "verb": verb, **self.may(request)}
        values = {"n": len(alerts), "verb": verb}
        return self.page(request, "alert/many.html", title % values, context)

    def _each(
        self, request: HttpRequest, alerts: list[Alert], do: Callable[[HttpRequest, Alert], str]
    ) -> None:
        done = 0
        for alert in alerts:
            try:
                self.log_change(request, alert, do(request, alert))
                done += 1
            except (ValidationError, DurationError, ValueError) as error:
                self.message_user(request, f"{alert}: {_words(error)}", messages.ERROR)
        text = ngettext("Done for %(n)d alert.", "Done for %(n)d alerts.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)


def seen_of(alert: Alert) -> str:
    """Who has taken it on, as a page saw it: goes with what is done there."""
    return alert.acknowledged_at.isoformat() if alert.acknowledged_at else ""


def refuse_overtaken(alert: Alert, request: HttpRequest) -> None:
    """Somebody else has taken it on since the page was made: whoever comes second is told.

    Raises:
        ValueError: who, when, and with which comment.
    """
    seen = request.POST.get(f"seen-{alert.pk}", request.POST.get("seen", ""))
    if not alert.is_live or alert.acknowledged_at is None or seen == seen_of(alert):
        return
    if alert.acknowledged_by_id == request.user.pk:
        return
    said = _(
        "Taken on by %(who)s meanwhile, at %(at)s%(comment)s. It stays so: talk to them, or "
        "acknowledge once more to take it over."
    )
    comment = f" (“{alert.acknowledgement}”)" if alert.acknowledgement else ""
    who = alert.acknowledged_by or display.EMPTY
    at = words.clock(alert.acknowledged_at)
    raise ValueError(said % {"who": who, "at": at, "comment": comment})


def _back(request: HttpRequest) -> str:
    """Where whoever does it came from, if that is a page of this site."""
    target = request.POST.get("next", "")
    hosts, secure = {request.get_host()}, request.is_secure()
    is_safe = url_has_allowed_host_and_scheme(target, hosts, require_https=secure)
    return target if is_safe else ""


def may(request: HttpRequest, what: str) -> bool:
    """Whether somebody may do one of the things that need a right of their own."""
    return request.user.has_perm(_PERMISSIONS[what])


def _words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _comment(request: HttpRequest) -> str:
    text = request.POST.get("comment", "").strip()
    if "\x00" in text:
        raise ValueError(_("The comment holds the character NUL, which no database keeps."))
    return text[:_LONGEST]


def _until(request: HttpRequest) -> datetime | None:
    text = request.POST.get("until", "").strip()
    return _end(text) if text else None


def _end(lasts: str) -> datetime:
    lasting = parse_duration(lasts.strip())
    if not timedelta(0) < lasting <= timedelta(days=365):
        raise ValueError(_("It lasts from a moment up to a year, such as 4h."))
    return timezone.now() + lasting
