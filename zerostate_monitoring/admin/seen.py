"""Two who edit one row: the second is told what the first has saved, and loses nothing.

A form carries what it showed when it was opened: the time, and a digest of each field. If the row
says something else when it comes back, nothing is saved; the page shows who changed what since,
both texts, and all that was typed. Sent again, it has seen that, and is saved. What stands in
lines below the form, and secrets that no form shows, are watched likewise.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

SEEN: Final = "_seen"
"""Name of the hidden field."""

_MOST_CHARACTERS: Final = 20_000
_MOST_ENTRIES: Final = 10
_SLACK_S: Final = 1.0
"""The log is written after the row is."""

if TYPE_CHECKING:
    Base = forms.ModelForm[Any]
    ModelForm = forms.ModelForm[Any]
else:
    Base, ModelForm = object, forms.ModelForm


@dataclass(frozen=True, slots=True)
class Other:
    """A field that somebody else has changed: what stands there now, and what was typed here."""

    label: str
    theirs: str
    yours: str

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.theirs == self.yours


@dataclass(frozen=True, slots=True)
class Change:
    """What the log says of a change of the row."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What has happened to the row since the form was opened."""

    fields: tuple[Other, ...]
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        names = ", ".join(dict.fromkeys(change.who for change in self.changes))
        fields = ", ".join(other.label for other in self.fields)
        values = {"who": names or _("Somebody else"), "fields": fields}
        return (
            _(
                "%(who)s has changed this since you opened it: %(fields)s. See above; save again "
                "to put yours in place of theirs."
            )
            % values
        )


class SeenForm(Base):
    """For the form of a row that several may edit."""

    conflict: Conflict | None = None
    _now: Mapping[str, str] | None = None

    @property
    def seen(self) -> str:
        """What the hidden field holds: what stands in the database now."""
        if self._now is None and self.instance.pk:
            row = self._stored(lock=False) if self.is_bound else self.row_as_stored()
            self._now = {} if row is None else _digests(self._fresh(row))
        return written(self._now or {})

    def row_as_stored(self) -> Model:
        """The row as the database holds it, of a form that is opened; for the form to say."""
        row: Model = self.instance
        return row

    def beside_fields(self) -> Mapping[str, str]:
        """What belongs to the row and stands in no field, by its title; for the form to say."""
        return {}

    def typed_beside(self) -> Mapping[str, str]:
        """The same as it was sent."""
        return {}

    def unshown(self) -> Mapping[str, str]:
        """Secrets by the names of their fields, which show none of them; for the form to say."""
        return {}

    @property
    def seen_name(self) -> str:
        """What the hidden field is called."""
        return SEEN

    def look_for_others(self, *, lock: bool) -> None:
        """Find out whether the row has changed since; ``lock`` it until the transaction ends."""
        seen = read_seen(str(self.data.get(SEEN, "")))
        if not self.instance.pk or not seen:
            return
        row = self._stored(lock=lock)
        if row is None:
            return
        fresh = self._fresh(row)
        self._now = digests = _digests(fresh)
        names = [name for name, was in seen.items() if digests.get(name, was) != was]
        if names:
            changes = _changes(row, opened_at(seen))
            self.conflict = Conflict(tuple(self._other(fresh, name) for name in names), changes)

    def refuse_overtaken(self) -> None:
        """Refuse to write over what somebody else has saved; the last thing to be asked."""
        self.look_for_others(lock=not self.errors)
        if self.conflict is not None:
            self.add_error(None, str(self.conflict))

    def lock_row(self) -> None:
        """Lock what must be locked before the row; for the form to say."""

    def _stored(self, *, lock: bool) -> Model | None:
        rows = type(self.instance)._default_manager.filter(pk=self.instance.pk)
        if lock and transaction.get_connection().in_atomic_block:
            self.lock_row()
            rows = rows.select_for_update(no_key=True, of=("self",))
        row: Model | None = rows.first()
        return row

    def _fresh(self, row: Model) -> forms.ModelForm[Any]:
        """This form as it would be opened now."""
        return type(self)(instance=row)

    def _other(self, fresh: Any, name: str) -> Other:
        if name not in fresh.fields:
            return Other(
                name, fresh.beside_fields().get(name, ""), self.typed_beside().get(name, "")
            )
        if name in {*fresh.unshown(), *self.unshown()}:
            return Other(str(fresh.fields[name].label or name), _("not shown"), _("not shown"))
        label = str(fresh.fields[name].label or name)
        return Other(label, _shown(fresh[name]), _shown(self[name]))


class WatchedForm(SeenForm):
    """The same, for a form that asks nothing else after its fields."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.refuse_overtaken()


class WatchedModelForm(WatchedForm, ModelForm):
    """The form of a row of which nothing else is to be said."""


def written(digests: Mapping[str, str]) -> str:
    """What a hidden field holds that is shown now."""
    return json.dumps({"at": time.time(), **digests}, separators=(",", ":"))


def read_seen(text: str, most_characters: int = _MOST_CHARACTERS) -> Mapping[str, Any]:
    """What the hidden field says; nothing where it is none."""
    if len(text) > most_characters:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict) or not isinstance(found.get("at", 0), int | float):
        return {}
    return found


def opened_at(seen: Mapping[str, Any]) -> datetime:
    """From when on the log tells of what the page did not show."""
    since = float(seen.get("at", 0))
    return datetime.fromtimestamp(min(max(since - _SLACK_S, 0), 4e9), UTC)


def _digests(form: Any) -> dict[str, str]:
    shown = {name: digest_of(form[name].value()) for name in form.fields}
    beside = {name: digest_of(text) for name, text in form.beside_fields().items()}
    return {**shown, **beside, **{name: digest_of(text) for name, text in form.unshown().items()}}


def digest_of(value: Any) -> str:
    """With the project's key, so that nobody finds out a secret by trying."""
    return salted_hmac(__name__, repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _shown(field: BoundField) -> str:
    """A value as it is read: the words of a choice, not its key."""
    value = field.value()
    if isinstance(field.field.widget, forms.PasswordInput):
        return _("not shown")
    choices = getattr(field.field, "choices", None)
    if choices is not None and not isinstance(value, list | tuple):
        words = {str(key): str(word) for key, word in choices if not isinstance(word, list | tuple)}
        return words.get(str(value if value is not None else ""), str(value))
    if isinstance(value, bool) or isinstance(field.field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value if part not in (None, ""))
    return "" if value is None else str(value)


def _changes(row: Model, since: datetime) -> tuple[Change, ...]:
    """What the log says of the row since then, oldest first."""
    kind = ContentType.objects.get_for_model(row)
    rows = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk), action_flag=CHANGE)
    found = rows.filter(action_time__gte=since).select_related("user").order_by("action_time")
    return tuple(
        Change(one.action_time, str(one.user), one.get_change_message())
        for one in found[:_MOST_ENTRIES]
    )
