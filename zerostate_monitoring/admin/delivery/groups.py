"""Notification groups: which alerts are one message, and when the next one leaves."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.delivery.standing import DUE
from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.models import NotificationGroup, OutboxEntry


class NotificationGroupAdmin(ReadOnlyAdmin[NotificationGroup]):
    """Rows that delivery writes: nobody changes them by hand."""

    list_display = (
        "receiver",
        "route",
        "shared",
        "waiting",
        "next_flush",
        "last_told",
        "last_sent",
    )
    list_display_links = None
    list_filter = ("receiver", "route")
    list_select_related = ("receiver", "route")
    ordering = ("flush_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[NotificationGroup]:
        """With how many entries wait for the next flush."""
        waiting = OutboxEntry.objects.filter(DUE, group=OuterRef("pk"))
        counted = waiting.order_by().values("group").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(due=Subquery(counted))

    @admin.display(description=gettext_lazy("labels"))
    def shared(self, row: NotificationGroup) -> str:
        """What its alerts have in common."""
        pairs = sorted(row.labels.items())
        # Broken after a name, where it must be.
        return format_html_join(", ", "{}=<wbr>{}", pairs) or str(display.EMPTY)

    @admin.display(description=gettext_lazy("waiting"))
    def waiting(self, row: NotificationGroup) -> int:
        """Entries that the next flush tells, or says why not."""
        return int(getattr(row, "due", 0) or 0)

    @admin.display(description=gettext_lazy("next flush"), ordering="flush_at")
    def next_flush(self, row: NotificationGroup) -> str:
        """When it is flushed; never, where there is nothing to tell."""
        return words.ago(row.flush_at)

    @admin.display(description=gettext_lazy("last message"), ordering="told_at")
    def last_told(self, row: NotificationGroup) -> str:
        """When its last message was frozen."""
        return words.ago(row.told_at)

    @admin.display(description=gettext_lazy("last sent"), ordering="sent_at")
    def last_sent(self, row: NotificationGroup) -> str:
        """When a message of it was last taken."""
        return words.ago(row.sent_at)
