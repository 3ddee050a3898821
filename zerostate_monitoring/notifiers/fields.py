"""The fields of a receiver's configuration: what they are called and may hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Protocol

from django.utils.functional import Promise

from zerostate_monitoring.notifiers.base import Fault, Notifier, Target

Text = str | Promise
Shape = Literal["text", "lines"]

MAX_LENGTH: Final = 4_000
MAX_LINES: Final = 100


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``lines`` is a list of texts, one on each line; all others are one text.

    ``is_address`` says where messages go. A secret that is ``is_sent`` goes there as it is: who
    changes the address must enter it again, else he could have it sent to himself.
    """

    name: str
    label: Text
    help: Text = ""
    shape: Shape = "text"
    is_required: bool = False
    is_secret: bool = False
    is_address: bool = False
    is_sent: bool = False
    default: str = ""


class FieldedNotifier(Notifier, Protocol):
    """A notifier whose configuration can be asked for by a form."""

    fields: ClassVar[Sequence[Field]]
    blurb: ClassVar[Text]
    """What it is for, in a line."""
    max_alerts: ClassVar[int]
    """How many alerts one message names."""
    tells_each: ClassVar[bool]
    """Whether those beyond go into further messages: else they are counted, for people."""
    tells_past: ClassVar[bool]
    """Whether its messages show the values that led here; ``AlertView.samples`` is empty if not."""


class FieldsMixin:
    """What notifiers have in common: fields, from which names of secrets and faults follow."""

    fields: ClassVar[Sequence[Field]]
    max_alerts: ClassVar[int] = 100
    tells_each: ClassVar[bool] = False
    tells_past: ClassVar[bool] = True

    def shape_faults(self, target: Target) -> Iterator[Fault]:
        """What is wrong with names, types and missing values."""
        known = {field.name: field for field in self.fields}
        for name in {**target.config, **target.secrets}:
            if name not in known:
                yield Fault(name, "There is no such field.")
            elif known[name].is_secret and name in target.config:
                yield Fault(name, "This is a secret: it does not stand in the configuration.")
        for field in self.fields:
            yield from _field_faults(field, target)


def value_of(field: Field, target: Target) -> Any:
    """What a target holds in a field, whichever side it is on."""
    side: Mapping[str, Any] = target.secrets if field.is_secret else target.config
    return side.get(field.name) or ([] if field.shape == "lines" else field.default)


def secret_names(fields: Sequence[Field]) -> frozenset[str]:
    """Names of those that are secret."""
    return frozenset(field.name for field in fields if field.is_secret)


def _field_faults(field: Field, target: Target) -> Iterator[Fault]:
    value = value_of(field, target)
    check: Callable[[Any], str] = _lines_fault if field.shape == "lines" else _text_fault
    if reason := check(value):
        yield Fault(field.name, reason)
    elif field.is_required and not value:
        yield Fault(field.name, "This is required.")


def _text_fault(value: Any) -> str:
    if not isinstance(value, str):
        return "This is no text."
    if len(value) > MAX_LENGTH:
        return f"This is longer than {MAX_LENGTH} characters."
    return "" if value.isprintable() else "This holds line breaks or invisible characters."


def _lines_fault(value: Any) -> str:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return "This is no list."
    if len(value) > MAX_LINES:
        return f"These are more than {MAX_LINES}."
    return next((reason for one in value if (reason := _text_fault(one))), "")
