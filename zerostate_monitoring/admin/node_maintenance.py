"""A node is silenced while somebody works on it: one form, one step, and who and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import words
from zerostate_monitoring.admin.base import LiveAdmin, ModelAdmin
from zerostate_monitoring.admin.holding.showing import part_of
from zerostate_monitoring.alerting.suppression.hits import hits_among, live_alerts
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Node, Silence
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.rules.matchers import format_matchers, meets, parse_matchers

if TYPE_CHECKING:
    Base = LiveAdmin[Node]
else:
    Base = ModelAdmin

LENGTHS: Final = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(weeks=1),
}
_MOST: Final = 200
_APP: Final = "zerostate_monitoring"


class MaintenanceForm(forms.Form):
    """How long, and why."""

    lasts = forms.ChoiceField(
        label=gettext_lazy("Lasts"),
        choices=(
            ("1h", gettext_lazy("1 hour")),
            ("4h", gettext_lazy("4 hours")),
            ("1d", gettext_lazy("1 day")),
            ("3d", gettext_lazy("3 days")),
            ("1w", gettext_lazy("1 week")),
        ),
        initial="1h",
        widget=forms.RadioSelect(attrs={"class": "zsm-chips"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1_000,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Such as new disks. It stands in the trail of each alert."),
    )
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence that names a node, and until when it holds."""

    row: Silence

    def sentence(self) -> str:
        """Who silenced it until when, and why."""
        values = {
            "who": self.row.author,
            "at": words.clock(self.row.ends_at),
            "why": self.row.comment[:200],
        }
        return _("%(who)s silenced it until %(at)s: %(why)s") % values


def matchers_of(name: str) -> str:
    """All alerts that carry the label of a node."""
    return format_matchers([Matcher("node", "=", name)])


def quiet_nodes(names: Iterable[str], now: datetime) -> dict[str, Quiet]:
    """Nodes of which some active silence speaks by name; the one that lasts longest. One query."""
    rows = Silence.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by("-ends_at")
    named = [(row, found) for row in rows[:_MOST] if (found := _of_nodes(row))]
    return {
        name: Quiet(row)
        for name in names
        if (row := next((r for r, found in named if meets(found, {"node": name})), None))
    }


def _of_nodes(row: Silence) -> Sequence[Matcher]:
    """The matchers of a silence of nodes and nothing narrower; none of another."""
    try:
        found = parse_matchers(row.matchers)
    except RuleError:
        return ()
    return found if all(one.name == "node" for one in found) else ()


class MaintenancePages(Base):
    """For ``NodeAdmin``."""

    def maintenance_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how long and why; then silence it, write that down, and go back to its page."""
        node = self.get_object(request, object_id)
        if node is None:
            raise Http404
        if not (self.has_view_permission(request, node) and may_silence(request)):
            raise PermissionDenied
        now = timezone.now()
        quiet = quiet_nodes([node.name], now).get(node.name)
        newest = str(quiet.row.pk) if quiet else "none"
        form = MaintenanceForm(request.POST or None, initial={"seen": newest})
        if form.is_valid():
            if form.cleaned_data["seen"] in {newest, ""}:
                return self._silence(request, node, form.cleaned_data, now)
            self.message_user(request, _overtaken(quiet), messages.WARNING)
            # Whoever goes on has seen it then.
            form = MaintenanceForm(initial={**form.cleaned_data, "seen": newest})
        return self._page(request, node, form, quiet)

    def _page(
        self, request: HttpRequest, node: Node, form: MaintenanceForm, quiet: Quiet | None
    ) -> TemplateResponse:
        hits = hits_among(matchers_of(node.name), live_alerts())
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Silence %s for maintenance") % node.name,
            "opts": self.model._meta,
            "media": self.media,
            "node": node,
            "form": form,
            "quiet": quiet.sentence() if quiet else "",
            "part": part_of(hits),
            "matchers": matchers_of(node.name),
        }
        template = f"admin/{_APP}/node/maintenance.html"
        return TemplateResponse(request, template, context)

    def _silence(
        self, request: HttpRequest, node: Node, data: Mapping[str, Any], now: datetime
    ) -> HttpResponse:
        made = Silence(
            matchers=matchers_of(node.name),
            starts_at=now,
            ends_at=now + LENGTHS[data["lasts"]],
            comment=data["reason"],
            created_by_id=request.user.pk,
            author=request.user.get_username(),
        )
        made.full_clean()
        made.save()
        at = words.clock(made.ends_at)
        row: Any = made
        self.log_addition(request, row, [{"added": {}}])
        self.log_change(request, node, _("Silenced for maintenance until %s.") % at)
        said = _(
            "Alerts of %(node)s are not sent until %(at)s. Silences → End now ends that sooner."
        )
        self.message_user(request, said % {"node": node.name, "at": at}, messages.SUCCESS)
        name = f"{self.admin_site.name}:{_APP}_node_change"
        return HttpResponseRedirect(reverse(name, args=(node.pk,)))


def may_silence(request: HttpRequest) -> bool:
    """Whether somebody may silence alerts."""
    has = request.user.has_perm
    return has(f"{_APP}.silence_alert") or has(f"{_APP}.add_silence")


def _overtaken(quiet: Quiet | None) -> str:
    said = quiet.sentence() if quiet else _("Its silence has ended.")
    return _("Meanwhile: %s. Nothing was done; send it again if you still want it.") % said
