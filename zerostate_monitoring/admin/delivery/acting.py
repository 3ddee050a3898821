"""What people do to dead letters: send them again, or close them; each with the permission."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.alerting.delivery.resending import close, send_again
from zerostate_monitoring.models import Message
from zerostate_monitoring.models.outbox import MessageState

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin

    Base = RowsAdmin[Message]
else:
    Base = ModelAdmin

_RESEND: Final = "zerostate_monitoring.resend_message"
_MOST: Final = 1_000


class MessageActions(Base):
    """For ``MessageAdmin``."""

    actions = ["send_again", "close"]

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may send dead letters again, and close them."""
        return bool(request.user.has_perm(_RESEND))

    def get_urls(self) -> list[URLPattern]:
        """One address for each thing that can be done to one message, then the usual ones."""
        doings = {"again": self._send_again, "close": self._close}
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self._do, do=do)),
                name=f"zerostate_monitoring_message_{name}",
            )
            for name, do in doings.items()
        ]
        return [*own, *super().get_urls()]

    def admin_url(self, model: str) -> Callable[[object], str]:
        """Addresses of pages of another model's rows."""
        name = f"admin:zerostate_monitoring_{model}_change"
        return lambda pk: reverse(name, args=(pk,), current_app=self.admin_site.name)

    # -- one ---------------------------------------------------------------------

    def _do(self, request: HttpRequest, object_id: str, *, do: Callable[..., None]) -> HttpResponse:
        """Do it by POST alone, and go back to the page, which shows what came of it."""
        message = self.get_object(request, object_id)
        if message is None:
            raise Http404
        if not (self.has_view_permission(request, message) and self.has_resend_permission(request)):
            raise PermissionDenied
        if request.method == "POST":
            do(request, [message])
        return HttpResponseRedirect(self.url("change", message.pk))

    # -- many --------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Close dead letters"), permissions=["resend"])
    def close(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Close those of the chosen that are dead letters."""
        self._close(request, queryset[:_MOST])

    def _send_again(self, request: HttpRequest, chosen: Iterable[Message]) -> None:
        dead = [one for one in chosen if one.state == MessageState.DEAD]
        usable = [one for one in dead if one.receiver is not None and one.receiver.enabled]
        sent = [one for one in usable if send_again([one], timezone.now())]
        anew = {row.pk for row in _superseded(sent)}
        same = [one for one in sent if one.pk not in anew]
        text = ngettext("%(n)d is sent again.", "%(n)d are sent again.", len(same))
        if same or not anew:
            self._said(request, same, text, _("Sent again."))
        if anew:
            told = [one for one in sent if one.pk in anew]
            text = _("%(n)d told what has changed since: what is still so is told anew.")
            self._said(request, told, text, _("Decided anew."))
        if left := [one for one in dead if one not in usable]:
            why = _("%(n)d not sent again: the receiver is disabled or was deleted.")
            self.message_user(request, why % {"n": len(left)}, messages.WARNING)

    def _close(self, request: HttpRequest, chosen: Iterable[Message]) -> None:
        comment, by = request.POST.get("comment", "").strip(), str(request.user)
        now = timezone.now()
        closed = [one for one in chosen if close([one], now, by, comment)]
        text = ngettext("%(n)d was closed.", "%(n)d were closed.", len(closed))
        self._said(request, closed, text, _("Closed: %s") % comment if comment else _("Closed."))

    def _said(self, request: HttpRequest, rows: list[Message], text: str, log: str) -> None:
        for row in rows:
            self.log_change(request, row, log)
        level = messages.SUCCESS if rows else messages.WARNING
        said: Any = (
            text % {"n": len(rows)} if rows else _("No dead letter that this can be done to.")
        )
        self.message_user(request, said, level)


def _superseded(rows: Iterable[Message]) -> QuerySet[Message]:
    """Those of which what they were to tell is decided anew."""
    keys = [row.pk for row in rows]
    return Message.objects.filter(pk__in=keys, state=MessageState.SUPERSEDED)
