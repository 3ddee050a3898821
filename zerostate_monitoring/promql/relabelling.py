"""``label_replace`` and ``label_join``: work on labels alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Series
from zerostate_monitoring.promql.deadline import in_time
from zerostate_monitoring.promql.grids import Grid, merged
from zerostate_monitoring.promql.label_sets import value_of, with_label
from zerostate_monitoring.promql.matchers import compiled
from zerostate_monitoring.promql.steps import Budget, foresee_text

# $1, ${1}, $name, ${name}; $$ is a dollar. Any other dollar stands for itself, as in Go.
_REFERENCE: Final = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")
# Any other row of digits is a name, which no group can have.
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,7}")

_KEPT_TEXT: Final = 1_000_000

# What the lexer makes of bytes that are no text.
_NO_TEXT: Final = "\N{REPLACEMENT CHARACTER}"


def label_replace(
    budget: Budget, grid: Grid, target: str, template: str, source: str, pattern: str
) -> Grid:
    """Set ``target`` to ``template`` wherever ``pattern`` matches all of ``source``.

    Raises:
        QueryError: a pattern or a name is none, or two samples get the same labels.
    """
    _check_name("destination", target)
    try:
        match = compiled(pattern, captures=True).fullmatch
    except QueryError as error:
        raise QueryError(f"the regular expression cannot be used: {error}") from None

    def replaced(labels: Labels) -> Labels:
        found = match(value_of(labels, source))
        return with_label(labels, target, _expanded(template, found)) if found else labels

    key = ("label_replace", target, template, source, pattern)
    return merged(grid.with_series(_mapped(budget, grid.series, key, target, replaced)))


def label_join(
    budget: Budget, grid: Grid, target: str, separator: str, sources: Sequence[str]
) -> Grid:
    """Set ``target`` to the values of ``sources`` with ``separator`` between them.

    Raises:
        QueryError: a name is none, or two samples get the same labels.
    """
    for name in sources:
        _check_name("source", name)
    _check_name("destination", target)

    def replaced(labels: Labels) -> Labels:
        values = [value_of(labels, name) for name in sources]
        foresee_text(sum(map(len, values)) + len(separator) * len(values))
        return with_label(labels, target, separator.join(values))

    key = ("label_join", target, separator, *sources)
    return merged(grid.with_series(_mapped(budget, grid.series, key, target, replaced)))


class _Mapped(NamedTuple):
    """Changed series, and the characters that their new labels have."""

    series: Series
    text: int


def _mapped(
    budget: Budget,
    series: Series,
    key: tuple[str, ...],
    target: str,
    change: Callable[[Labels], Labels],
) -> Series:
    """The changed series; one in another, functions may double a text many times."""
    known: _Mapped | None = series.known(key)
    if known is not None:
        budget.take_text(known.text)
        return known.series
    found, before = [], budget.text
    for labels in in_time(series.labels):
        found.append(change(labels))
        budget.take_text(len(value_of(found[-1], target)))
    mapped = _Mapped(Series(found), budget.text - before)
    # Series live for long: what is large would stay in memory with them.
    return series.kept(key, lambda: mapped).series if mapped.text <= _KEPT_TEXT else mapped.series


def _check_name(role: str, name: str) -> None:
    if not name or _NO_TEXT in name:
        raise QueryError(f"the {role} label {name!r} has no name that is UTF-8 text")


def _expanded(template: str, found: Any) -> str:
    names = found.re.groupindex
    # No group is longer than the whole, and no reference shorter than two characters.
    foresee_text(len(template) // 2 * len(found[0]))

    def value(reference: re.Match[str]) -> str:
        if reference[0] == "$$":
            return "$"
        name = reference[1] or reference[2]
        if _NUMBER.fullmatch(name):
            number = int(name)
            return (found[number] or "") if number <= found.re.groups else ""
        return (found[names[name]] or "") if name in names else ""

    return _REFERENCE.sub(value, template)
