"""What templates work on: Go's values, as far as alerts have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Value = Any
"""``None`` for nil, bool, int, float, str, or one of the classes of this room."""


class Refusal(Exception):  # noqa: N818 -- it never leaves this room; a TemplateError does.
    """A function does not do what it is asked; the message says why, in half a sentence."""


class Html(str):
    """A string that is said to be safe in HTML."""

    __slots__ = ()


class Strings(dict[str, str]):
    """A map of strings; a missing key has the empty string."""


class Anything(dict[str, Value]):
    """A map of any values; a missing key has nil."""


class Vector(tuple["Sample", ...]):
    """What a query gives."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of a query's answer."""

    labels: Strings
    value: float


@dataclass(frozen=True, slots=True)
class Data:
    """The dot of a template of an alert."""

    labels: Strings
    external_labels: Strings
    external_url: str
    value: float


class Named(int):
    """A number with a name: a month, or a day of the week."""

    type_name: str
    name: str

    def __new__(cls, number: int, name: str, type_name: str) -> Self:
        made = super().__new__(cls, number)
        made.name, made.type_name = name, type_name
        return made


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point in time: nanoseconds since 1970, UTC."""

    ns: int


@dataclass(frozen=True, slots=True, order=True)
class Length:
    """A length of time in nanoseconds."""

    ns: int


Query = Callable[[str], Iterable[tuple[Mapping[str, str], float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a template is filled in from.

    ``labels`` are those of the query, before the rule's own; ``now`` is the time of the
    evaluation in seconds since 1970; ``query`` answers ``{{ query "…" }}`` with labels and
    values, and may raise ``QueryError``. Without it such a template cannot be filled in.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    value: float = 0.0
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    now: float = 0.0
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Callee:
    """A function: what it takes and what it does.

    ``parameters`` are types' words as in ``fits``; the last may stand any number of times
    where it ``repeats``.
    """

    call: Callable[..., Value]
    parameters: tuple[str, ...] = ("any",)
    repeats: bool = False


_TYPES: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float64",
    str: "string",
    Html: "template.HTML",
    Strings: "map[string]string",
    Anything: "map[string]interface {}",
    Vector: "template.queryResult",
    Sample: "*template.sample",
    Moment: "*time.Time",
    Length: "*time.Duration",
    Data: "struct { Labels map[string]string; ExternalLabels map[string]string; "
    "ExternalURL string; Value interface {} }",
}


def type_name(value: Value) -> str:
    """The type of a value in Go's words."""
    if isinstance(value, Named):
        return value.type_name
    return "nil" if value is None else _TYPES[type(value)]


def fits(value: Value, wanted: str) -> bool:
    """Whether a function that takes ``wanted`` takes this value."""
    if wanted == "any":
        return True
    if value is None:
        return wanted in {"sample", "vector"}
    kinds: dict[str, type] = {
        "string": str,
        "int": int,
        "sample": Sample,
        "vector": Vector,
        "moment": Moment,
        "length": Length,
    }
    return type(value) is kinds[wanted]


def is_true(value: Value) -> bool:
    """Whether a condition takes it for true: it is neither zero nor empty."""
    if isinstance(value, Sample | Moment | Length | Data):
        return True
    return bool(value)


def ordered(value: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """The entries of a map in the order in which Go goes through them."""
    return sorted(value.items(), key=lambda item: item[0].encode())
