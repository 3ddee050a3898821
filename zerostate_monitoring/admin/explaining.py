"""Why an alert is as it is, and the numbers that were kept with it, as a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import chart_media, words
from zerostate_monitoring.admin.base import OF_BOTH, without
from zerostate_monitoring.admin.rows import ReadOnlyAdmin, RowsAdmin
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.rules.matchers import parse_matchers

if TYPE_CHECKING:
    _Base = ReadOnlyAdmin[Alert]
    _RuleBase = RowsAdmin[Rule]
else:
    _Base = _RuleBase = object


class ExplainPage(_Base):
    """A page of alerts: the explanation of one."""

    def explain_urls(self) -> list[URLPattern]:
        """Before Django's own, which take everything else for a key."""
        view, name = self.admin_site.admin_view, "zerostate_monitoring_alert_explain"
        return [path("<int:pk>/explain/", view(self.explain_view), name=name)]

    def explain_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Why one alert is, or was, pending or firing, or is not."""
        alert = Alert.objects.select_related("rule__group").filter(pk=pk).first()
        if alert is None:
            raise Http404
        if not self.has_view_permission(request, alert):
            raise PermissionDenied
        context = explain_context(alert, request.GET.get("at", ""))
        return _page(self, request, alert, alert.rule_name, context)


class RuleExplainPage(_RuleBase):
    """A page of rules: why one does what it does, also where it makes no alert."""

    def explain_urls(self) -> list[URLPattern]:
        """Before Django's own, which take everything else for a key."""
        view, name = self.admin_site.admin_view, "zerostate_monitoring_rule_explain"
        return [path("<int:pk>/explain/", view(self.explain_view), name=name)]

    def explain_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is known of a rule at a time, for series with some labels."""
        rule = Rule.objects.select_related("group", "state").filter(pk=pk).first()
        if rule is None:
            raise Http404
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        asked, wanted = request.GET.get("at", ""), request.GET.get("labels", "")
        return _page(self, request, rule, rule.name, rule_context(rule, asked, wanted))


def _page(
    door: RowsAdmin[Any],
    request: HttpRequest,
    row: Alert | Rule,
    name: str,
    context: dict[str, Any],
) -> HttpResponse:
    rows = f"{door.admin_site.name}:zerostate_monitoring_{row._meta.model_name}"
    frame = {
        "name": name,
        "list_url": reverse(f"{rows}_changelist"),
        "row_url": reverse(f"{rows}_change", args=(row.pk,)),
    }
    media = without(door.media, OF_BOTH) + chart_media.MEDIA
    context = {**frame, "media": media, **context}
    return door.page(request, "explain.html", _("Why: %s") % name, context)


def rule_context(rule: Rule, at: str, wanted: str) -> dict[str, Any]:
    """The sections of an explanation at ``at`` of series with the labels ``wanted``."""
    from zerostate_monitoring.alerting.explain import explain

    faults, moment, labels = [], None, dict[str, str]()
    try:
        moment = _asked(at)
    except (ValueError, OverflowError) as error:
        faults.append(in_words(str(error)))
    try:
        labels = _equal(wanted)
    except RuleError as error:
        faults.append(str(error))
    found = explain(rule, moment, labels, tell=_in_unit(rule))
    return {
        "sections": found.sections,
        "at": words.clock(found.at),
        "asked": at,
        "asks_labels": True,
        "wanted": wanted,
        "faults": faults,
    }


def _in_unit(rule: Rule) -> Callable[[float], str]:
    """How lists and pages write the values of the rule."""
    return partial(words.with_unit, unit=words.unit_of_rule(rule))


def _asked(at: str) -> datetime | None:
    """An instant as people say it; nothing where nothing is said."""
    from zerostate_monitoring.querying.times import instant_ms

    if not at.strip():
        return None
    at_ms = instant_ms(at, round(timezone.now().timestamp() * 1000))
    return datetime.fromtimestamp(at_ms / 1000, timezone.get_current_timezone())


def _equal(text: str) -> dict[str, str]:
    """Labels from ``name=value, name=value``.

    Raises:
        RuleError: it is not written so.
    """
    found = parse_matchers(text) if text.strip() else ()
    if wrong := [one for one in found if one.op != "="]:
        raise RuleError(_("%s: labels are named with =") % f"{wrong[0].name}{wrong[0].op}…")
    return {one.name: one.value for one in found}


def explain_context(alert: Alert, at: str) -> dict[str, Any]:
    """The sections of an explanation at ``at``; at the end of an alert that is over."""
    from zerostate_monitoring.admin.alerts.pictures import evidence_of
    from zerostate_monitoring.alerting.explain import explain

    faults, moment = [], None
    try:
        moment = _asked(at)
    except (ValueError, OverflowError) as error:
        faults.append(in_words(str(error)))
    moment = moment or (None if alert.is_live else alert.ended_at)
    rule = alert.rule
    found = explain(rule, moment, alert.labels, tell=_in_unit(rule)) if rule else None
    return {
        "sections": found.sections if found else (),
        "at": words.clock(found.at if found else moment),
        "asked": at,
        "faults": faults,
        "evidence": evidence_of(alert),
    }
