"""What an older Prometheus does not know, and how it is said to it.

Measured with promtool 2.42, the one of Debian 12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.promql.lexer import DURATION, NUMBER, STRING, Token, tokenize
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    Number,
    Paren,
    Subquery,
    Unary,
    children,
    durations,
)
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.quoting import is_plain_label
from zerostate_monitoring.rules.definitions import AlertingRule, Group, RecordingRule, Rule
from zerostate_monitoring.rules.files.names import odd_names
from zerostate_monitoring.rules.templates import Template


class Target(StrEnum):
    """Which Prometheus a file is for."""

    CURRENT = "3"
    DEBIAN_12 = "2.42"


_FUNCTIONS_SINCE: Final = {"first_over_time": "3.7"}
_TEMPLATE_FUNCTIONS_SINCE: Final = {"now": "3.0", "toDuration": "2.48", "urlQueryEscape": "3.0"}
_METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def adapted(groups: Sequence[Group]) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Groups as 2.42 knows them, and notes of what it does not.

    Group labels become labels of the rules. Numbers in the place of durations are written
    with units, numbers without _ between their digits, labels of a list without quotes.
    ``query_offset`` is left out.

    Raises:
        RuleFileError: a rule uses what 2.42 has no word for; all such rules are named.
    """
    notes: list[str] = []
    faults: list[str] = []
    out: list[Group] = []
    for group in groups:
        if group.query_offset:
            notes.append(
                f"{group.name}: query_offset is left out, Prometheus 2.42 does not know it; "
                "rules look at the present there."
            )
        rules = tuple(map(group.labelled, group.rules))
        for rule in rules:
            faults += (f"{group.name}: {rule.name}: {fault}" for fault in _faults(rule))
        if not faults:
            rules = tuple(replace(rule, expr=plain_expr(rule.expr)) for rule in rules)
        out.append(replace(group, rules=rules, labels={}, query_offset=None))
    if faults:
        raise RuleFileError(faults)
    return tuple(out), tuple(notes)


# -- what it has no word for -----------------------------------------------------


def _faults(rule: Rule) -> Iterator[str]:
    unknown = "which Prometheus 2.42 does not know"
    for name in (*rule.labels, *(rule.annotations if isinstance(rule, AlertingRule) else ())):
        if not is_plain_label(name):
            yield f"the name “{name}” has other than letters, digits and _, {unknown}."
    if isinstance(rule, RecordingRule) and not _METRIC.fullmatch(rule.record):
        yield f"the name “{rule.record}” has other than letters, digits, _ and :, {unknown}."
    yield from _newer(parse(rule.expr).expr)
    for name in odd_names(rule.expr):
        yield f"the expression names “{name}”, {unknown}: letters, digits and _, without quotes."
    if isinstance(rule, AlertingRule):
        yield from _template_faults(rule)


def _newer(expr: Expr) -> Iterator[str]:
    for name in _functions(expr):
        if name in _FUNCTIONS_SINCE:
            yield f"{name}() came with Prometheus {_FUNCTIONS_SINCE[name]}."
    if _computes_durations(expr):
        yield "durations that are computed, such as [2 * 5m], came with Prometheus 3.4."


def _template_faults(rule: AlertingRule) -> Iterator[str]:
    for text in (*rule.labels.values(), *rule.annotations.values()):
        for name in Template.parse(text).uses.functions:
            if since := _TEMPLATE_FUNCTIONS_SINCE.get(name):
                yield f"the function {name} of templates came with Prometheus {since}."


def _functions(expr: Expr) -> Iterator[str]:
    if isinstance(expr, Call):
        yield expr.function.name
    for child in children(expr):
        yield from _functions(child)


def _computes_durations(expr: Expr) -> bool:
    return bool(durations(expr)) or any(map(_computes_durations, children(expr)))


# -- durations, numbers, names ---------------------------------------------------


def plain_expr(text: str) -> str:
    """The expression without a number where a duration belongs, and without the reverse.

    Also without _ between digits, and without quotes around a plain label of a list. As it
    is where it has none of these.
    """
    plain = format_expr(_with_numbers(parse(text).expr))
    tokens = tokenize(text)
    is_newer = (
        _mixes(tokens)
        or any(token.kind == NUMBER and "_" in token.text for token in tokens)
        or _strings(tokens) != _strings(tokenize(plain))
    )
    return plain if is_newer else text


def _strings(tokens: Sequence[Token]) -> int:
    return sum(token.kind == STRING for token in tokens)


def _mixes(tokens: Sequence[Token]) -> bool:
    bracket = False
    previous = ""
    for token in tokens:
        bracket = token.kind == "[" or (bracket and token.kind != "]")
        if token.kind in {NUMBER, DURATION}:
            belongs = bracket or previous == "offset"
            if (token.kind == DURATION) is not belongs:
                return True
        if token.kind not in {"-", "+"}:
            previous = token.keyword
    return False


def _with_numbers(expr: Expr) -> Expr:
    out = expr
    match expr:
        case Number():
            out = replace(expr, is_duration=False)
        case Subquery() | Paren() | Unary():
            out = replace(expr, expr=_with_numbers(expr.expr))
        case Binary():
            out = replace(expr, left=_with_numbers(expr.left), right=_with_numbers(expr.right))
        case Aggregation():
            parameter = None if expr.parameter is None else _with_numbers(expr.parameter)
            out = replace(expr, expr=_with_numbers(expr.expr), parameter=parameter)
        case Call():
            out = replace(expr, arguments=tuple(map(_with_numbers, expr.arguments)))
    return out
