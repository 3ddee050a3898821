"""The endpoints: a question in, the ``data`` of an answer out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring import __version__
from zerostate_monitoring.api import encoding
from zerostate_monitoring.api.answer import Answer
from zerostate_monitoring.api.errors import ApiError, bad_data, invalid, located
from zerostate_monitoring.api.question import Question
from zerostate_monitoring.api.rules import alerts, rules
from zerostate_monitoring.api.tree import tree
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql import parameters
from zerostate_monitoring.promql.printer import prettify
from zerostate_monitoring.promql.querier import Found, Querier
from zerostate_monitoring.promql.query import Query, parse

_VALUES: Final = re.compile(r"label/([^/]+)/values\Z", re.DOTALL)
_ESCAPED: Final = re.compile(r"__|_([0-9A-Fa-f]{1,6})_")
_VERSION: Final = "3.14.0"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint and the methods, beside OPTIONS, by which it is asked."""

    answer: Callable[[Querier, Question], Answer]
    methods: tuple[str, ...] = ("GET", "POST")


def find(path: str) -> Endpoint:
    """The endpoint at ``path``, which is what follows ``/api/v1/``.

    Raises:
        ApiError: there is none.
    """
    if endpoint := ENDPOINTS.get(path):
        return endpoint
    if found := _VALUES.match(path):
        return Endpoint(lambda querier, asked: label_values(querier, asked, found[1]), ("GET",))
    raise ApiError("not_found", f"there is no such endpoint; there are {', '.join(_known())}")


def query(querier: Querier, asked: Question) -> Answer:
    """An instant query."""
    limit, at_ms, options = asked.limit(), asked.at_ms(), asked.options()
    text = asked.text("query")
    with _Located(text):
        result = querier.instant(text, at_ms, options)
    result, warnings = encoding.limited(result, limit)
    return Answer(encoding.result_data(result), warnings, result.infos)


def query_range(querier: Querier, asked: Question) -> Answer:
    """A range query."""
    limit, (start, end, step) = asked.limit(), asked.steps()
    options, text = asked.options(), asked.text("query")
    with _Located(text):
        result = querier.range(text, start, end, step, options)
    result, warnings = encoding.limited(result, limit)
    return Answer(encoding.result_data(result), warnings, result.infos)


def format_query(querier: Querier, asked: Question) -> Answer:
    """The expression, laid out."""
    return Answer(prettify(_parsed(asked).expr))


def parse_query(querier: Querier, asked: Question) -> Answer:
    """The expression's tree."""
    return Answer(tree(_parsed(asked).expr))


def series(querier: Querier, asked: Question) -> Answer:
    """Label sets."""
    if not asked.values.get("match[]"):
        raise bad_data("no match[] parameter provided")
    limit, window = asked.limit(), asked.window()
    found = querier.series(asked.selectors(named=True), window, limit)
    sets = [dict(labels) for labels in found.items]
    return _listed(Found(tuple(sets), found.warnings), limit)


def labels(querier: Querier, asked: Question) -> Answer:
    """Names of labels."""
    limit, window = asked.limit(), asked.window()
    return _listed(querier.label_names(asked.selectors(), window, limit), limit)


def label_values(querier: Querier, asked: Question, name: str) -> Answer:
    """Values of one label."""
    limit, window = asked.limit(), asked.window()
    label = unescaped(name)
    if not label:
        raise bad_data(f'invalid label name: "{name}"')
    found = querier.label_values(label, asked.selectors(), window, limit)
    return _listed(found, limit)


def metadata(querier: Querier, asked: Question) -> Answer:
    """Types, helps and units of families."""
    limit, each = _number(asked, "limit"), _number(asked, "limit_per_metric")
    if limit == 0:
        return Answer({})
    described = querier.metadata(asked.text("metric"), max(limit, 0))
    names = list(described.families)[: limit if limit > 0 else None]
    families = {
        name: [one._asdict() for one in described.families[name][: each if each > 0 else None]]
        for name in names
    }
    return Answer(families, described.warnings)


def buildinfo(querier: Querier, asked: Question) -> Answer:
    """What clients decide by which of Prometheus's features they may use.

    ``version`` is that of the Prometheus whose API this is; ``revision`` is this app's.
    """
    blank = dict.fromkeys(("branch", "buildUser", "buildDate", "goVersion"), "")
    return Answer({"version": _VERSION, "revision": f"zerostate_monitoring {__version__}", **blank})


def unescaped(name: str) -> str:
    """A label's name, which may be written with Prometheus's escapes behind ``U__``."""
    if not name.startswith("U__"):
        return name
    return _ESCAPED.sub(_character, name[3:])


def index(querier: Querier, asked: Question) -> Answer:
    """What there is; some clients ask for it to see whether they may ask at all."""
    return Answer(_known())


ENDPOINTS: Final = {
    "": Endpoint(index, ("GET",)),
    "query": Endpoint(query),
    "query_range": Endpoint(query_range),
    "format_query": Endpoint(format_query),
    "parse_query": Endpoint(parse_query),
    "series": Endpoint(series),
    "labels": Endpoint(labels),
    "metadata": Endpoint(metadata, ("GET",)),
    "rules": Endpoint(rules, ("GET",)),
    "alerts": Endpoint(alerts, ("GET",)),
    "status/buildinfo": Endpoint(buildinfo, ("GET",)),
}


class _Located:
    """Say where in ``text`` a syntax error stands."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, QuerySyntaxError):
            raise invalid("query", located(error, self.text)) from error


def _known() -> list[str]:
    return sorted([*filter(None, ENDPOINTS), "label/<name>/values"])


def _parsed(asked: Question) -> Query:
    text = asked.text("query")
    with _Located(text):
        return parse(text)


def _listed(found: Found[Any], limit: int) -> Answer:
    if limit and len(found.items) > limit:
        return Answer(list(found.items[:limit]), (*found.warnings, encoding.TRUNCATED))
    return Answer(list(found.items), found.warnings)


def _number(asked: Question, name: str) -> int:
    """A whole number; below 0, as nothing said, is no limit."""
    text = asked.text(name)
    if not text:
        return -1
    try:
        return parameters.integer(text)
    except ValueError as error:
        raise bad_data(f"{name} must be a number") from error


def _character(found: re.Match[str]) -> str:
    if found[1] is None:
        return "_"
    code = int(found[1], 16)
    return chr(code) if code < 0xD800 or 0xDFFF < code <= 0x10FFFF else found[0]
