"""Levels of loggers in admin: set for a while, in all processes, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.admin.seen import SEEN, digest_of, read_seen, written
from zerostate_monitoring.admin.seen_lists import WatchedList
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.logs.levels import known_loggers as loggers_here
from zerostate_monitoring.logs.levels import would_hide
from zerostate_monitoring.logs.security import SecurityEvent, tell
from zerostate_monitoring.models import LogLevel
from zerostate_monitoring.storage.log_levels import announce, known_loggers
from zerostate_monitoring.storage.store import current_store

LENGTHS: Final = {"15m": 15, "1h": 60, "4h": 240, "1d": 1440, "7d": 10_080}
"""Minutes. There is no level without an end."""
_CHIPS: Final = (
    ("15m", gettext_lazy("15 minutes")),
    ("1h", gettext_lazy("1 hour")),
    ("4h", gettext_lazy("4 hours")),
    ("1d", gettext_lazy("1 day")),
    ("7d", gettext_lazy("7 days")),
)
_LIST: Final = "zsm-loggers"
_MOST_SHOWN: Final = 2000
_EVERY: Final = ("logger", "level", "state", "until", "comment", "author", "created_at")


def loggers() -> set[str]:
    """Loggers of all processes, as far as the store knows them; at least those of this one."""
    try:
        return loggers_here() | known_loggers(current_store())
    except StoreError:
        return loggers_here()


class _Suggesting(forms.TextInput):
    """A text field that suggests the loggers that there are; without JavaScript."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, {**(attrs or {}), "list": _LIST}, renderer)
        names = ((one,) for one in sorted(loggers())[:_MOST_SHOWN])
        options = format_html_join("", '<option value="{}">', names)
        return format_html('{}<datalist id="{}">{}</datalist>', field, _LIST, options)


class LogLevelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A logger that there is, a level, and for how long: an hour if nothing else is said."""

    lasts = forms.ChoiceField(
        label=gettext_lazy("Lasts"),
        choices=_CHIPS,
        initial="1h",
        widget=forms.RadioSelect(attrs={"class": "zsm-chips"}),
    )

    class Meta:
        model = LogLevel
        fields = ("logger", "level", "comment")
        widgets = {
            "logger": _Suggesting(attrs={"class": "vTextField", "autocomplete": "off"}),
            "comment": forms.TextInput(attrs={"class": "vTextField"}),
        }

    conflict = None
    seen_name = SEEN

    @property
    def seen(self) -> str:
        """Which levels held when the form was opened: a new one ends the one of its logger."""
        return written({str(row.pk): digest_of(row.logger) for row in _active()})

    def clean_logger(self) -> str:
        """Refuse a logger that no process has, and name those that are near."""
        name = str(self.cleaned_data["logger"]).strip()
        known = loggers()
        if name in known:
            return name
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        said = _("No process has a logger %(name)r.") % {"name": name[:100]}
        if near:
            said += " " + _("There is: %s.") % ", ".join(near)
        raise ValidationError(said)

    def clean(self) -> dict[str, Any]:
        """Say when it ends."""
        cleaned = super().clean() or self.cleaned_data
        if would_hide(str(cleaned.get("logger", "")), str(cleaned.get("level", ""))):
            said = _("The log of security cannot be made quiet: DEBUG and INFO can be set.")
            self.add_error("level", said)
        if minutes := LENGTHS.get(cleaned.get("lasts", "")):
            self.instance.until = timezone.now() + timedelta(minutes=minutes)
        self._refuse_overtaken(str(cleaned.get("logger", "")))
        return cleaned

    def _refuse_overtaken(self, name: str) -> None:
        """Refuse to end a level that somebody has set since the form was opened."""
        seen = read_seen(str(self.data.get(SEEN, "")))
        row = _active().filter(logger=name).first() if seen else None
        if row is not None and str(row.pk) not in seen:
            said = _(
                "%(who)s has set %(logger)s to %(level)s until %(until)s since you opened this. "
                "Nothing was saved; save again to put yours in place of it."
            )
            until = words.clock(row.until)
            values = {"who": row.author, "logger": name, "level": row.level, "until": until}
            self.add_error(None, said % values)


def _active() -> QuerySet[LogLevel]:
    return LogLevel._default_manager.filter(until__gt=timezone.now())


class StateFilter(admin.SimpleListFilter):
    """Those that hold, or those that are over."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        """The two."""
        return (("active", _("active")), ("ended", _("ended")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows in the chosen state."""
        now = timezone.now()
        match self.value():
            case "active":
                return queryset.filter(until__gt=now)
            case "ended":
                return queryset.filter(until__lte=now)
        return queryset


class LogLevelAdmin(WatchedList, ModelAdmin[LogLevel]):
    """Levels that somebody has set. A row stays as it was set; it can be ended."""

    form = LogLevelForm
    list_display = ("logger", "level", "state", "author", "comment")
    list_filter = (StateFilter, "level")
    search_fields = ("logger", "author", "comment")
    actions = ["end_now"]
    watched_fields = ("until",)
    watching_actions = ("end_now",)
    change_form_template = "admin/zerostate_monitoring/loglevel/change_form.html"

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Ending one, then the usual pages."""
        view = self.admin_site.admin_view(require_POST(self._end))
        name = "zerostate_monitoring_loglevel_end"
        return [path("<int:pk>/end/", view, name=name), *super().get_urls()]

    def _end(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        rows = LogLevel._default_manager.filter(pk=pk)
        self.end_now(request, self.as_shown(request, rows))
        name = f"{self.admin_site.name}:zerostate_monitoring_loglevel_changelist"
        return HttpResponseRedirect(reverse(name))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One row, and a button that ends it."""
        row = self.get_object(request, object_id)
        can_end = row is not None and row.is_active and self.has_change_permission(request)
        seen = self.shown([row]) if can_end else ""
        context = {"can_end": can_end, "seen": seen, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_fieldsets(self, request: HttpRequest, obj: LogLevel | None = None) -> Any:
        """What is asked of a new one; all of an old one."""
        if obj is None:
            told = _(
                "All processes follow within seconds, and go back by themselves at the end. "
                "A level below that of a logger's own is needed to see more: DEBUG says most."
            )
            fields = ("logger", "level", "lasts", "comment")
            return [(None, {"fields": fields, "description": told})]
        return [(None, {"fields": _EVERY})]

    def get_readonly_fields(self, request: HttpRequest, obj: LogLevel | None = None) -> Any:
        """All of a row that is there: it is the record of who set what."""
        return () if obj is None else _EVERY

    def has_change_permission(self, request: HttpRequest, obj: LogLevel | None = None) -> bool:
        """A row stays as it was set; to end some is a change of the list."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: LogLevel | None = None) -> bool:
        """Nobody: it is a record."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: LogLevel,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save a new one, end the one that its logger had, and tell all processes."""
        now = timezone.now()
        _active().filter(logger=obj.logger).update(until=now)
        # Admin lets nobody in who has not logged in, so this is a row of the user model.
        obj.created_by_id, obj.author = request.user.pk, request.user.get_username()
        super().save_model(request, obj, form, change)
        self._tell(request, obj, "set")
        self._announce(request)

    @admin.action(description=gettext_lazy("End now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[LogLevel]) -> None:
        """Let what stood before come back, in all processes."""
        now = timezone.now()
        rows = list(queryset.filter(until__gt=now))
        _active().filter(pk__in=[row.pk for row in rows]).update(until=now)
        for row in rows:
            self.log_change(request, row, _("Ended."))
            self._tell(request, row, "ended")
        said = ngettext("%d level ended.", "%d levels ended.", len(rows)) % len(rows)
        self.message_user(request, said, messages.SUCCESS if rows else messages.WARNING)
        if rows:
            self._announce(request)

    def stands_now(self, row: LogLevel) -> str:
        """Ended, or until when it holds."""
        return _("set until %s") % words.clock(row.until) if row.is_active else _("ended")

    def _announce(self, request: HttpRequest) -> None:
        try:
            announce(current_store(), timezone.now())
        except StoreError as error:
            said = _(
                "The store does not answer (%s). Processes follow within a minute of its return; "
                "until then nothing changes, but what is over ends."
            )
            self.message_user(request, said % type(error).__name__, messages.WARNING)

    def _tell(self, request: HttpRequest, row: LogLevel, change: str) -> None:
        keys = {"of": row.logger, "to": row.level, "until": row.until, "change": change}
        tell(SecurityEvent.LOG_LEVEL_CHANGED, author=request.user.get_username(), **keys)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: LogLevel) -> str:
        """Active, and for how long; or ended."""
        left = (row.until - timezone.now()).total_seconds()
        if left <= 0:
            return display.badge("none", _("ended"))
        return display.badge("warn", _("%s left") % display.age(left))
