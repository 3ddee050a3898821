"""Filters of the list of rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.rules.standing import STATES, in_state
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import Health


class StateFilter(admin.SimpleListFilter):
    """By what the alerts of a rule say."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """All states."""
        return STATES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        """Rules in the chosen state."""
        state = self.value()
        return in_state(queryset, state) if state else queryset


class HealthFilter(admin.SimpleListFilter):
    """By how the last evaluation ended; a rule without one was never evaluated."""

    title = gettext_lazy("health")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """All healths."""
        return Health.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        """Rules of the chosen health."""
        health = self.value()
        if not health:
            return queryset
        unseen = Q(state=None) if health == Health.UNKNOWN else Q()
        return queryset.filter(
            Q(state__health=health) | unseen if unseen else Q(state__health=health)
        )


class OwnerFilter(admin.SimpleListFilter):
    """By owner, where rules have one."""

    title = gettext_lazy("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """All owners that rules name."""
        owners = Rule.objects.exclude(owner="").order_by("owner").values_list("owner", flat=True)
        return [(owner, owner) for owner in owners.distinct()[:100]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        """Rules of the chosen owner."""
        return queryset.filter(owner=self.value()) if self.value() else queryset


class FindingsFilter(admin.SimpleListFilter):
    """Whether the lint has something to say."""

    title = gettext_lazy("findings")
    parameter_name = "findings"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """With and without."""
        return (("yes", gettext_lazy("with warnings")), ("no", gettext_lazy("without")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        """Rules with, or without."""
        if self.value() == "yes":
            return queryset.exclude(findings=[])
        return queryset.filter(findings=[]) if self.value() == "no" else queryset
