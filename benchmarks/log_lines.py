"""One line of log against bare structlog, and a storm of lines.

Ours escapes, redacts, cuts and adds the context; bare structlog, with the processors that its
documentation shows for JSON through the standard library, does none of that. Both write an
event with five keys, in a request's context, to the same kind of handler.
"""

from __future__ import annotations

import io
import logging
import statistics
import timeit
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import structlog

from benchmarks.measuring import headline
from zerostate_monitoring.logs.chain import formatter
from zerostate_monitoring.logs.sampling import EventFilter
from zerostate_monitoring.logs.tally import Tally

CALLS: Final = 20_000
ROUNDS: Final = 7
STORM: Final = 100_000
KEYS: Final = {
    "collector": "economic", "seconds": 1.25, "samples": 1200, "kind": "timeout",
    "url": "https://node-17.example:9090/metrics",
}  # fmt: skip


_numbers: Final = count()


def _fresh() -> dict[str, object]:
    number = next(_numbers)
    return {**KEYS, "url": f"https://node-{number}.example:9090/metrics", "kind": f"k{number}"}


class _Nowhere(io.TextIOBase):
    """A stream that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def figures(calls: int = CALLS, storm: int = STORM) -> Iterator[tuple[str, object]]:
    """Microseconds of a line, bare structlog's, and lines of a storm per second."""
    structlog.contextvars.bind_contextvars(request_id="r" * 36, user_id="7")
    try:
        yield from _figures(calls, storm)
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()


def _figures(calls: int, storm: int) -> Iterator[tuple[str, object]]:
    ours = formatter("json", {"service": "bench"})
    foreign, native = _logger("bench.ours", ours), structlog.get_logger("bench.ours")
    bare = _logger("bench.bare", _bare())
    detail = {
        "us": microseconds(lambda: foreign.warning("collection_failed", extra=KEYS), calls),
        # No value has been seen before.
        "fresh_us": microseconds(
            lambda: foreign.warning("collection_failed", extra=_fresh()), calls
        ),
        "structlog_event_us": microseconds(
            lambda: native.warning("collection_failed", **KEYS), calls
        ),
        "bare_structlog_us": microseconds(
            lambda: bare.warning("collection_failed", extra=KEYS), calls
        ),
    }
    detail["ratio"] = detail["us"] / detail["bare_structlog_us"]
    yield from headline("log_line_us", detail, "us")
    yield "log_storm", _storm(ours, storm)


def microseconds(call: Callable[[], object], calls: int) -> float:
    """The median of some rounds, per call."""
    rounds = timeit.repeat(call, number=calls, repeat=ROUNDS)
    return statistics.median(rounds) / calls * 1e6


def _storm(made: logging.Formatter, number: int) -> dict[str, float]:
    """One event as often as it goes, through sampling."""
    tally = Tally()
    chosen = EventFilter(tally=tally)
    logger = _logger("bench.storm", made, chosen)
    seconds = timeit.timeit(lambda: logger.error("it_failed", extra=KEYS), number=number)
    seen, dropped = tally.fetch()
    written = sum(seen.values()) - sum(dropped.values())
    return {"lines": number, "lines_per_second": number / seconds, "written": written}


def _logger(
    name: str, made: logging.Formatter, chosen: logging.Filter | None = None
) -> logging.Logger:
    handler = logging.StreamHandler(_Nowhere())
    handler.setFormatter(made)
    if chosen is not None:
        handler.addFilter(chosen)
    logger = logging.getLogger(name)
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return logger


def _bare() -> logging.Formatter:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
    )
