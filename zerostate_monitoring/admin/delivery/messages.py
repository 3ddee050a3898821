"""The list of messages, and the page of one: tries, answers, dead letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.delivery import explaining
from zerostate_monitoring.admin.delivery.acting import MessageActions
from zerostate_monitoring.admin.delivery.filters import (
    MessageAlertFilter,
    MessageStateFilter,
    PurposeFilter,
)
from zerostate_monitoring.admin.delivery.pages import DeliveryPages
from zerostate_monitoring.admin.delivery.showing import context_of
from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.models import Alert, Message, OutboxEntry
from zerostate_monitoring.models.outbox import MessageState
from zerostate_monitoring.models.words import in_words

_MOST_NAMED: Final = 3
_MOST_ANSWER: Final = 120


class MessageAdmin(DeliveryPages, MessageActions, ReadOnlyAdmin[Message]):
    """Messages: nobody writes them by hand; dead letters can be sent again or closed."""

    list_display = ("sign", "what", "created", "tried", "said")
    list_display_links = None
    # Which days there are is not asked: the database would read every message for that.
    list_filter = (
        MessageStateFilter,
        "receiver",
        PurposeFilter,
        MessageAlertFilter,
        ("created_at", admin.DateFieldListFilter),
    )
    search_fields = ("subject", "receiver_name", "answer", "key")
    change_list_template = "admin/zerostate_monitoring/message/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Without the bytes, with what they tell of."""
        entries = OutboxEntry.objects.select_related("alert").order_by("pk")
        rows = super().get_queryset(request).select_related("receiver", "group__route")
        return rows.prefetch_related(Prefetch("entries", entries))

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """See ``get_queryset``."""
        return ("receiver",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One message: how it went, why, and what can be done."""
        message = self.get_object(request, object_id)
        if message is None:
            raise Http404
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        context = {
            **context_of(message, timezone.now()),
            "message": message,
            "answer": in_words(message.answer),
            "may_resend": self.has_resend_permission(request),
        }
        title = message.subject or _("Message to %s") % message.receiver_name
        return self.page(request, "message/page.html", title, context)

    # -- columns -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def sign(self, row: Message) -> str:
        """Where it stands."""
        return explaining.state_badge(row)

    @admin.display(description=gettext_lazy("message"), ordering="receiver_name")
    def what(self, row: Message) -> str:
        """Its subject; below, to whom it goes, and the alerts that it tells."""
        subject = row.subject or _("(could not be composed)")
        purpose = "" if row.purpose == "alerts" else f" ({row.purpose})"
        return format_html(
            '<a href="{}">{}</a><div class="zsm-why">{}{}</div>',
            self.url("change", row.pk),
            subject,
            _("to %s") % row.receiver_name + purpose,
            self._told_of(row),
        )

    def _told_of(self, row: Message) -> str:
        """The rules of the alerts that it tells, each once: the alert, or how many there are."""
        alerts = {entry.alert_id: entry.alert for entry in row.entries.all()}
        by_rule: defaultdict[str, list[Alert]] = defaultdict(list)
        for alert in alerts.values():
            by_rule[alert.rule_name].append(alert)
        of_rules = [*by_rule.items()][:_MOST_NAMED]
        named = [self._alerts_of(name, each, row) for name, each in of_rules]
        more = sum(map(len, [*by_rule.values()][_MOST_NAMED:]))
        if more:
            said = ngettext("%(n)d alert of others", "%(n)d alerts of others", more)
            named.append(format_html("{}", said % {"n": more}))
        joined = format_html_join(", ", "{}", ((one,) for one in named))
        return format_html(" · {}", joined) if named else ""

    def _alerts_of(self, rule: str, alerts: Sequence[Alert], row: Message) -> SafeString:
        """One alert by the name of its rule; of several, how many: the message lists them."""
        if len(alerts) == 1:
            url = self.admin_url("alert")(alerts[0].pk)
            return format_html('<a href="{}">{}</a>', url, rule)
        said = ngettext("%(n)d alert of %(rule)s", "%(n)d alerts of %(rule)s", len(alerts))
        told = said % {"n": len(alerts), "rule": rule}
        return format_html('<a href="{}">{}</a>', self.url("change", row.pk), told)

    @admin.display(description=gettext_lazy("created"), ordering="created_at")
    def created(self, row: Message) -> str:
        """How long ago it was frozen."""
        return words.ago(row.created_at)

    @admin.display(description=gettext_lazy("tries"), ordering="attempts")
    def tried(self, row: Message) -> str:
        """How often it was tried; below, when it is tried next."""
        if row.state != MessageState.DUE or row.next_try_at is None:
            return str(row.attempts)
        return format_html(
            '{}<div class="zsm-why">{} {}</div>',
            row.attempts,
            _("next"),
            words.ago(row.next_try_at) if row.next_try_at > timezone.now() else _("now"),
        )

    @admin.display(description=gettext_lazy("answer"), ordering="status")
    def said(self, row: Message) -> str:
        """What the receiver said last."""
        status = "" if row.status is None else f"{row.status} "
        told = (status + in_words(row.answer)[:_MOST_ANSWER]).strip()
        return format_html("<bdi>{}</bdi>", told or display.EMPTY)
