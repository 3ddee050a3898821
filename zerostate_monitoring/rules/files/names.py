"""Names in an expression that Prometheus 2.42 cannot say or make. Pure.

promtool 2.42 refuses names in quotes; that a function or ``count_values`` makes a label with such a
name it lets pass, and the rule fails at each evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from zerostate_monitoring.promql.lexer import STRING, Token, tokenize
from zerostate_monitoring.promql.nodes import Aggregation, Binary, Call, Expr, String, children
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.quoting import is_plain_label

_LABELS_FROM: Final[Mapping[str, tuple[int, ...]]] = {"label_replace": (1,), "label_join": (1, 3)}
"""Arguments that name labels: the one that is made, and where those begin that it is made of."""


def odd_names(text: str) -> Sequence[str]:
    """Each such name once, in the order in which they stand there."""
    expr = parse(text).expr
    odd = (name for name in _used(expr) if not is_plain_label(name))
    return list(dict.fromkeys((*_quoted(tokenize(text)), *odd)))


def _quoted(tokens: Sequence[Token]) -> Iterator[str]:
    """What stands in quotes where a name belongs: first in braces, or after a comma in them."""
    in_braces, before = False, ""
    for token in tokens:
        if token.kind in {"{", "}"}:
            in_braces = token.kind == "{"
        if in_braces and token.kind == STRING and before in {"{", ","}:
            yield str(token.value)
        before = token.kind


def _used(expr: Expr) -> Iterator[str]:
    match expr:
        case Aggregation():
            yield from expr.grouping
            yield from _texts([expr.parameter])
        case Binary() if expr.matching is not None:
            yield from (*expr.matching.labels, *expr.matching.include)
        case Call():
            yield from _texts(_named_by(expr))
    for child in children(expr):
        yield from _used(child)


def _named_by(call: Call) -> Sequence[Expr]:
    made, *rest = _LABELS_FROM.get(call.function.name, (len(call.arguments),))
    sources = call.arguments[rest[0] :] if rest else ()
    return (*call.arguments[made : made + 1], *sources)


def _texts(found: Sequence[Expr | None]) -> Iterator[str]:
    return (one.value for one in found if isinstance(one, String))
