"""Selectors alone: what ``match[]`` holds, and how one is written."""

from __future__ import annotations

import json
from collections.abc import Iterable

from zerostate_monitoring.promql import labels
from zerostate_monitoring.promql.cursor import Cursor
from zerostate_monitoring.promql.lexer import END, NAME
from zerostate_monitoring.promql.nodes import Matcher


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """All conditions of a selector such as ``up{job="api"}``.

    Raises:
        QuerySyntaxError: it is anything else, or more: a range, an offset or ``@``.
    """
    cursor = Cursor(text)
    if cursor.token.kind not in {NAME, "{"}:
        cursor.refuse("a series selector")
    selector = labels.parse_selector(cursor, named_once=False)
    cursor.expect(END, "the end of the selector")
    return selector.matchers


def written(matchers: Iterable[Matcher]) -> str:
    """The selector with these conditions."""
    return "{" + ",".join(f"{_name(m.name)}{m.op}{_quoted(m.value)}" for m in matchers) + "}"


def _name(name: str) -> str:
    plain = name.replace("_", "a")
    return name if plain.isascii() and plain.isidentifier() else _quoted(name)


def _quoted(text: str) -> str:
    # JSON's escapes are among Go's, but for those of surrogates, which no text has.
    return json.dumps(text, ensure_ascii=False)
