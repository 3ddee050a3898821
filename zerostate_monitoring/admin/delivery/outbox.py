"""The outbox: each transition and receiver, and what became of it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.delivery.explaining import entry_badge
from zerostate_monitoring.admin.delivery.filters import AlertFilter
from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.models import OutboxEntry
from zerostate_monitoring.models.outbox import OutboxState
from zerostate_monitoring.models.words import in_words


class OutboxAdmin(ReadOnlyAdmin[OutboxEntry]):
    """Rows that delivery writes: nobody changes them by hand."""

    explained = ("notice",)
    list_display = ("sign", "notice", "alert_link", "receiver", "created", "why")
    list_display_links = None
    list_filter = ("state", "notice", "receiver", AlertFilter)
    search_fields = ("alert__rule_name", "receiver__name", "reason")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEntry]:
        """Without the bytes of the messages."""
        rows = super().get_queryset(request)
        return rows.select_related("alert", "receiver", "group", "message").defer(
            "message__payload"
        )

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def sign(self, row: OutboxEntry) -> str:
        """Where it stands."""
        return entry_badge(row.state)

    @admin.display(description=gettext_lazy("alert"), ordering="alert__rule_name")
    def alert_link(self, row: OutboxEntry) -> str:
        """The alert, by name and labels."""
        url = self._page("alert", row.alert_id)
        labels = words.what_of(row.alert)
        why = reverse(
            "admin:zerostate_monitoring_alert_explain",
            args=(row.alert_id,),
            current_app=self.admin_site.name,
        )
        return format_html(
            '<a href="{}">{}</a> · <a href="{}" aria-label="{}">{}</a><br>{}',
            url,
            row.alert.rule_name,
            why,
            _("Why did %s notify, or not?") % row.alert.rule_name,
            _("Why?"),
            labels,
        )

    @admin.display(description=gettext_lazy("created"), ordering="created_at")
    def created(self, row: OutboxEntry) -> str:
        """How long ago it was written."""
        return words.ago(row.created_at)

    @admin.display(description=gettext_lazy("message, or why there is none"))
    def why(self, row: OutboxEntry) -> str:
        """The message that tells it; why it is not sent, or when it will be."""
        if row.state == OutboxState.DUE and row.group.flush_at is not None:
            at = words.clock(row.group.flush_at)
            return format_html('{} <span class="zsm-time">{}</span>', _("leaves at"), at)
        if row.message is None:
            return in_words(row.reason) or display.EMPTY
        url, reason = self._page("message", row.message.pk), in_words(row.reason)
        below = format_html('<div class="zsm-why">{}</div>', reason) if reason else ""
        return format_html('<a href="{}">{}</a>{}', url, row.message, below)

    def _page(self, model: str, key: object) -> str:
        name = f"admin:zerostate_monitoring_{model}_change"
        return reverse(name, args=(key,), current_app=self.admin_site.name)
