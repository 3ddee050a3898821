"""Answers of Prometheus's HTTP API: its JSON to values, its errors to ours.

A server may be another one than we think, so everything is looked at before it is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import numpy as np
import orjson

from zerostate_monitoring.exceptions import (
    MonitoringError,
    QueryError,
    QuerySyntaxError,
    QueryTimeoutError,
    SourceError,
)
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Matrix, Result, Run, Sample, Scalar, Text, Vector
from zerostate_monitoring.promql.querier import Described, Found, Metadata
from zerostate_monitoring.sources.nodes.client import Answer

T = TypeVar("T")
Json = Mapping[str, Any]

_PLACE: Final = re.compile(
    r'(?:invalid parameter "[^"]*": )?(?:(\d+):(\d+): |unknown position: )?(?:parse error: )?(.*)',
    re.DOTALL,
)
_NATIVE: Final = "native histograms were left out, for they are no numbers"
_MAX_MESSAGE: Final = 500


def checked(answer: Answer, text: str = "") -> Json:
    """The document of an answer that is a success; ``text`` is the query, where there is one.

    Raises:
        QueryError: the server says that the query has no answer.
        SourceError: the server does not answer, or gives what is no answer.
    """
    document = _document(answer)
    if document.get("status") == "success":
        return document
    kind, message = str(document.get("errorType")), str(document.get("error"))[:_MAX_MESSAGE]
    raise _error(answer.status, kind, message, text)


def result(document: Json, at_ms: int) -> Result:
    """A query's result; ``at_ms`` is the instant that was asked for.

    Raises:
        SourceError: it is none.
    """
    return _read(document, lambda data: _result(document, data, at_ms))


def names(document: Json) -> Found[str]:
    """A list of texts.

    Raises:
        SourceError: it is none.
    """
    return _read(document, lambda data: _found(document, map(str, data or ())))


def label_sets(document: Json) -> Found[Labels]:
    """A list of label sets.

    Raises:
        SourceError: it is none.
    """
    return _read(document, lambda data: _found(document, map(_labels, data or ())))


def described(document: Json) -> Described:
    """Families with what is known of them.

    Raises:
        SourceError: it is no such document.
    """
    return _read(document, lambda data: Described(_families(data), _remarks(document, "warnings")))


def _document(answer: Answer) -> Json:
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, Mapping):
        return document
    raise _error(answer.status, "", f"it answers {answer.status}, and no JSON", "")


def _error(status: int, kind: str, message: str, text: str) -> MonitoringError:
    if status in {401, 403}:
        return SourceError(f"it refuses the token ({status})", kind="unauthorized")
    if kind == "bad_data":
        return _syntax_error(message, text)
    if kind == "timeout":
        return QueryTimeoutError(message)
    if kind in {"execution", "canceled"}:
        return QueryError(message)
    return SourceError(message, kind="missing" if status == 404 else "error")


def _syntax_error(message: str, text: str) -> QuerySyntaxError:
    """The error with its place in ``text``, which the message tells as line and column."""
    found = _PLACE.match(message)
    if not found or not found[1]:
        return QuerySyntaxError(found[3] if found else message)
    lines = text.split("\n")
    line, column = int(found[1][:9]), int(found[2][:9])
    start = sum(len(one) + 1 for one in lines[: line - 1])
    # Columns count bytes.
    inside = lines[line - 1].encode() if 0 < line <= len(lines) else b""
    start += len(inside[: max(column - 1, 0)].decode(errors="ignore"))
    start = min(start, len(text))
    return QuerySyntaxError(found[3], start, min(start + 1, len(text)))


def _read(document: Json, reader: Callable[[Any], T]) -> T:
    try:
        return reader(document.get("data"))
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        message = f"its answer is not what was asked for ({type(error).__name__})"
        raise SourceError(message, kind="invalid") from error


def _result(document: Json, data: Any, at_ms: int) -> Result:
    kind, found = data["resultType"], data["result"]
    warnings, infos = _remarks(document, "warnings"), _remarks(document, "infos")
    if kind == "scalar":
        return Result(Scalar(_ms(found[0]), float(found[1])), warnings, infos)
    if kind == "string":
        return Result(Text(_ms(found[0]), str(found[1])), warnings, infos)
    numbers = [one for one in found if "histogram" not in one and "histograms" not in one]
    if len(numbers) < len(found):
        warnings = (*warnings, _NATIVE)
    if kind == "matrix":
        return Result(Matrix(tuple(_run(one) for one in numbers)), warnings, infos)
    if kind != "vector":
        raise ValueError(kind)
    return Result(Vector(at_ms, tuple(_sample(one) for one in numbers)), warnings, infos)


def _sample(one: Json) -> Sample:
    return Sample(_labels(one["metric"]), float(one["value"][1]))


def _run(one: Json) -> Run:
    times, values = zip(*one["values"], strict=True)
    seconds = np.array(times, dtype=np.float64)
    return Run(
        _labels(one["metric"]),
        np.rint(seconds * 1000).astype(np.int64),
        np.array([float(value) for value in values], dtype=np.float64),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _labels(metric: Mapping[str, str]) -> Labels:
    return tuple(sorted((str(name), str(value)) for name, value in metric.items()))


def _found(document: Json, items: Iterable[T]) -> Found[T]:
    return Found(tuple(items), _remarks(document, "warnings"))


def _families(data: Mapping[str, list[Mapping[str, str]]]) -> dict[str, tuple[Metadata, ...]]:
    return {
        str(name): tuple(
            Metadata(str(one["type"]), str(one["help"]), str(one.get("unit", ""))) for one in known
        )
        for name, known in data.items()
    }


def _remarks(document: Json, key: str) -> tuple[str, ...]:
    return tuple(str(remark) for remark in document.get(key) or ())
