"""Silences in admin: made from an alert or by hand, ended, extended, repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.holding.adjusting import adjust, overtaken, seen_of
from zerostate_monitoring.admin.holding.calendar import CalendarPage, Strip
from zerostate_monitoring.admin.holding.previewing import PreviewedAdmin
from zerostate_monitoring.admin.holding.showing import matchers_code, with_faults
from zerostate_monitoring.admin.holding.silence_form import SilenceForm, matchers_of, repeated
from zerostate_monitoring.admin.holding.state import hits_text, left, silence_state
from zerostate_monitoring.alerting.suppression.hits import hits_among
from zerostate_monitoring.alerting.suppression.tending import end_silence
from zerostate_monitoring.models import Alert, Silence

PERMISSION: Final = "zerostate_monitoring.silence_alert"
SEEN: Final = "seen-"
"""What the names of fields begin with that say which end of a silence was seen."""


class StateFilter(admin.SimpleListFilter):
    """Active, to come, or ended."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        """The three."""
        return (("active", _("active")), ("pending", _("to come")), ("ended", _("ended")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Silences in the chosen state."""
        now = timezone.now()
        wanted = {
            "active": Q(starts_at__lte=now, ends_at__gt=now),
            "pending": Q(starts_at__gt=now),
            "ended": Q(ends_at__lte=now),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class SilenceAdmin(CalendarPage, Strip, PreviewedAdmin[Silence]):
    """Silences. One that has begun keeps its matchers: the trail of alerts names it."""

    form = SilenceForm
    change_form_template = "admin/zerostate_monitoring/silence/change_form.html"
    list_display = ("what", "state", "ends", "hits", "author")
    list_filter = (StateFilter, "ends_on_resolve")
    search_fields = ("matchers", "comment", "author")
    ordering = ("-ends_at",)
    actions = ["end_now", "extend", "repeat"]
    watched_fields = ("ends_at",)
    watching_actions = ("end_now", "extend")

    class Media:
        js: ClassVar[Any] = (Script("zerostate_monitoring/silence.js", type="module"),)

    def get_fieldsets(self, request: HttpRequest, obj: Silence | None = None) -> Any:
        """How long is asked by chips for a new one; an old one shows whose it is."""
        if obj is None:
            times: tuple[Any, ...] = ("lasts", "starts_at", "ends_at")
            return [(None, {"fields": ("matchers", "comment", *times, "ends_on_resolve", "alert")})]
        told = ("state", "hits", "author", "created_at", "reminded_at")
        edited = ("matchers", "comment", "starts_at", "ends_at", "ends_on_resolve")
        return [(None, {"fields": edited}), (gettext_lazy("State"), {"fields": (*told, "origin")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Silence | None = None) -> Any:
        """What a silence has held back, it has held back: matchers and start stay.

        One that is broken has held nothing back, and may be mended.
        """
        told = ("state", "hits", "author", "created_at", "reminded_at", "origin")
        # A form that was refused may have left it without a start.
        has_start = obj is not None and obj.starts_at is not None
        begun = obj and has_start and obj.starts_at <= timezone.now() and not obj.faults()
        return (*told, "matchers", "starts_at") if begun else told

    def get_form(
        self,
        request: HttpRequest,
        obj: Silence | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """The form, which says in which zone its times are."""
        zone = timezone.get_current_timezone_name()
        texts = {
            "starts_at": _("Time zone: %s. Empty: now.") % zone,
            "ends_at": _("Time zone: %s.") % zone,
        }
        return super().get_form(request, obj, change=change, help_texts=texts, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The alert that it was made from is not chosen by hand."""
        if db_field.name == "alert":
            kwargs["widget"] = forms.HiddenInput
            return db_field.formfield(**kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What an alert, or a silence that is repeated, fills in."""
        alert = _found(Alert.objects.all(), request.GET.get("alert"))
        if alert is not None:
            return {"alert": alert.pk, "matchers": matchers_of(alert), "lasts": "1h"}
        silence = _found(Silence.objects.all(), request.GET.get("repeat"))
        if silence is not None:
            return repeated(silence)
        return {"lasts": "1h", **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Silence, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """The author is whoever made it; a later end is reminded of again."""
        if not change:
            obj.created_by_id = request.user.pk
            obj.author = request.user.get_username()
        elif "ends_at" in form.changed_data:
            obj.reminded_at = None
        super().save_model(request, obj, form, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; its buttons say which end was seen."""
        context = dict(extra_context or {})
        # A copy that answers the request comes through here a second time.
        if "seen_end" not in context:
            row = _found(Silence.objects.all(), object_id)
            context["seen_end"] = seen_of(row) if row else ""
        return super().changeform_view(request, object_id, form_url, context)

    # -- permissions ---------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Silence | None = None) -> bool:
        """Whoever may silence sees silences."""
        return super().has_view_permission(request, obj) or _may_silence(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add silences, or may silence alerts."""
        return super().has_add_permission(request) or _may_silence(request)

    def has_change_permission(self, request: HttpRequest, obj: Silence | None = None) -> bool:
        """As adding; what has ended stays as it was."""
        may = super().has_change_permission(request, obj) or _may_silence(request)
        return may and (obj is None or obj.ends_at > timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Silence | None = None) -> bool:
        """Only what has not begun: the trail of alerts names the others."""
        begun = obj is not None and obj.starts_at <= timezone.now()
        return not begun and super().has_delete_permission(request, obj)

    # -- ending, extending, repeating ----------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """What can be done to one silence, then the usual pages."""
        doing = {"end": self.end_now, "extend": self.extend}
        return [
            *self.calendar_urls(),
            *(
                path(
                    f"<int:pk>/{name}/",
                    self.admin_site.admin_view(require_POST(self._doing(action))),
                    name=f"zerostate_monitoring_silence_{name}",
                )
                for name, action in doing.items()
            ),
            *super().get_urls(),
        ]

    def _doing(self, action: Callable[..., None]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            action(request, Silence.objects.filter(pk=pk))
            return HttpResponseRedirect(self._url("change", pk))

        return view

    @admin.action(description=gettext_lazy("End now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        """End the chosen silences: what still fires is told."""
        now = timezone.now()
        ended = [one for one in self._as_seen(request, queryset) if end_silence(one, now)]
        self.log_changes(request, ended, _("Ended."))
        said = ngettext("%d silence ended.", "%d silences ended.", len(ended)) % len(ended)
        self.message_user(request, said, messages.SUCCESS if ended else messages.WARNING)

    @admin.action(description=gettext_lazy("Extend by 1 hour"), permissions=["change"])
    def extend(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        """Let the chosen silences last an hour longer."""
        now, count = timezone.now(), 0
        for row in self._as_seen(request, queryset):
            done = adjust(row, "1h", seen_of(row), now)
            if done.log:
                self.log_change(request, row, done.log)
                count += 1
            else:
                self.message_user(request, done.said, messages.WARNING)
        said = ngettext("%d silence extended.", "%d silences extended.", count) % count
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)

    @admin.action(description=gettext_lazy("Repeat"), permissions=["add"])
    def repeat(self, request: HttpRequest, queryset: QuerySet[Silence]) -> HttpResponse | None:
        """Make a new silence like the chosen one."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose one silence to repeat."), messages.WARNING)
            return None
        return HttpResponseRedirect(f"{self._url('add')}?repeat={chosen[0].pk}")

    def stands_now(self, row: Silence) -> str:
        """Ended, or until when it holds."""
        is_over = row.ends_at <= timezone.now()
        return _("ended") if is_over else _("set until %s") % words.clock(row.ends_at)

    def _as_seen(self, request: HttpRequest, rows: QuerySet[Silence]) -> Iterator[Silence]:
        """Those that stand as the page showed them; of the others it is said who was first."""
        now, is_any_over = timezone.now(), False
        for row in rows:
            seen = request.POST.get(f"{SEEN}{row.pk}", "")
            if row.ends_at <= now:
                is_any_over = True
            elif seen and seen != seen_of(row):
                self.message_user(request, overtaken(row), messages.WARNING)
            else:
                yield row
        if is_any_over:
            said = _("What has ended cannot be changed. Repeat it to silence again.")
            self.message_user(request, said, messages.WARNING)

    def _url(self, page: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:zerostate_monitoring_silence_{page}", args=args)

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("silence"), ordering="comment")
    def what(self, row: Silence) -> str:
        """What it is for, and its matchers in a line."""
        shown = format_html("{}<br>{}", row.comment, matchers_code(row.matchers))
        return with_faults(shown, row.faults() if row.ends_at > timezone.now() else ())

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Silence) -> str:
        """Active, to come, ended, or broken."""
        return display.badge(*silence_state(row, timezone.now()))

    @admin.display(description=gettext_lazy("ends"), ordering="ends_at")
    def ends(self, row: Silence) -> str:
        """When, and how soon; an action is told which end was seen."""
        shown = left(row, timezone.now())
        seen = format_html(
            '<input type="hidden" name="{}{}" value="{}">', SEEN, row.pk, seen_of(row)
        )
        return format_html("{}{}", shown, seen)

    @admin.display(description=gettext_lazy("hits now"))
    def hits(self, row: Silence) -> str:
        """How many live alerts it hits."""
        if row._state.adding or row.ends_at <= timezone.now():
            return display.EMPTY
        return hits_text(hits_among(row.matchers, self.live_alerts))

    @admin.display(description=gettext_lazy("made from"))
    def origin(self, row: Silence) -> str:
        """The alert that it was made from."""
        return display.EMPTY if row.alert_id is None else f"{row.alert} ({row.alert_id})"


def silence_alert_url(alert: Alert, site: str = "admin") -> str:
    """The page that silences ``alert``: a form with all its labels as matchers."""
    return f"{reverse(f'{site}:zerostate_monitoring_silence_add')}?alert={alert.pk}"


def _may_silence(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(PERMISSION))


def _found(rows: QuerySet[Any], key: str | None) -> Any:
    """The row with the key that stands in an address; none for what is no key."""
    return rows.filter(pk=int(key)).first() if key and key.isdecimal() and len(key) < 19 else None
