"""What a request asks: its endpoint and its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from zerostate_monitoring.api.errors import bad_data, invalid, located
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql import parameters
from zerostate_monitoring.promql.querier import ALWAYS, Matchers, Options, Window
from zerostate_monitoring.promql.selectors import parse_selector

T = TypeVar("T")

MAX_POINTS: Final = 11_000
_TOO_FINE: Final = (
    "exceeded maximum resolution of 11,000 points per timeseries. "
    "Try decreasing the query resolution (?step=XX)"
)
_NO_STEP: Final = (
    "zero or negative query resolution step widths are not accepted. Try a positive integer"
)
MAX_SELECTORS: Final = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """Parameters by name, those of a form before those of the address. ``now_ms`` is now."""

    values: Mapping[str, Sequence[str]]
    now_ms: int

    def text(self, name: str) -> str:
        """The first value; empty where there is none."""
        return next(iter(self.values.get(name, ())), "")

    def limit(self) -> int:
        """How many items are wanted; 0 is all."""
        return _read("limit", parameters.count, self.text("limit"))

    def time_ms(self, name: str, default: int | None = None) -> int:
        """An instant; without a default it must be there."""
        text = self.text(name)
        if text or default is None:
            return _read(name, parameters.time_ms, text)
        return default

    def at_ms(self) -> int:
        """The instant of an instant query: now, where nothing is said."""
        text = self.text("time")
        if not text:
            return self.now_ms
        return _read("time", _named_time("time"), text)

    def window(self) -> Window:
        """The span that ``start`` and ``end`` leave, each of which may be missing."""
        start, end = self.text("start"), self.text("end")
        return Window(
            _read("start", _named_time("start"), start) if start else ALWAYS.start_ms,
            _read("end", _named_time("end"), end) if end else ALWAYS.end_ms,
        )

    def steps(self) -> tuple[int, int, int]:
        """Start, end and step of a range query, in milliseconds."""
        start, end = self.time_ms("start"), self.time_ms("end")
        if end < start:
            raise invalid("end", "end timestamp must not be before start time")
        nanoseconds = _read("step", parameters.duration_ns, self.text("step"))
        if nanoseconds <= 0:
            raise invalid("step", _NO_STEP)
        if (end - start) * 1_000_000 // nanoseconds > MAX_POINTS:
            raise bad_data(_TOO_FINE)
        # A millisecond is the shortest step that there is.
        step = max(1, nanoseconds // 1_000_000)
        return start, end, step

    def options(self) -> Options:
        """How the query is to be answered."""
        timeout, lookback = self.text("timeout"), self.text("lookback_delta")
        seconds = _read("timeout", parameters.duration_ns, timeout) / 1e9 if timeout else None
        return Options(seconds, _lookback_ms(lookback) if lookback else None)

    def selectors(self, *, named: bool = False) -> tuple[Matchers, ...]:
        """What ``match[]`` selects; ``named`` errors say which parameter is wrong."""
        texts = self.values.get("match[]", ())
        if len(texts) > MAX_SELECTORS:
            raise bad_data(f"there are more than {MAX_SELECTORS} match[] parameters")
        try:
            return tuple(_matchers(text) for text in texts)
        except ValueError as error:
            raise (invalid("match[]", error) if named else bad_data(str(error))) from error


def _read(name: str, reader: Callable[[str], T], text: str) -> T:
    try:
        return reader(text)
    except ValueError as error:
        raise invalid(name, error) from error


def _named_time(name: str) -> Callable[[str], int]:
    """Read a time whose error says its parameter twice, as Prometheus does."""

    def read(text: str) -> int:
        try:
            return parameters.time_ms(text)
        except ValueError as error:
            raise ValueError(f"invalid time value for '{name}': {error}") from error

    return read


def _lookback_ms(text: str) -> int | None:
    """How old a sample may be; 0 and less leave it to the engine."""
    try:
        milliseconds = parameters.duration_ms(text)
    except ValueError as error:
        raise bad_data(f"error parsing lookback delta duration: {error}") from error
    return milliseconds if milliseconds > 0 else None


def _matchers(text: str) -> Matchers:
    try:
        return parse_selector(text)
    except QuerySyntaxError as error:
        raise ValueError(located(error, text)) from error
