"""Two who have one list open: the second is told what the first has changed, and undoes nothing.

A list carries what it showed of each row, as a form does (``seen``). A row that says something
else when an action comes back stays as it is, and it is said who changed it; the others go on.
So does one that has left the list meanwhile, or is no more. Of rows on other pages nothing was
shown: what others have done to those since the list was opened stands in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.seen import SEEN, digest_of, opened_at, read_seen, written

M = TypeVar("M", bound=Model)

_MOST_CHARACTERS: Final = 100_000
"""Of a list that shows all: a thousand rows with their digests are a quarter of it."""
_MOST_ENTRIES: Final = 10_000

if TYPE_CHECKING:
    from zerostate_monitoring.admin.base import ModelAdmin

    Base = ModelAdmin[Any]
else:
    Base = object


class WatchedList(Base):
    """For a ModelAdmin whose actions write over what rows say."""

    watched_fields: ClassVar[tuple[str, ...]] = ("enabled",)
    """What its actions write over."""
    watching_actions: ClassVar[tuple[str, ...]] = ("enable", "disable")

    def stands_now(self, row: Any) -> str:
        """In a word or two, what a row says now in a watched field."""
        return _("enabled") if row.enabled else _("disabled")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list; its form says what it showed."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        form, listed = context.get("action_form"), context.get("cl")
        if form is not None and listed is not None:
            held = self.shown(listed.result_list)
            form.fields[SEEN] = forms.CharField(label="", initial=held, widget=forms.HiddenInput)
        return response

    def shown(self, rows: Iterable[Any]) -> str:
        """What the hidden field holds of rows that are shown."""
        return written({str(row.pk): self._digest_of(row) for row in rows})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those that write over something do it to rows that stand as they were shown."""
        actions: dict[str, Any] = super().get_actions(request)
        return {
            name: (_watching(action[0]), *action[1:]) if name in self.watching_actions else action
            for name, action in actions.items()
        }

    def as_shown(self, request: HttpRequest, queryset: QuerySet[M]) -> QuerySet[M]:
        """Those of the chosen that stand as the list showed them; of the others it is told."""
        seen = read_seen(request.POST.get(SEEN, ""), _MOST_CHARACTERS)
        if not seen:
            return queryset
        log = _Log(self.model, opened_at(seen))
        found = {str(row.pk): row for row in queryset}
        held = {
            key: row
            for key, row in found.items()
            if (
                self._digest_of(row) != seen[key]
                if key in seen
                else log.has_of_others(key, request)
            )
        }
        told = [self._as_it_stands(row, log) for row in held.values()]
        if request.POST.get("select_across", "0") != "1":
            told += self._gone(request, found, seen, log)
        if told:
            self._tell_of_changed(request, told)
        return queryset.exclude(pk__in=[row.pk for row in held.values()]) if held else queryset

    def _digest_of(self, row: Any) -> str:
        return digest_of([getattr(row, name) for name in self.watched_fields])

    def _as_it_stands(self, row: Any, log: _Log) -> str:
        """One row as it stands now, and who did that."""
        return _("%(row)s is %(now)s now (%(who)s)") % {
            "row": row, "now": self.stands_now(row), "who": log.who(str(row.pk)),
        }  # fmt: skip

    def _gone(
        self, request: HttpRequest, found: Mapping[str, Any], seen: Mapping[str, Any], log: _Log
    ) -> Iterator[str]:
        """What was chosen and has left the list since: its filter looks for what it is not now."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        keys = [key for key in chosen if key in seen and key not in found]
        rows = {str(row.pk): row for row in self.get_queryset(request).filter(pk__in=keys)}
        for key in keys:
            if key in rows and self._digest_of(rows[key]) == seen[key]:
                yield _("%s is no longer in this list") % rows[key]
            elif key in rows:
                yield self._as_it_stands(rows[key], log)
            else:
                yield _("%(row)s was deleted (%(who)s)") % {
                    "row": log.name_of(key), "who": log.who(key, DELETION)
                }  # fmt: skip

    def _tell_of_changed(self, request: HttpRequest, told: list[str]) -> None:
        said = ngettext(
            "Changed since you opened the list, and left as it stands: %(rows)s. Nothing else that "
            "you chose was held up by this. Look at the list, and choose it again if you mean it.",
            "Changed since you opened the list, and left as they stand: %(rows)s. Nothing else "
            "that you chose was held up by this. Look at the list, and choose them again if you "
            "mean it.",
            len(told),
        )
        rows = display.some(told, 20, separator="; ")
        self.message_user(request, said % {"rows": rows}, messages.WARNING)


class _Log:
    """What the log of the admin says of rows of a model, since a list was opened."""

    def __init__(self, model: type[Model], since: Any) -> None:
        kind = ContentType.objects.get_for_model(model)
        rows = LogEntry.objects.filter(content_type=kind, action_time__gte=since)
        wanted = rows.filter(action_flag__in=(CHANGE, DELETION)).select_related("user")
        found: dict[str, list[LogEntry]] = {}
        for one in wanted.order_by("-action_time", "-pk")[:_MOST_ENTRIES]:
            found.setdefault(str(one.object_id), []).append(one)
        self._entries: Mapping[str, list[LogEntry]] = found

    def has_of_others(self, key: str, request: HttpRequest) -> bool:
        """Whether somebody else has changed a row."""
        return any(one.user_id != request.user.pk for one in self._entries.get(key, ()))

    def name_of(self, key: str) -> str:
        """What a row was called that is no more."""
        entries = self._entries.get(key)
        return str(entries[0].object_repr) if entries else key

    def who(self, key: str, flag: int = CHANGE) -> str:
        """Who did it, when, and what they said of it; as far as it is known."""
        last = next((one for one in self._entries.get(key, ()) if one.action_flag == flag), None)
        if last is None:
            return _("by somebody else")
        at, what = words.clock(last.action_time), last.get_change_message().rstrip(".")
        who = _("by %(who)s at %(at)s") % {"who": last.user.get_username(), "at": at}
        return f"{who}: {Truncator(what).chars(200)}" if what and flag == CHANGE else who


def _watching(action: Callable[..., Any]) -> Callable[..., Any]:
    """An action, of those of the chosen that stand as they were shown."""

    @wraps(action)
    def watching(admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return action(admin, request, admin.as_shown(request, queryset))

    return watching
