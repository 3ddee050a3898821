"""The list of alerts, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import chart_media, display, words
from zerostate_monitoring.admin.alerts.about import AboutPage
from zerostate_monitoring.admin.alerts.acting import AlertActions, may, seen_of
from zerostate_monitoring.admin.alerts.doing import allowed_to, doing_of, form_of
from zerostate_monitoring.admin.alerts.filters import FILTERS
from zerostate_monitoring.admin.alerts.grouped import GroupedPage
from zerostate_monitoring.admin.alerts.standing import (
    Standing,
    held_text,
    standing_of,
    told_text,
)
from zerostate_monitoring.admin.base import OF_BOTH, without
from zerostate_monitoring.admin.explaining import ExplainPage
from zerostate_monitoring.admin.noise import NoisePage
from zerostate_monitoring.admin.rows import HistoryPaginator, ReadOnlyAdmin
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState, Severity

_SEARCHED: Final = 100_000
_SEVERITIES = [Severity.CRITICAL, Severity.WARNING, Severity.INFO]
_RANK: Final = Case(
    When(state=AlertState.FIRING, then=Value(0)),
    When(state=AlertState.PENDING, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
_GRAVENESS: Final = Case(
    *(When(severity=one, then=Value(place)) for place, one in enumerate(_SEVERITIES)),
    default=Value(len(_SEVERITIES)),
    output_field=IntegerField(),
)


class AlertAdmin(
    AlertActions, GroupedPage, AboutPage, ExplainPage, NoisePage, ReadOnlyAdmin[Alert]
):
    """Alerts: nobody writes them by hand; acknowledging and silencing are actions."""

    list_display = ("sign", "alert", "severity_sign", "since", "now", "receivers")
    list_display_links = None
    list_filter = FILTERS
    # Counting for each filter would read all of history.
    show_facets = admin.ShowFacets.NEVER
    paginator = HistoryPaginator
    list_select_related = ("acknowledged_by", "rule")
    search_fields = ("rule_name", "labels", "group_name", "acknowledgement")
    search_help_text = gettext_lazy("Name, labels, group, comment; of the newest 100,000 alerts.")
    change_list_template = "admin/zerostate_monitoring/alert/change_list.html"
    standing = Standing()

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/overview.css"]}

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Alert | None:
        """One alert, with its rule and who has taken it on."""
        with_it = ("rule__group__state", "acknowledged_by")
        try:
            return self.get_queryset(request).select_related(*with_it).get(pk=object_id)
        except (Alert.DoesNotExist, ValidationError, ValueError, OverflowError):
            return None

    def get_ordering(self, request: HttpRequest) -> Any:
        """Firing ones first, the gravest of them first; history by a key that has an index.

        Expressions, no names of annotations: forms of other models that refer to alerts ask, too.
        """
        if request.GET.get("show") in {"ended", "all"}:
            return ("-pk",)
        return (_RANK.asc(), _GRAVENESS.asc(), "-started_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Alert], search_term: str
    ) -> tuple[QuerySet[Alert], bool]:
        """Texts are looked for in the newest alerts: no index finds a word within labels."""
        newest = self.model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        if search_term and newest is not None:
            queryset = queryset.filter(pk__gt=newest - _SEARCHED)
        return super().get_search_results(request, queryset, search_term)

    def prepare(self, rows: Sequence[Alert]) -> None:
        """Values now, what holds them back, and who was told."""
        self.standing = standing_of(rows, timezone.now())

    def get_urls(self) -> list[URLPattern]:
        """The overview and the page of one alert, then the usual ones."""
        view = self.admin_site.admin_view
        name = "zerostate_monitoring_alert_overview"
        return [
            path("overview/", view(self.overview_view), name=name),
            *self.grouped_urls(),
            *self.about_urls(),
            *self.action_urls(),
            *self.explain_urls(),
            *self.noise_urls(),
            *super().get_urls(),
        ]

    def overview_view(self, request: HttpRequest) -> HttpResponse:
        """Where the overview stood before there was one of everything; its address still leads."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = f"{self.admin_site.name}:zerostate_monitoring_overview_changelist"
        return HttpResponseRedirect(reverse(name))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The list, with a form for each line: within the form of a list there can be no other."""
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None) or {}
        rows = getattr(context.get("cl"), "result_list", ())
        if may(request, "acknowledge") or may(request, "silence"):
            context["acting"] = [form_of(row) for row in rows if row.is_live]
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One alert: what it says, what happened to it, and what can be done."""
        from zerostate_monitoring.admin.alerts.showing import context_of, headline

        alert = self.get_object(request, object_id)
        if alert is None:
            raise Http404
        if not self.has_view_permission(request, alert):
            raise PermissionDenied
        allowed = {**self.may(request), **allowed_to(alert, request), "seen": seen_of(alert)}
        media = without(self.media, OF_BOTH) + chart_media.MEDIA
        context = {**context_of(request, alert), **allowed, "alert": alert, "media": media}
        return self.page(request, "alert/page.html", headline(alert), context)

    # -- columns -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def sign(self, row: Alert) -> str:
        """Where it stands; below, who has taken it on, or what holds it back."""
        reason = self.standing.held.get(row.pk)
        sign = words.state_badge(
            row.state,
            acknowledged=row.acknowledged_at is not None,
            severity=row.severity,
            held=reason is not None,
        )
        below = [held_text(reason)] if reason else []
        if row.acknowledged_at is not None:
            said = _("taken on by %s") % (row.acknowledged_by or "–")
            span = '<span class="zsm-advice" title="{}">{}</span>'
            below.append(format_html(span, row.acknowledgement, said))
        return format_html_join(mark_safe("<br>"), "{}", ((one,) for one in (sign, *below)))

    @admin.display(description=gettext_lazy("alert"), ordering="rule_name")
    def alert(self, row: Alert) -> str:
        """Its name, what it says, its labels, and what can be done about it here."""
        url, what, request = self.url("change", row.pk), words.said_of(row), self.answered_request
        doing = doing_of(row, request) if request is not None else ""
        return format_html('<a href="{}">{}</a><br>{}{}', url, row.rule_name, what, doing)

    @admin.display(description=gettext_lazy("severity"), ordering="severity")
    def severity_sign(self, row: Alert) -> str:
        """Its severity."""
        return row.severity or display.EMPTY

    @admin.display(description=gettext_lazy("since"), ordering="started_at")
    def since(self, row: Alert) -> str:
        """How long it has been firing, or there; of one that ended, when it did."""
        if not row.is_live:
            return format_html("{} {}", _("ended"), words.ago(row.ended_at))
        return words.ago(row.fired_at or row.started_at)

    @admin.display(description=gettext_lazy("value"))
    def now(self, row: Alert) -> str:
        """Its value at the last slot, or at its last transition."""
        return words.value_text(self.standing.values.get(str(row.pk)), row)

    @admin.display(description=gettext_lazy("told"))
    def receivers(self, row: Alert) -> str:
        """Who was told."""
        return told_text(row, self.standing.told.get(row.pk, ()))
