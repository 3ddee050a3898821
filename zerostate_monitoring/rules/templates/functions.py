"""The functions of templates, by name.

Source: ``template/template.go`` of Prometheus 3.14, ``text/template/funcs.go`` of Go 1.26.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.rules.templates import comparing, humanizing, printing, texts
from zerostate_monitoring.rules.templates.values import (
    Anything,
    Callee,
    Context,
    Html,
    Refusal,
    Sample,
    Strings,
    Value,
    Vector,
    is_true,
)

SHORT_CIRCUIT: Final = frozenset({"and", "or"})
"""They end at the first argument that decides; the evaluation knows how."""

_TEXT: Final = ("string",)
_OF_URLS: Final = "%/:=&?~#+!$,;'@()*[]"


def _first(vector: Vector | None) -> Sample:
    if not vector:
        raise Refusal("the query found nothing")
    return vector[0]


def _of_sample(sample: Sample | None) -> Sample:
    if sample is None:
        raise Refusal("there is no sample")
    return sample


def _sorted(label: str, vector: Vector | None) -> Vector:
    return Vector(sorted(vector or (), key=lambda one: one.labels.get(label, "").encode()))


def _args(*values: Value) -> Anything:
    return Anything({f"arg{place}": value for place, value in enumerate(values)})


def _escaped(escape: str, *values: Value) -> str:
    ways = {"html": texts.escape_html, "js": texts.escape_js, "urlquery": texts.escape_query}
    # As where a value stands alone, nil is not “<nil>” here.
    shown = ("<no value>" if value is None else value for value in values)
    return ways[escape](printing.sprint(*shown))


def _escaper(escape: str) -> Callee:
    return Callee(lambda *values: _escaped(escape, *values), ("any",), repeats=True)


_OF_GO: Final = {
    "and": Callee(lambda *_: None, ("any", "any"), repeats=True),
    "eq": Callee(comparing.equal, ("any", "any"), repeats=True),
    "ge": Callee(lambda left, right: not comparing.less(left, right), ("any", "any")),
    "gt": Callee(lambda left, right: not comparing.less_or_equal(left, right), ("any", "any")),
    "html": _escaper("html"),
    "index": Callee(comparing.index, ("any", "any"), repeats=True),
    "js": _escaper("js"),
    "le": Callee(comparing.less_or_equal, ("any", "any")),
    "len": Callee(comparing.length),
    "lt": Callee(comparing.less, ("any", "any")),
    "ne": Callee(lambda left, right: not comparing.equal(left, right), ("any", "any")),
    "not": Callee(lambda value: not is_true(value)),
    "or": Callee(lambda *_: None, ("any", "any"), repeats=True),
    "print": Callee(printing.sprint, ("any",), repeats=True),
    "printf": Callee(printing.sprintf, ("string", "any"), repeats=True),
    "println": Callee(printing.sprintln, ("any",), repeats=True),
    "slice": Callee(comparing.sliced, ("any", "any"), repeats=True),
    "urlquery": _escaper("urlquery"),
}
_OF_PROMETHEUS: Final = {
    "args": Callee(_args, ("any",), repeats=True),
    "first": Callee(_first, ("vector",)),
    "graphLink": Callee(texts.graph_link, _TEXT),
    "humanize": Callee(humanizing.humanize),
    "humanize1024": Callee(humanizing.humanize1024),
    "humanizeDuration": Callee(humanizing.humanize_duration),
    "humanizePercentage": Callee(humanizing.humanize_percentage),
    "humanizeTimestamp": Callee(humanizing.humanize_timestamp),
    "label": Callee(
        lambda name, sample: _of_sample(sample).labels.get(name, ""), ("string", "sample")
    ),
    "match": Callee(texts.matches, ("string", "string")),
    "parseDuration": Callee(humanizing.parsed_duration, _TEXT),
    "reReplaceAll": Callee(texts.replaced, ("string", "string", "string")),
    "safeHtml": Callee(Html, _TEXT),
    "sortByLabel": Callee(_sorted, ("string", "vector")),
    "stripDomain": Callee(texts.strip_domain, _TEXT),
    "stripPort": Callee(texts.strip_port, _TEXT),
    "strvalue": Callee(lambda sample: _of_sample(sample).labels.get("__value__", ""), ("sample",)),
    "tableLink": Callee(texts.table_link, _TEXT),
    "title": Callee(texts.title, _TEXT),
    "toDuration": Callee(humanizing.to_duration),
    "toLower": Callee(str.lower, _TEXT),
    "toTime": Callee(humanizing.to_time),
    "toUpper": Callee(str.upper, _TEXT),
    "urlQueryEscape": Callee(texts.escape_query, _TEXT),
    "value": Callee(lambda sample: _of_sample(sample).value, ("sample",)),
}
_OF_CONTEXT: Final = ("externalURL", "now", "pathPrefix", "query")

NAMES: Final = frozenset({*_OF_GO, *_OF_PROMETHEUS, *_OF_CONTEXT})
"""All functions that a template may call."""


def functions(context: Context) -> Mapping[str, Callee]:
    """All functions, some of which speak of ``context``."""
    return {
        **_OF_GO,
        **_OF_PROMETHEUS,
        "externalURL": Callee(lambda: quote(context.external_url, _OF_URLS), ()),
        "now": Callee(lambda: float(context.now), ()),
        "pathPrefix": Callee(lambda: unquote(urlsplit(context.external_url).path), ()),
        "query": Callee(lambda text: _query(context, text), _TEXT),
    }


def _query(context: Context, text: str) -> Vector:
    if context.query is None:
        raise Refusal("queries in templates are not answered here")
    try:
        found = context.query(text)
    except QueryError as error:
        raise Refusal(str(error)) from error
    return Vector(Sample(Strings(labels), float(value)) for labels, value in found)
