"""Filters of the lists of messages and outbox entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from zerostate_monitoring.models import Alert, Message, OutboxEntry
from zerostate_monitoring.models.outbox import MessageState

_DEAD: Final = Q(state=MessageState.DEAD)
STATES: Final = {
    "due": (gettext_lazy("due"), Q(state=MessageState.DUE)),
    "leased": (gettext_lazy("being sent"), Q(state=MessageState.LEASED)),
    "sent": (gettext_lazy("sent"), Q(state=MessageState.SENT)),
    "dead": (gettext_lazy("dead letter"), _DEAD & Q(closed_at=None)),
    "closed": (gettext_lazy("closed dead letter"), _DEAD & Q(closed_at__isnull=False)),
    "superseded": (gettext_lazy("superseded"), Q(state=MessageState.SUPERSEDED)),
}
PURPOSES: Final = {
    "alerts": gettext_lazy("alerts"),
    "test": gettext_lazy("test"),
    "reminder": gettext_lazy("reminder"),
    "canary": gettext_lazy("canary"),
}
ALL: Final = "all"


class MessageStateFilter(admin.SimpleListFilter):
    """Where a message stands; dead letters that somebody has closed stand apart."""

    title = gettext_lazy("state")
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """All of them."""
        return [(key, title) for key, (title, _condition) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """The chosen ones."""
        _title, condition = STATES.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)


class PurposeFilter(admin.SimpleListFilter):
    """What a message is for. Without a choice the canary's, one a minute, are left out."""

    title = gettext_lazy("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Each purpose, and all."""
        return [*PURPOSES.items(), (ALL, gettext_lazy("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The first one says what it is."""
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext_lazy("all but the canary")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """The chosen ones."""
        value = self.value()
        if value == ALL:
            return queryset
        if value in PURPOSES:
            return queryset.filter(purpose=value)
        return queryset.exclude(purpose="canary")


class AlertFilter(admin.SimpleListFilter):
    """Of one alert; there by links alone."""

    title = gettext_lazy("alert")
    parameter_name = "alert"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """The alert that was asked for."""
        key = request.GET.get(self.parameter_name, "")
        alert = Alert.objects.filter(pk=int(key)).first() if key.isdecimal() else None
        return [(str(alert.pk), str(alert))] if alert else []

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[OutboxEntry]
    ) -> QuerySet[OutboxEntry]:
        """Entries of the alert."""
        key = self.value() or ""
        return queryset.filter(alert_id=int(key)) if key.isdecimal() else queryset


class MessageAlertFilter(AlertFilter):
    """Messages that told of one alert; there by links alone."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those with an entry of the alert."""
        key = self.value() or ""
        if not key.isdecimal():
            return queryset
        entries = OutboxEntry.objects.filter(alert_id=int(key), message__isnull=False)
        return queryset.filter(pk__in=entries.values("message"))
