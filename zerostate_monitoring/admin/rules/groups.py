"""Groups of rules in the admin: when they were evaluated last, and their rules in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import display, glossary, words
from zerostate_monitoring.admin.base import ModelForm
from zerostate_monitoring.admin.rows import RowsAdmin
from zerostate_monitoring.admin.rules.fields import LABELS_HELP, TextsField
from zerostate_monitoring.admin.rules.impacts import impact_context
from zerostate_monitoring.admin.rules.standing import NOTHING, health_of, standings, state_of
from zerostate_monitoring.admin.seen import WatchedForm
from zerostate_monitoring.alerting.case_outcomes import failing, finding_of
from zerostate_monitoring.models import Alert, GroupState, Rule, RuleGroup
from zerostate_monitoring.models.words import LIVE, EndReason, Health, Origin

LATE_INTERVALS = 4
"""A group whose last slot is so many intervals old is late."""


class RuleGroupForm(WatchedForm, ModelForm[RuleGroup]):
    """A group; switching it off wants a word where alerts end by it."""

    labels = TextsField(label=gettext_lazy("Labels"), help_text=LABELS_HELP)
    confirm_closing = forms.BooleanField(
        label=gettext_lazy("Close alerts"),
        required=False,
        help_text=gettext_lazy(
            "Tick it if live alerts of its rules may end by this edit: it is disabled, or its "
            "labels are changed. Whoever was told that they fire is told."
        ),
    )

    class Meta:
        model = RuleGroup
        fields = ("name",)

    def clean(self) -> dict[str, Any]:
        """Ask before alerts end."""
        cleaned = super().clean() or {}
        ends = {"enabled", "labels"} & set(self.changed_data)
        if self.instance.pk and ends and not cleaned.get("confirm_closing"):
            live = Alert.objects.filter(rule__group=self.instance.pk, state__in=LIVE).count()
            if live:
                message = ngettext(
                    "%(n)d live alert of its rules may end by this: tick it to go on.",
                    "%(n)d live alerts of its rules may end by this: tick it to go on.",
                    live,
                )
                self.add_error("confirm_closing", message % {"n": live})
        return cleaned


def _failing_cases(group: RuleGroup) -> Iterator[str]:
    """What of the test cases of its rules fails now: its labels stand on their alerts."""
    from zerostate_monitoring.alerting.rule_cases import find_failing

    for rule in group.rules.exclude(tests="").select_related("group"):
        before = rule.findings
        found = failing(find_failing(rule))
        if rule.findings != before:
            Rule.objects.filter(pk=rule.pk).update(findings=rule.findings)
        if found:
            yield _("%(rule)s: %(said)s") % {
                "rule": rule.name,
                "said": finding_of(found)["message"],
            }


class RuleGroupAdmin(RowsAdmin[RuleGroup]):
    """Groups: interval and order are the operator's, the rest is what the evaluation says."""

    form = RuleGroupForm
    list_display = (
        "name", "every", "is_enabled", "rules_count", "last_slot", "missed", "took", "health",
        "origin",
    )  # fmt: skip
    list_filter = ("enabled", "origin")
    search_fields = ("name",)
    list_select_related = ("state",)
    change_list_template = "admin/zerostate_monitoring/rule/change_list.html"
    explained = glossary.OF_GROUPS
    change_form_template = "admin/zerostate_monitoring/rulegroup/change_form.html"
    delete_confirmation_template = "admin/zerostate_monitoring/rule/delete_confirmation.html"
    fieldsets = (
        (None, {"fields": ("name", "interval_seconds", "enabled", "labels", "confirm_closing")}),
        (
            gettext_lazy("More"),
            {"classes": ("collapse",), "fields": ("position", "limit", "query_offset_seconds")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleGroup]:
        """With numbers of rules, and of those in trouble."""
        on = Q(rules__enabled=True)
        return (
            super()
            .get_queryset(request)
            .annotate(
                rules_total=Count("rules"),
                rules_on=Count("rules", filter=on),
                rules_failing=Count("rules", filter=on & Q(rules__state__health=Health.ERROR)),
            )
        )

    def has_delete_permission(self, request: HttpRequest, obj: RuleGroup | None = None) -> bool:
        """Built-in groups come back with the next migrate."""
        if obj is not None and obj.origin == Origin.SHIPPED:
            return False
        return super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: RuleGroup, form: Any, change: Any) -> None:
        """Save it with who did it; say what works otherwise than one may think."""
        obj.editor = request.user
        super().save_model(request, obj, form, change)
        for warning in (*obj.warnings(), *_failing_cases(obj)):
            self.message_user(request, warning, "WARNING")

    def delete_model(self, request: HttpRequest, obj: RuleGroup) -> None:
        """Delete it with its rules; the trail of their alerts says who did."""
        for rule in obj.rules.all():
            rule.editor = request.user
            rule.delete()
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Groups are deleted one by one: their page shows which alerts end."""
        actions: dict[str, Any] = super().get_actions(request)
        return {name: one for name, one in actions.items() if name != "delete_selected"}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What Django says, and which alerts end."""
        group = self.get_object(request, object_id)
        rules = [] if group is None else list(group.rules.all())
        context = impact_context(rules, EndReason.DELETED) if rules else {}
        return super().delete_view(request, object_id, {**context, **(extra_context or {})})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: RuleGroup | None = None,
    ) -> HttpResponse:
        """The form, how evaluation goes, and the group's rules in their order."""
        if obj is not None:
            context |= {
                "facts": facts_of(obj),
                "rules": rules_of(obj),
                "warnings": obj.warnings(),
                "terms": self.terms(),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # -- columns -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("every"), ordering="interval_seconds")
    def every(self, row: RuleGroup) -> str:
        """Its interval."""
        return display.age(row.interval_seconds)

    @admin.display(description=gettext_lazy("enabled"), ordering="enabled", boolean=True)
    def is_enabled(self, row: RuleGroup) -> bool:
        """Whether its rules are evaluated."""
        return row.enabled

    @admin.display(description=gettext_lazy("rules"), ordering="rules_total")
    def rules_count(self, row: Any) -> str:
        """How many are enabled, of how many."""
        on, total = row.rules_on, row.rules_total
        return str(total) if on == total else _("%(on)d of %(total)d") % {"on": on, "total": total}

    @admin.display(description=gettext_lazy("last slot"), ordering="state__last_slot_ms")
    def last_slot(self, row: RuleGroup) -> str:
        """How old its newest results are."""
        return slot_of(row)

    @admin.display(description=gettext_lazy("missed"), ordering="state__slots_missed")
    def missed(self, row: RuleGroup) -> str:
        """How many slots were missed, since ever."""
        state = state_row(row)
        return display.EMPTY if state is None else display.number(state.slots_missed)

    @admin.display(description=gettext_lazy("took"), ordering="state__duration_seconds")
    def took(self, row: RuleGroup) -> str:
        """How long its last evaluation took."""
        state = state_row(row)
        return display.duration(state.duration_seconds if state else None)

    @admin.display(description=gettext_lazy("health"))
    def health(self, row: Any) -> str:
        """Whether a rule of it is in error."""
        if not row.enabled:
            return display.EMPTY
        if row.rules_failing:
            return display.badge("bad", _("%(n)d in error") % {"n": row.rules_failing})
        return display.badge("good", _("ok")) if state_row(row) else display.badge("none", _("new"))


def state_row(group: RuleGroup) -> GroupState | None:
    """What the evaluation says of it; nothing before the first slot."""
    state: GroupState | None = getattr(group, "state", None)
    return state


def slot_of(group: RuleGroup) -> str:
    """How old the newest results are; a sign where that is too old."""
    state = state_row(group)
    if state is None or not state.last_slot_ms:
        return display.EMPTY
    seconds = timezone.now().timestamp() - state.last_slot_ms / 1000
    text = _("%s ago") % display.age(max(seconds, 0))
    is_late = group.enabled and seconds > LATE_INTERVALS * group.interval_seconds
    return display.badge("bad", text, _("It is late: ask the doctor.")) if is_late else text


def facts_of(group: RuleGroup) -> list[tuple[str, Any]]:
    """How evaluation goes, as title and text."""
    state = state_row(group)
    if state is None:
        return [(_("Evaluation"), _("never yet"))]
    return [
        (_("Last slot"), slot_of(group)),
        (_("Last evaluated"), words.clock(state.evaluated_at)),
        (_("Took"), display.duration(state.duration_seconds)),
        (_("Slots evaluated"), display.number(state.slots_evaluated)),
        (_("Slots missed"), display.number(state.slots_missed)),
    ]


def rules_of(group: RuleGroup) -> list[dict[str, Any]]:
    """Its rules in the order in which they are evaluated."""
    rules: list[Rule] = list(
        group.rules.select_related("group", "state").order_by("position", "pk")
    )
    found = standings(rules)
    return [
        {
            "pk": rule.pk,
            "name": rule.name,
            "position": rule.position,
            "kind": rule.get_kind_display(),
            "severity": rule.get_severity_display(),
            "state": state_of(rule, found.get(rule.pk, NOTHING)),
            "health": health_of(rule, found.get(rule.pk, NOTHING)),
            "expr": rule.expr if len(rule.expr) < 90 else f"{rule.expr[:89]}…",
        }
        for rule in rules
    ]
