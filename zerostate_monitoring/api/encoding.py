"""Results as Prometheus's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from zerostate_monitoring.api import numbers
from zerostate_monitoring.api.errors import ApiError
from zerostate_monitoring.promql.data import (
    Matrix,
    Result,
    Run,
    Sample,
    Scalar,
    Text,
    Times,
    Vector,
)

TRUNCATED: Final = "results truncated due to limit"
_MAX_REMARKS: Final = 10


def success(data: Any, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """An answer; ``warnings`` and ``infos`` stand in it where there are any."""
    answer: dict[str, Any] = {"status": "success", "data": data}
    for key, remarks, word in (("warnings", warnings, "warning"), ("infos", infos, "info")):
        if remarks:
            answer[key] = _remarks(remarks, word)
    return orjson.dumps(answer)


def failure(error: ApiError) -> bytes:
    """An answer that is an error."""
    message = error.message.encode(errors="replace").decode()
    return orjson.dumps({"status": "error", "errorType": error.kind, "error": message})


def result_data(result: Result) -> dict[str, Any]:
    """The ``data`` of a query's answer, for ``success``: parts of it may be JSON already."""
    match result.value:
        case Scalar(at_ms, number):
            return _data("scalar", [numbers.seconds(at_ms), numbers.plain(number)])
        case Text(at_ms, text):
            return _data("string", [numbers.seconds(at_ms), text])
        case Vector(at_ms, samples):
            at = numbers.seconds(at_ms)
            return _data("vector", [_sample(one, at) for one in samples])
        case Matrix(runs):
            return _data("matrix", _runs(runs))


def limited(result: Result, limit: int) -> tuple[Result, tuple[str, ...]]:
    """``result`` with at most ``limit`` series, and the warnings of it; 0 is no limit."""
    value = result.value
    if limit and isinstance(value, Vector) and len(value.samples) > limit:
        value = Vector(value.at_ms, value.samples[:limit])
    elif limit and isinstance(value, Matrix) and len(value.runs) > limit:
        value = Matrix(value.runs[:limit])
    else:
        return result, result.warnings
    return Result(value, result.warnings, result.infos), (*result.warnings, TRUNCATED)


def _data(kind: str, result: list[Any]) -> dict[str, Any]:
    return {"resultType": kind, "result": result}


def _sample(sample: Sample, at: float) -> dict[str, Any]:
    return {"metric": dict(sample.labels), "value": [at, numbers.sample(sample.value)]}


def _runs(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Each run's points are written as JSON here: a million of them are no objects first."""
    heads: list[str] = []
    written: Times | None = None
    found = []
    for run in runs:
        # Most runs of a range query have the very same times.
        if written is not run.times:
            heads = [f'[{numbers.seconds(at)},"' for at in run.times.tolist()]
            written = run.times
        points = map(str.__add__, heads, numbers.samples(run.values))
        values = orjson.Fragment("[" + '"],'.join(points) + '"]]' if heads else "[]")
        found.append({"metric": dict(run.labels), "values": values})
    return found


def _remarks(remarks: Sequence[str], word: str) -> list[str]:
    """As many as Prometheus shows, each once."""
    different = list(dict.fromkeys(remarks))
    more = len(different) - _MAX_REMARKS
    if more <= 0:
        return different
    return [*different[:_MAX_REMARKS], f"{more} more {word} annotations omitted"]
