"""Pages of a rule beside its form: its versions, and what a deletion ends."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.admin.rules.impacts import impact_context
from zerostate_monitoring.models import Rule, RuleVersion
from zerostate_monitoring.models.rule_texts import differences
from zerostate_monitoring.models.words import EndReason, Origin

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin

    Base = RowsAdmin[Rule]
else:
    Base = ModelAdmin


class RulePages(Base):
    """For ``RuleAdmin``."""

    def versions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All versions with their differences, and the way back to each."""
        rule = self.get_object(request, object_id)
        if rule is None:
            raise Http404
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        rows = list(rule.versions.select_related("changed_by"))
        can_go_back = self.has_change_permission(request, rule) and rule.origin == Origin.OWN
        context = {
            "rule": rule,
            "versions": described(rows),
            "can_go_back": can_go_back,
            "change_url": self.url("change", rule.pk),
        }
        title = _("Versions of %(rule)s") % {"rule": rule.name}
        return self.page(request, "rule/versions.html", title, context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What Django says, and which alerts end."""
        rule = self.get_object(request, object_id)
        context = {} if rule is None else impact_context([rule], EndReason.DELETED)
        return super().delete_view(request, object_id, {**context, **(extra_context or {})})


def described(versions: list[RuleVersion]) -> list[dict[str, Any]]:
    """Newest first, each with what is other than in the one before."""
    found = [
        {"row": new, "differences": list(differences(old.fields, new.fields))}
        for new, old in pairwise(versions)
    ]
    return [*found, *({"row": row, "differences": []} for row in versions[-1:])]
