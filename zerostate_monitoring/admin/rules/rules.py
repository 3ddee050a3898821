"""Rules in the admin: the list, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, ClassVar, Final, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import chart_media, display, glossary, words
from zerostate_monitoring.admin.explaining import RuleExplainPage
from zerostate_monitoring.admin.rows import RowsAdmin
from zerostate_monitoring.admin.rules import filters, layout
from zerostate_monitoring.admin.rules.actions import RuleActions
from zerostate_monitoring.admin.rules.auditing import changed, overridden, with_override
from zerostate_monitoring.admin.rules.checking import RuleChecks
from zerostate_monitoring.admin.rules.file_pages import RuleFiles
from zerostate_monitoring.admin.rules.forms import RuleForm
from zerostate_monitoring.admin.rules.pages import RulePages
from zerostate_monitoring.admin.rules.standing import (
    NOTHING,
    Standing,
    health_of,
    standings,
    state_of,
    values_of,
)
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.rule_texts import bring_back
from zerostate_monitoring.models.words import Origin, Severity

PREVIEW: Final = "_preview"
_LONGEST_REMARK: Final = 500


class RuleAdmin(RuleActions, RuleFiles, RuleChecks, RulePages, RuleExplainPage, RowsAdmin[Rule]):
    """Rules: written in PromQL or as a threshold; looked at before they are saved."""

    form = RuleForm
    list_display = (
        "rule", "sign", "last_value", "severity_sign", "health", "is_enabled"
    )  # fmt: skip
    list_display_links = None
    list_filter = (
        filters.StateFilter, filters.HealthFilter, "severity", "layer", "origin", "kind",
        filters.OwnerFilter, "group", "enabled", filters.FindingsFilter,
    )  # fmt: skip
    search_fields = ("name", "expr", "owner", "annotations")
    list_select_related = ("group", "state")
    autocomplete_fields = ()
    change_list_template = "admin/zerostate_monitoring/rule/change_list.html"
    change_form_template = "admin/zerostate_monitoring/rule/change_form.html"
    delete_confirmation_template = "admin/zerostate_monitoring/rule/delete_confirmation.html"
    explained = glossary.OF_RULES
    standings: dict[int, Standing] = {}

    class Media:
        css: ClassVar[Any] = {"all": [*chart_media.STYLES["all"], "zerostate_monitoring/rule.css"]}
        js: ClassVar[Any] = (
            *chart_media.SCRIPTS,
            Script("zerostate_monitoring/rule.js", type="module"),
        )

    def prepare(self, rows: Sequence[Rule]) -> None:
        """What their live alerts say."""
        self.standings = standings(rows)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        """With what each page shows of a rule."""
        return super().get_queryset(request).select_related("group", "state")

    def standing(self, row: Rule) -> Standing:
        """What the live alerts of a row of this page say."""
        return self.standings.get(row.pk, NOTHING)

    # -- who may what ----------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        """Built-in rules come back with the next migrate: they are disabled, not deleted."""
        if obj is not None and obj.origin == Origin.SHIPPED:
            return False
        return super().has_delete_permission(request, obj)

    # -- the form ----------------------------------------------------------------

    def get_form(
        self,
        request: HttpRequest,
        obj: Rule | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[RuleForm]:
        """In PromQL, as a threshold, or what may be overridden of a built-in rule."""
        base = layout.form_class(layout.way_of(request, obj), obj)
        asked = {
            "is_preview": PREVIEW in request.POST,
            "may_add_group": request.user.has_perm("zerostate_monitoring.add_rulegroup"),
        }
        kwargs["form"] = type(base.__name__, (base,), asked)
        return cast("type[RuleForm]", super().get_form(request, obj, change=change, **kwargs))

    def get_fieldsets(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        """The fields of the way that was chosen."""
        is_viewer = not self._may_write(request, obj)
        return layout.fieldsets(layout.way_of(request, obj), obj, is_viewer=is_viewer)

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        """What the form of a built-in rule shows and does not change."""
        return layout.readonly_fields(obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new rule warns, and stands with the operator's own ones."""
        own = RuleGroup.objects.filter(origin=Origin.OWN).order_by("position", "pk").first()
        return {
            "severity": Severity.WARNING,
            "group": own,
            **super().get_changeform_initial_data(request),
        }

    def _may_write(self, request: HttpRequest, obj: Rule | None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, obj)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Rule | None:
        """The rule; a page that is opened with ``version`` shows what that said."""
        rule: Rule | None = super().get_object(request, object_id, from_field)
        number = request.GET.get("version", "")
        if rule is not None and request.method == "GET" and number.isdecimal():
            version = rule.versions.filter(version=int(number)).first()
            if version is not None:
                shown: Any = rule
                shown.as_stored = copy(rule)
                bring_back(rule, version.fields)
                rule.remark = _("Back to version %(n)d.") % {"n": version.version}
        return rule

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: Rule | None = None,
    ) -> HttpResponse:
        """The form, what the rule does now, and a preview where one was asked for."""
        from zerostate_monitoring.admin.rules.previewing import preview_of
        from zerostate_monitoring.admin.rules.showing import context_of

        form = context["adminform"].form
        may_write = self._may_write(request, obj)
        context |= {**context_of(request, form, obj), "may_write": may_write, "terms": self.terms()}
        if PREVIEW in request.POST and not form.errors:
            context["preview"] = preview_of(form.instance, context["span"])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: Any) -> None:
        """Save it with who did it; say what the lint warns of."""
        obj.editor = request.user
        if form.is_untested:
            obj.remark = f"{obj.remark} {overridden(form)}".strip()[:_LONGEST_REMARK]
        if obj.group._state.adding:
            obj.group, made = RuleGroup.objects.get_or_create(name=obj.group.name)
            group: Any = obj.group
            if made:
                self.log_addition(request, group, _("Made for the rule %s.") % obj.name)
        super().save_model(request, obj, form, change)
        for finding in obj.findings:
            self.message_user(request, finding["message"], "WARNING")

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        """What was changed, from what to what, and what was passed over."""
        told = None if add else changed(form)
        found = told or super().construct_change_message(request, form, formsets, add)
        return with_override(found, form)

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        """Delete it; the trail of its alerts says who did."""
        obj.editor = request.user
        super().delete_model(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Versions, then the usual ones."""
        view = self.admin_site.admin_view(self.versions_view)
        name = "zerostate_monitoring_rule_versions"
        own = [path("<path:object_id>/versions/", view, name=name), *self.explain_urls()]
        return [*own, *super().get_urls()]

    # -- fields of a built-in rule -----------------------------------------------

    @admin.display(description=gettext_lazy("summary"))
    def summary(self, row: Rule) -> str:
        """Its template."""
        return str(row.annotations.get("summary", display.EMPTY))

    @admin.display(description=gettext_lazy("description"))
    def description(self, row: Rule) -> str:
        """Its template."""
        return str(row.annotations.get("description", display.EMPTY))

    # -- columns -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("rule"), ordering="name")
    def rule(self, row: Rule) -> str:
        """Its name, how much the lint has to say; below, where it belongs and who wrote it."""
        link = format_html('<a href="{}">{}</a>', self.url("change", row.pk), row.name)
        if row.findings:
            title = "\n".join(finding.get("message", "") for finding in row.findings)
            sign = '{} <span class="zsm-advice" title="{}">▲ {}</span>'
            link = format_html(sign, link, title, len(row.findings))
        below = " · ".join(word for word in (row.group.name, row.owner, _origin(row)) if word)
        return format_html('{}<br><span class="zsm-advice">{}</span>', link, below)

    @admin.display(description=gettext_lazy("state"))
    def sign(self, row: Rule) -> str:
        """The most that one of its alerts says, and since when."""
        standing = self.standing(row)
        sign = state_of(row, standing)
        if standing.since is None:
            return sign
        return format_html("{}<br>{}", sign, words.ago(standing.since))

    @admin.display(description=gettext_lazy("severity"), ordering="severity")
    def severity_sign(self, row: Rule) -> str:
        """Its severity; quiet, for it says nothing of now."""
        return str(row.get_severity_display()) or display.EMPTY

    @admin.display(description=gettext_lazy("value"))
    def last_value(self, row: Rule) -> str:
        """The values of its alerts."""
        return values_of(self.standing(row), words.unit_of_rule(row))

    @admin.display(description=gettext_lazy("health"))
    def health(self, row: Rule) -> str:
        """How its last evaluation ended."""
        return health_of(row, self.standing(row))

    @admin.display(description=gettext_lazy("on"), ordering="enabled", boolean=True)
    def is_enabled(self, row: Rule) -> bool:
        """Whether it is evaluated: it and its group."""
        return row.enabled and row.group.enabled


def _origin(row: Rule) -> str:
    """Who wrote it, where that is not the operator."""
    if row.origin != Origin.SHIPPED:
        return ""
    return _("built-in, changed") if row.overrides else str(row.get_origin_display())
