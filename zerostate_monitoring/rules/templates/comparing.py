"""``eq``, ``lt`` and the like; ``index``, ``slice`` and ``len``.

Source of the rules: ``text/template/funcs.go`` of Go 1.26.
"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.rules.templates.values import (
    Anything,
    Data,
    Refusal,
    Sample,
    Strings,
    Value,
    Vector,
    type_name,
)

_INCOMPARABLE: Final = (Strings, Anything, Vector, Data)
_BASIC: Final = ((bool, "bool"), (int, "int"), (float, "float"), (str, "string"))


def _kind(value: Value) -> str:
    return next((kind for of, kind in _BASIC if isinstance(value, of)), "")


def _refuse(left: Value, right: Value) -> Refusal:
    hint = ""
    if {_kind(left), _kind(right)} == {"int", "float"}:
        hint = "; write the number with a decimal point, as 5.0"
    return Refusal(f"{_article(left)} and {_article(right)} cannot be compared{hint}")


def _article(value: Value) -> str:
    return "nil" if value is None else f"a {type_name(value)}"


def equal(left: Value, *others: Value) -> bool:
    """Whether one of the others equals the first.

    Raises:
        Refusal: there is none, or a value has no equality with another.
    """
    if not others:
        raise Refusal("something to compare with is missing")
    return any(_equal(left, other) for other in others)


def _equal(left: Value, right: Value) -> bool:
    kinds = _kind(left), _kind(right)
    if left is None or right is None:
        return left is right
    if kinds[0] != kinds[1]:
        raise _refuse(left, right)
    if not kinds[0] and (type(left) is not type(right) or isinstance(left, _INCOMPARABLE)):
        raise _refuse(left, right)
    return bool(left == right)


def less(left: Value, right: Value) -> bool:
    """Whether the first is smaller.

    Raises:
        Refusal: they have no order.
    """
    kinds = _kind(left), _kind(right)
    if kinds[0] != kinds[1] or kinds[0] in {"", "bool"}:
        raise _refuse(left, right)
    if kinds[0] == "string":
        return bool(left.encode() < right.encode())
    return bool(left < right)


def less_or_equal(left: Value, right: Value) -> bool:
    """Whether the first is smaller or equal."""
    return less(left, right) or equal(left, right)


def length(value: Value) -> int:
    """How many entries or bytes.

    Raises:
        Refusal: it has no length.
    """
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Strings | Anything | Vector):
        return len(value)
    raise Refusal(f"{_article(value)} has no length")


def index(item: Value, *keys: Value) -> Value:
    """``item[key1][key2]``; a map without the key has its zero value.

    Raises:
        Refusal: it has no entries, or not this one.
    """
    if item is None:
        raise Refusal("nil has no entries")
    for key in keys:
        item = _entry(item, key)
    return item


def _entry(item: Value, key: Value) -> Value:
    if isinstance(item, Strings | Anything):
        if type_name(key) != "string":
            raise Refusal(f"a key of a map is a string, not {_article(key)}")
        return item.get(key, "" if isinstance(item, Strings) else None)
    if isinstance(item, Sample):
        raise Refusal("a sample has no entries; its labels are .Labels")
    if not isinstance(item, str | Vector):
        raise Refusal(f"{_article(item)} has no entries")
    sequence = item.encode() if isinstance(item, str) else item
    place = _place(key, len(sequence))
    if place == len(sequence):
        raise Refusal(f"there is no entry {place}")
    return sequence[place]


def _place(key: Value, most: int) -> int:
    if _kind(key) != "int":
        raise Refusal(f"a place is an integer, not {_article(key)}")
    if not 0 <= key <= most:
        raise Refusal(f"there is no entry {key}")
    return int(key)


def sliced(item: Value, *ends: Value) -> Value:
    """``item[start:end]`` of a string, in bytes, or of a query's answer.

    Raises:
        Refusal: it is neither, or has no such places.
    """
    if not isinstance(item, str | Vector):
        raise Refusal(f"{_article(item)} cannot be sliced")
    if len(ends) > 2:
        raise Refusal("a slice has a start and an end")
    sequence = item.encode() if isinstance(item, str) else item
    places = [_place(end, len(sequence)) for end in ends]
    start = places[0] if places else 0
    end = places[1] if len(places) == 2 else len(sequence)
    if start > end:
        raise Refusal(f"the start {start} lies behind the end {end}")
    part = sequence[start:end]
    return part.decode(errors="replace") if isinstance(part, bytes) else Vector(part)
