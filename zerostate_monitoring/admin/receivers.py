"""Receivers in the admin: where messages go, how they fare, and a message to try one out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from zerostate_monitoring.admin import display, receiver_state
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.delivery.standing import dead_by_receiver, with_last_answer
from zerostate_monitoring.admin.receiver_form import CLEAR, PREFIX, form_of
from zerostate_monitoring.admin.routing.guarding import GuardedReceivers
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver, RouteStep
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.notifiers import KINDS
from zerostate_monitoring.notifiers.destinations import secrets_set
from zerostate_monitoring.notifiers.trial import try_out

MOST_TRIALS: Final = 5
"""How many receivers one action sends to while the operator waits."""

_TEST: Final = "zerostate_monitoring.test_receiver"
_SEE_MESSAGES: Final = "zerostate_monitoring.view_message"
_STATE: Final = ("condition", "last_success", "last_error", "used_by")


class KindFilter(admin.SimpleListFilter):
    """Receivers of one kind, by its title."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All kinds that there are."""
        return [(kind, notifier.title) for kind, notifier in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ReceiverAdmin(GuardedReceivers, LiveAdmin[Receiver]):
    """Receivers: what they need by kind, whether they take messages, who uses them."""

    list_display = ("name", "condition", "place", "last_success", "used_by")
    list_filter = ("enabled", KindFilter)
    search_fields = ("name",)
    actions = ["send_test", "enable", "disable"]
    readonly_fields = ("kind_title", "goes_to", "secret_names", *_STATE)
    dead: Mapping[int, int] = MappingProxyType({})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receiver]:
        """With state, last answer and routes, which the list shows of each."""
        rows = super().get_queryset(request).select_related("state")
        return with_last_answer(rows).prefetch_related("steps__route")

    def prepare(self, rows: Sequence[Receiver]) -> None:
        """Count the dead letters of these receivers."""
        self.dead = dead_by_receiver([row.pk for row in rows])

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: Receiver | None = None,
    ) -> HttpResponse:
        """One receiver with its dead letters counted, as in the list."""
        self.prepare([] if obj is None else [obj])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A filter on secrets would answer guesses about them."""
        return lookup.split("__", maxsplit=1)[0] != "secret" and super().lookup_allowed(
            lookup, value, request
        )

    # -- the form ------------------------------------------------------------

    def get_form(
        self,
        request: HttpRequest,
        obj: Receiver | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """The form of the receiver's kind, or of the one that was chosen."""
        kind = obj.kind if obj is not None else request.GET.get("kind", "")
        if kind in KINDS:
            kwargs["form"] = form_of(kind)
            kwargs["fields"] = ("name", "enabled", "send_resolved")
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Receiver | None = None) -> Any:
        """What is common, what the kind needs, and how it fares."""
        common = ("name", "kind_title", "enabled", "send_resolved")
        found: list[Any] = [(None, {"fields": common if obj is not None else _without(common)})]
        kind = obj.kind if obj is not None else request.GET.get("kind", "")
        may_enter = (
            self.has_add_permission(request)
            if obj is None
            else self.has_change_permission(request, obj)
        )
        if may_enter and kind in KINDS:
            found.append((KINDS[kind].title, {"fields": _entered(kind, obj)}))
        else:
            found.append((_("Configuration"), {"fields": ("goes_to", "secret_names")}))
        if obj is not None:
            found.append((_("How it fares"), {"fields": _STATE}))
        return found

    @method_decorator(sensitive_post_parameters())
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page of one receiver; a new one first chooses its kind."""
        if object_id is None and request.GET.get("kind", "") not in KINDS:
            return self._choose_kind(request)
        context = {"live": None, "may_test": request.user.has_perm(_TEST), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The list; nothing on it comes from the store."""
        return super().changelist_view(request, {"live": None, **(extra_context or {})})

    def _choose_kind(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add receiver: of which kind?"),
            "opts": self.model._meta,
            "kinds": KINDS.values(),
        }
        request.current_app = self.admin_site.name
        template = "admin/zerostate_monitoring/receiver/choose_kind.html"
        return TemplateResponse(request, template, context)

    # -- a test --------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The page that sends a test message, then the usual ones."""
        view = self.admin_site.admin_view(self.test_view)
        name = "zerostate_monitoring_receiver_test"
        return [path("<path:object_id>/test/", view, name=name), *super().get_urls()]

    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send one test message while the operator waits; by POST only."""
        receiver = self.get_object(request, object_id)
        may_look = receiver is not None and self.has_view_permission(request, receiver)
        if receiver is None or not may_look or not self.has_test_permission(request):
            raise PermissionDenied
        if request.method == "POST" and not self.is_switched_off(request):
            self._try_out(request, receiver)
        site = f"{self.admin_site.name}:zerostate_monitoring"
        if request.POST.get("back") == "delivery":
            return HttpResponseRedirect(reverse(f"{site}_delivery"))
        return HttpResponseRedirect(reverse(f"{site}_receiver_change", args=(receiver.pk,)))

    def has_test_permission(self, request: HttpRequest) -> bool:
        """Whether this user may have test messages sent."""
        return bool(request.user.has_perm(_TEST))

    @admin.action(description=gettext_lazy("Send a test message"), permissions=["test"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Receiver]) -> None:
        """Send a test message to the chosen receivers, one after another."""
        if self.is_switched_off(request):
            return
        receivers = list(queryset[: MOST_TRIALS + 1])
        for receiver in receivers[:MOST_TRIALS]:
            self._try_out(request, receiver)
        if len(receivers) > MOST_TRIALS:
            message = _("Only the first %d were tried.") % MOST_TRIALS
            self.message_user(request, message, messages.WARNING)

    def _try_out(self, request: HttpRequest, receiver: Receiver) -> None:
        trial = try_out(receiver, timezone.now())
        level = messages.ERROR if trial.error else messages.SUCCESS
        text = receiver_state.told(receiver, trial)
        self.message_user(request, text, level)
        self.log_changes(request, [receiver], text)

    # -- deleting ------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with them; those that routes need stay, and the routes are named.

        Messages stay and keep the receiver's name, so nobody needs leave to delete them.
        """
        receivers = list(objs)
        steps = RouteStep.objects.filter(receiver__in=receivers).select_related("route")
        protected = receiver_state.places_of(list(steps))
        counts = {self.model._meta.verbose_name_plural: len(receivers)}
        lines = list(receiver_state.lost_with(receivers))
        return lines, counts, set(), [_("Route %s") % one for one in protected]

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_title(self, row: Receiver) -> str:
        """The kind as people call it."""
        return str(KINDS[row.kind].title) if row.kind in KINDS else row.kind

    @admin.display(description=gettext_lazy("goes to"), ordering="kind")
    def place(self, row: Receiver) -> str:
        """Its kind, and below it where that leads."""
        where = receiver_state.destination_text(row)[:200]
        return format_html('{}<div class="zsm-why">{}</div>', self.kind_title(row), where)

    @admin.display(description=gettext_lazy("goes to"))
    def goes_to(self, row: Receiver) -> str:
        """Recipients, channel or address; of a secret one the host."""
        return receiver_state.destination_text(row)[:200] or display.EMPTY

    @admin.display(description=gettext_lazy("secrets"))
    def secret_names(self, row: Receiver) -> str:
        """Names of the secrets that it has."""
        try:
            return ", ".join(secrets_set(row)) or display.EMPTY
        except ConfigurationError as error:
            return in_words(str(error))

    @admin.display(description=gettext_lazy("state"))
    def condition(self, row: Receiver) -> str:
        """Ok, failing, refusing, disabled, not used or not usable; why, and its dead letters."""
        n, request = self.dead.get(row.pk, 0), self.answered_request
        address = ""
        if request is not None and request.user.has_perm(_SEE_MESSAGES):
            rows = reverse(f"{self.admin_site.name}:zerostate_monitoring_message_changelist")
            query = {"state__exact": "dead", "receiver__id__exact": row.pk}
            address = f"{rows}?{urlencode(query)}"
        return receiver_state.condition(row, timezone.now(), n, address)

    @admin.display(description=gettext_lazy("last success"))
    def last_success(self, row: Receiver) -> str:
        """How long ago it took a message."""
        known = receiver_state.known_state(row)
        if known is None or known.last_success_at is None:
            return display.EMPTY
        seconds = int((timezone.now() - known.last_success_at).total_seconds())
        return _("%s ago") % display.age(max(seconds, 0))

    @admin.display(description=gettext_lazy("last error"))
    def last_error(self, row: Receiver) -> str:
        """Why it failed last, whole; one that took a message since has no such error."""
        known = receiver_state.known_state(row)
        if known is None or not known.last_error or not receiver_state.is_in_error(row):
            return display.EMPTY
        return format_html('<pre class="zsm-error">{}</pre>', in_words(known.last_error))

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, row: Receiver) -> str:
        """The routes that lead to it."""
        return receiver_state.used_by(row)


def _without(fields: Sequence[str]) -> tuple[str, ...]:
    """The fields of a receiver that is not saved yet."""
    return tuple(name for name in fields if name != "kind_title")


def _entered(kind: str, receiver: Receiver | None) -> list[str]:
    """The form's fields of a kind; a secret that is set has a box that clears it."""
    held: Sequence[str] = ()
    if receiver is not None:
        try:
            held = secrets_set(receiver)
        except ConfigurationError:
            held = ()
    found: list[str] = []
    for field in KINDS[kind].fields:
        found.append(PREFIX + field.name)
        if field.name in held:
            found.append(CLEAR + field.name)
    return found
