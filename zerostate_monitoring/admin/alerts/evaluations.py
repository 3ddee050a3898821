"""Evaluations in the admin: one line for each slot of a group that was evaluated."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.rows import HistoryPaginator, ReadOnlyAdmin
from zerostate_monitoring.models import Evaluation


class EvaluationAdmin(ReadOnlyAdmin[Evaluation]):
    """What was evaluated, how long it took, and what was missed before."""

    list_display = ("slot", "group", "started", "took", "rules", "failed_rules", "missed")
    fields = (
        "group", "slot", "started_at", "started", "took", "rules", "failed_rules", "missed",
        "token",
    )  # fmt: skip
    list_filter = ("group",)
    show_facets = admin.ShowFacets.NEVER
    paginator = HistoryPaginator
    list_select_related = ("group",)
    ordering = ("-pk",)
    # By anything else all of them would be sorted.
    sortable_by = ()
    explained = ("slot",)
    change_list_template = "admin/zerostate_monitoring/rule/change_list.html"

    @admin.display(description=gettext_lazy("slot"), ordering="slot_ms")
    def slot(self, row: Evaluation) -> str:
        """The instant that was evaluated."""
        return words.clock(datetime.fromtimestamp(row.slot_ms / 1000, UTC))

    @admin.display(description=gettext_lazy("begun after"), ordering="started_at")
    def started(self, row: Evaluation) -> str:
        """How long after its slot it began."""
        late = row.started_at.timestamp() - row.slot_ms / 1000
        return display.duration(max(late, 0))

    @admin.display(description=gettext_lazy("took"), ordering="duration_seconds")
    def took(self, row: Evaluation) -> str:
        """How long it took."""
        return display.duration(row.duration_seconds)

    @admin.display(description=gettext_lazy("failed"), ordering="failed")
    def failed_rules(self, row: Evaluation) -> str:
        """How many rules could not be evaluated."""
        return display.badge("bad", str(row.failed)) if row.failed else display.EMPTY

    @admin.display(description=gettext_lazy("missed before"), ordering="missed_before")
    def missed(self, row: Evaluation) -> str:
        """How many slots were missed before it."""
        return display.badge("warn", str(row.missed_before)) if row.missed_before else display.EMPTY
