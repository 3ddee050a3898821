"""How messages leave, as one page; and the page that says what sending again would do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import chart_media
from zerostate_monitoring.admin.base import OF_BOTH, ModelAdmin, without
from zerostate_monitoring.admin.delivery import standing
from zerostate_monitoring.models import Message
from zerostate_monitoring.models.outbox import MessageState

if TYPE_CHECKING:
    from zerostate_monitoring.admin.delivery.acting import MessageActions

    Base = MessageActions
else:
    Base = ModelAdmin

MOST_AT_ONCE: Final = 200
_APP: Final = "zerostate_monitoring"


class DeliveryPages(Base):
    """For ``MessageAdmin``."""

    def get_urls(self) -> list[URLPattern]:
        """Both pages, then those of one message, and the usual ones."""
        view = self.admin_site.admin_view
        return [
            path("delivery/", view(self.delivery_view), name=f"{_APP}_delivery"),
            path("resend/", view(self.resend_view), name=f"{_APP}_resend"),
            *super().get_urls(),
        ]

    def delivery_view(self, request: HttpRequest) -> HttpResponse:
        """What waits, what is sent, what failed; how receivers fare; who was not told."""
        from zerostate_monitoring.admin.delivery import charting

        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        hours = hours_of(request.GET.get("hours", ""))
        context = {
            **self._parts(request, now),
            "pictures": charting.pictures(hours, now),
            "hours": hours,
            "choices": charting.HOURS,
            "asked_at": now,
            "may_resend": self.has_resend_permission(request),
            "may_test": request.user.has_perm(f"{_APP}.test_receiver"),
            "media": without(self.media, OF_BOTH) + chart_media.MEDIA,
        }
        return self.page(request, "delivery/page.html", _("Delivery"), context)

    def _parts(self, request: HttpRequest, now: datetime) -> dict[str, Any]:
        """What the database knows; of receivers and alerts only what one may see."""
        from zerostate_monitoring.admin.delivery import letters, overview

        counted, has = standing.counts(now), request.user.has_perm
        dead = list(standing.open_letters()[: standing.MOST_DEAD + 1])
        shown = letters.letters(dead[: standing.MOST_DEAD])
        return {
            "signs": overview.signs(counted, now),
            "receivers": overview.receiver_lines(standing.receivers(), counted, now)
            if has(f"{_APP}.view_receiver")
            else None,
            "waiting": overview.waiting_lines(standing.on_their_way(), now),
            "letters": shown,
            "advised": letters.advised(shown),
            "unchanged": any(one.fate == "same" for one in shown),
            "more_letters": len(dead) > standing.MOST_DEAD,
            "untold": overview.untold_lines(standing.untold())
            if has(f"{_APP}.view_alert")
            else None,
        }

    def resend_view(self, request: HttpRequest) -> HttpResponse:
        """Say what sending the chosen dead letters again would do; by POST, do it."""
        from zerostate_monitoring.admin.delivery import letters

        if not (self.has_view_permission(request) and self.has_resend_permission(request)):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        chosen = list(_chosen(asked)[:MOST_AT_ONCE])
        if request.method == "POST":
            self._send_again(request, chosen)
            return HttpResponseRedirect(self.delivery_url())
        found = letters.letters(chosen)
        context = {
            "letters": found,
            "summary": letters.summary(found),
            "sendable": any(one.fate != "left" for one in found),
            "unchanged": any(one.fate == "same" for one in found),
            "delivery_url": self.delivery_url(),
            "most": MOST_AT_ONCE if len(chosen) == MOST_AT_ONCE else 0,
        }
        return self.page(request, "delivery/resend.html", _("Send dead letters again"), context)

    def delivery_url(self) -> str:
        """The address of the page of delivery."""
        return reverse(f"{self.admin_site.name}:{_APP}_delivery")

    @admin.action(description=gettext_lazy("Send dead letters again…"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        """Ask first: the next page says what it would do."""
        rows = queryset.filter(state=MessageState.DEAD).values_list("pk", flat=True)
        return HttpResponseRedirect(resend_url(self.admin_site.name, rows[:MOST_AT_ONCE]))


def resend_url(site: str, keys: Iterable[int]) -> str:
    """The page that asks whether these are to be sent again."""
    return f"{reverse(f'{site}:{_APP}_resend')}?{urlencode([('pk', key) for key in keys])}"


def hours_of(text: str) -> int:
    """How far back the pictures go; what is no choice is one."""
    from zerostate_monitoring.admin.delivery import charting

    return next((hours for hours in charting.HOURS if str(hours) == text), charting.HOURS[0])


def _chosen(asked: Any) -> QuerySet[Any]:
    """Dead letters by their keys, or all of one receiver; no others."""
    keys = [int(text) for text in asked.getlist("pk")[:MOST_AT_ONCE] if _is_key(text)]
    receiver = asked.get("receiver", "")
    if not keys and _is_key(receiver):
        return standing.open_letters(receiver=int(receiver))
    return standing.open_letters(keys)


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
