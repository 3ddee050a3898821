"""What the lists have in common: live data per request, enabling in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.forbidding import clearly
from zerostate_monitoring.admin.live import NOTHING, Live, live_for
from zerostate_monitoring.admin.moments import show_moments
from zerostate_monitoring.admin.seen_lists import WatchedList
from zerostate_monitoring.admin.widgets import NamedDateTime, NativeTime
from zerostate_monitoring.admin.zones import SCRIPT, in_viewers_zone
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.switch import SWITCHED_OFF

M = TypeVar("M", bound=Model)

_PREFILL: Final = ("urlify.", "prepopulate.", "xregexp.")
"""Django's scripts for slugs, which nothing here has: 140 kB."""

OF_FORMS: Final = ("jquery.", "RelatedObjectLookups.")
"""What only widgets of forms need, in lists another 97 kB."""
OF_LISTS: Final = ("actions.",)
LISTS: Final = forms.Media(css={"all": ["zerostate_monitoring/lists.css"]})
"""How lists look, on a phone, too."""
OF_WIDGETS: Final = ("core.",)
"""What Django's widgets of dates and of many choices call, and nothing else."""
_WIDGETS: Final = ("calendar.", "DateTimeShortcuts.", "SelectFilter2.")
OF_BOTH: Final = (*OF_FORMS, *OF_LISTS, "core.")
"""What no page of its own needs."""


def without(media: forms.Media, beginnings: tuple[str, ...]) -> forms.Media:
    """``media`` without scripts whose names begin so."""
    # Django has no other way to name them.
    found: Any = media
    scripts, styles = found._js, found._css  # noqa: SLF001
    kept = [one for one in scripts if not str(one).rpartition("/")[2].startswith(beginnings)]
    return forms.Media(css=styles, js=kept)


def unneeded(media: forms.Media) -> tuple[str, ...]:
    """What a form loads for widgets that it does not have."""
    return OF_WIDGETS if len(without(media, _WIDGETS)._js) == len(media._js) else ()  # type: ignore[attr-defined]  # noqa: SLF001


# Generic for the type checker only: Django's classes take no parameter.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    ModelForm = forms.ModelForm
else:

    class ModelForm(forms.ModelForm, Generic[M]):
        """Django's class, with a parameter."""

    class ModelAdmin(admin.ModelAdmin, Generic[M]):
        """Django's class, with a parameter, and a clear answer for who may not."""

        empty_value_display = display.EMPTY
        """What is not there has one sign, whoever writes it."""

        @property
        def urls(self) -> Any:
            """Each page, in its reader's zone; refused, it says what is lacking."""
            return in_viewers_zone(clearly(self, self.get_urls()))

        formfield_overrides = {
            models.DateTimeField: {"widget": NamedDateTime},
            models.TimeField: {"widget": NativeTime},
        }

        def render_change_form(
            self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
        ) -> Any:
            """Times in the form in which all pages show them; without the scripts of lists."""
            show_moments(context["adminform"], self.model)
            media = context["media"]
            context["media"] = without(media, (*OF_LISTS, *unneeded(media)))
            return super().render_change_form(request, context, *args, **kwargs)

        def changelist_view(
            self, request: HttpRequest, extra_context: dict[str, Any] | None = None
        ) -> Any:
            """Without the scripts of forms, with the look of lists."""
            response = super().changelist_view(request, extra_context)
            context = getattr(response, "context_data", None) or {}
            if "media" in context:
                context["media"] = without(context["media"], OF_FORMS) + LISTS
            return response

        @property
        def media(self) -> forms.Media:
            """Without what only fields need that are filled in from others: half of a page."""
            return without(super().media, _PREFILL) + forms.Media(js=[SCRIPT])


class LiveChangeList(ChangeList):
    """A list that fetches what the store knows of the rows on this page, all at once."""

    model_admin: LiveAdmin[Any]

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page's rows, then what belongs to them."""
        super().get_results(request)
        self.model_admin.prepare(list(self.result_list))


class LiveAdmin(WatchedList, ModelAdmin[M]):
    """A ModelAdmin whose pages show live data, and whose rows can be enabled in bulk.

    Django gives columns and read-only fields a row and nothing else, and shares one
    ModelAdmin among all threads. So a copy of it answers each request, with what the
    store shows in that request.
    """

    actions = ["enable", "disable"]
    list_per_page = 50
    list_max_show_all = 1_000
    show_full_result_count = False
    answered_request: HttpRequest | None = None

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/admin.css"]}

    @property
    def live(self) -> Live:
        """What the store shows in the request that this copy answers."""
        return NOTHING if self.answered_request is None else live_for(self.answered_request)

    def prepare(self, rows: Sequence[M]) -> None:
        """Fetch what the pages show of ``rows`` beside frames; for the subclass to say."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with live data."""
        return LiveChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The list; says so where the store does not answer."""
        if self.answered_request is not request:
            return self._answering(request).changelist_view(request, extra_context)
        # Templates call what can be called, so an action does not look into the store.
        context = {"live": partial(live_for, request), **(extra_context or {})}
        response: TemplateResponse = super().changelist_view(request, context)
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page of one row; says so where the store does not answer."""
        if self.answered_request is not request:
            answering = self._answering(request)
            return answering.changeform_view(request, object_id, form_url, extra_context)
        context = {"live": partial(live_for, request), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def _answering(self, request: HttpRequest) -> Self:
        answering = copy(self)
        answering.answered_request = request
        return answering

    def is_switched_off(self, request: HttpRequest) -> bool:
        """Whether the app is switched off; if so, the operator is told."""
        if not conf.ENABLED:
            self.message_user(request, capfirst(_(SWITCHED_OFF)) + ".", messages.ERROR)
        return not conf.ENABLED

    @admin.action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        """Enable the chosen rows."""
        self._switch(request, queryset, enabled=True)

    @admin.action(description=gettext_lazy("Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        """Disable the chosen rows."""
        self._switch(request, queryset, enabled=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[M], *, enabled: bool) -> None:
        wanted = list(queryset.filter(enabled=not enabled))
        changed = [row for row in wanted if enabled or not self.always_on(row)]
        keys = [row.pk for row in changed]
        self.model._default_manager.filter(pk__in=keys, enabled=not enabled).update(enabled=enabled)
        word = _("enabled") if enabled else _("disabled")
        if changed:
            self.switched(changed, enabled=enabled)
            self.log_changes(request, changed, f"{word.capitalize()}.")
        message = ngettext("%(n)d row %(word)s.", "%(n)d rows %(word)s.", len(changed))
        self.message_user(request, message % {"n": len(changed), "word": word}, messages.SUCCESS)
        self._tell_left_alone(request, [row for row in wanted if row not in changed])

    def _tell_left_alone(self, request: HttpRequest, rows: Sequence[M]) -> None:
        for reason in sorted({self.always_on(row) for row in rows}):
            names = [str(row) for row in rows if self.always_on(row) == reason]
            message = _("Left enabled: %(names)s. %(reason)s")
            values = {"names": display.some(names), "reason": reason}
            self.message_user(request, message % values, messages.WARNING)

    def always_on(self, row: M) -> str:
        """Why ``row`` cannot be disabled; empty if it can."""
        return ""

    def switched(self, rows: list[M], *, enabled: bool) -> None:
        """What else follows when rows were enabled or disabled; for the subclass to say."""

    def log_changes(self, request: HttpRequest, rows: Sequence[M], message: str) -> None:
        """Write into Django's log of the admin who changed what."""
        for row in rows:
            self.log_change(request, row, message)
