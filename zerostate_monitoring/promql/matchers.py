"""Matchers: what a selector asks of a label."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import re2

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.quoting import is_plain_label, quote

Predicate = Callable[[str], bool]

LONGEST_PATTERN: Final = 10_000
"""How many characters a regular expression may have; a list of plain words may have more."""
_MEMORY: Final = 2 << 20
"""What RE2 may take for one expression (bytes). Short ones that repeat much need more."""
_UNWATCHED: Final = 128
"""How many label sets are looked at before the time is."""
_REMEMBERED: Final = 10_000
"""How many values' answers are kept for one matcher."""

_SPECIAL: Final = frozenset(r"\.+*?()[]{}^$")
_ESCAPES: Final = re.compile(r"\\(.)", re.DOTALL)


def compile_regex(pattern: str) -> Predicate:
    """Whether a text as a whole matches ``pattern``: RE2 syntax, the dot matches newlines too.

    Raises:
        QueryError: the pattern is none, or RE2 finds it too large; the message says why.
    """
    if pattern == ".*":
        return lambda _: True
    if pattern == ".+":
        return lambda text: text != ""
    if _SPECIAL.isdisjoint(pattern):
        return frozenset(pattern.split("|")).__contains__
    match = compiled(pattern, captures=False).fullmatch
    return lambda text: match(text) is not None


def compiled(pattern: str, *, captures: bool) -> Any:
    """RE2's own object for ``pattern``; groups can be asked for where it ``captures``.

    Raises:
        QueryError: the pattern is none, or RE2 finds it too large; the message says why.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise QueryError(
            f"it has {len(pattern):,} characters, of which {LONGEST_PATTERN:,} are allowed"
        )
    escapes = _ESCAPES.findall(pattern)
    # One byte of a character: RE2 has it, Prometheus has not. Behind \Q it may be plain text.
    if "C" in escapes and "Q" not in escapes:
        raise QueryError("invalid escape sequence: \\C")
    options = re2.Options()
    options.dot_nl = True
    options.never_capture = not captures
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise QueryError(_reason(error)) from None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    if "too large" in text:
        return "it is too large: it repeats too much, or too large classes of characters"
    return text if len(text) <= 100 else f"{text[:99]}…"


@lru_cache(maxsize=256)
def compile_matcher(matcher: Matcher) -> Predicate:
    """Whether the value of the label ``matcher.name`` fits; a missing label has the value "".

    Raises:
        QueryError: the regular expression is none; the message says why.
    """
    value = matcher.value
    if matcher.op == "=":
        return value.__eq__
    if matcher.op == "!=":
        return value.__ne__
    fits = compile_regex(value)
    return fits if matcher.op == "=~" else lambda text: not fits(text)


def meets_all(
    matchers: Sequence[Matcher], check: Callable[[], None] | None = None
) -> Callable[[Labels], bool]:
    """Whether label sets meet all of ``matchers``, for one selection among many of them.

    A regular expression looks at each value once. ``check`` is called every now and then, and
    raises where the time is over: each value may take long.

    Raises:
        QueryError: a matcher is no regular expression.
    """
    look = check or _at_leisure
    tests = []
    for matcher in matchers:
        test = compile_matcher(matcher)
        tests.append((matcher.name, _once(test, look) if matcher.op in {"=~", "!~"} else test))
    count = 0

    def meets(labels: Labels) -> bool:
        nonlocal count
        count += 1
        if not count % _UNWATCHED:
            look()
        values = dict(labels)
        return all(test(values.get(name, "")) for name, test in tests)

    return meets


def _once(test: Predicate, check: Callable[[], None]) -> Predicate:
    """``test``, whose answers are remembered."""
    known: dict[str, bool] = {}

    def remembered(value: str) -> bool:
        found = known.get(value)
        if found is None:
            check()
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[value] = test(value)
        return found

    return remembered


def _at_leisure() -> None:
    """Time does not matter."""


def format_matcher(matcher: Matcher) -> str:
    """``name="value"``, as Prometheus writes it."""
    name = matcher.name if is_plain_label(matcher.name) else quote(matcher.name)
    return f"{name}{matcher.op}{quote(matcher.value)}"


def in_order(matchers: Iterable[Matcher]) -> tuple[Matcher, ...]:
    """``matchers`` in the order in which they are written."""
    return tuple(sorted(matchers, key=format_matcher))
