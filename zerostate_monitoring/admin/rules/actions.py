"""What can be done to many rules at once; whoever ends alerts sees which before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.admin.rules.impacts import impact_context
from zerostate_monitoring.admin.seen_lists import WatchedList
from zerostate_monitoring.alerting.editing import start_sending
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import EndReason, Origin

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin

    Base = RowsAdmin[Rule]
else:
    Base = ModelAdmin

CONFIRMED = "confirmed"


class RuleActions(WatchedList, Base):
    """For ``RuleAdmin``."""

    actions = ["enable", "disable", "send_now", "delete_selected"]
    # A rule that another edited meanwhile is another rule than the list showed.
    watched_fields = ("enabled", "version")
    watching_actions = ("enable", "disable", "delete_selected")

    @admin.action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        """Enable those that still can work; say why of the others."""
        done = 0
        for rule in queryset.filter(enabled=False).select_related("group"):
            rule.enabled = True
            try:
                rule.full_clean()
            except ValidationError as error:
                said = f"{rule.name}: {' '.join(error.messages)}"
                self.message_user(request, said, messages.ERROR)
                continue
            self._save(request, rule, _("Enabled."))
            done += 1
        text = ngettext("%(n)d rule enabled.", "%(n)d rules enabled.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS if done else messages.INFO)

    @admin.action(description=gettext_lazy("Disable…"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Rule]) -> HttpResponse | None:
        """Disable them, once it was seen which alerts end."""
        rules = list(queryset.filter(enabled=True).select_related("group"))
        if rules and CONFIRMED not in request.POST:
            return self._ask(request, rules, "disable", EndReason.DISABLED)
        for rule in rules:
            rule.enabled = False
            self._save(request, rule, _("Disabled."))
        text = ngettext("%(n)d rule disabled.", "%(n)d rules disabled.", len(rules))
        self.message_user(request, text % {"n": len(rules)}, messages.SUCCESS)
        return None

    @admin.action(
        description=gettext_lazy("Send from now on (end observing)"), permissions=["change"]
    )
    def send_now(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        """End the observation of those that are observed."""
        rules = list(queryset.filter(observing_until__isnull=False))
        count = start_sending(rules, request.user)
        for rule in rules:
            self.log_change(request, rule, _("Observation ended: sent from now on."))
        text = ngettext("%(n)d rule sends from now on.", "%(n)d rules send from now on.", count)
        self.message_user(request, text % {"n": count}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Delete…"), permissions=["delete"])
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Rule]
    ) -> HttpResponse | None:
        """Delete own ones, once it was seen which alerts end."""
        own = queryset.filter(origin=Origin.OWN).select_related("group")
        rules = list(own)
        if len(rules) < queryset.count():
            message = _(
                "Built-in rules are disabled, not deleted: the next version brings them again."
            )
            self.message_user(request, message, messages.WARNING)
        if rules and CONFIRMED not in request.POST:
            return self._ask(request, rules, "delete_selected", EndReason.DELETED)
        self.log_deletions(request, own)
        for rule in rules:
            rule.editor = request.user
            rule.delete()
        text = ngettext("%(n)d rule deleted.", "%(n)d rules deleted.", len(rules))
        self.message_user(request, text % {"n": len(rules)}, messages.SUCCESS)
        return None

    def stands_now(self, row: Rule) -> str:
        """Enabled or not, and in which version."""
        values = {"state": super().stands_now(row), "n": row.version}
        return _("%(state)s, in version %(n)d,") % values

    def _save(self, request: HttpRequest, rule: Rule, message: str) -> None:
        if rule.origin == Origin.SHIPPED:
            # What is shipped comes again with each version; the operator's word stands beside.
            kept = {name: one for name, one in rule.overrides.items() if name != "enabled"}
            rule.overrides = kept if rule.enabled else {**kept, "enabled": False}
        rule.editor = request.user
        rule.save()
        self.log_change(request, rule, message)

    def _ask(
        self, request: HttpRequest, rules: Sequence[Rule], action: str, reason: EndReason
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "rules": rules,
            "action": action,
            "seen": self.shown(rules),
            "verb": _("Delete") if action == "delete_selected" else _("Disable"),
            **impact_context(rules, reason),
        }
        title = ngettext("%(verb)s %(n)d rule?", "%(verb)s %(n)d rules?", len(rules))
        values = {"n": len(rules), "verb": context["verb"]}
        return self.page(request, "rule/impact.html", title % values, context)
