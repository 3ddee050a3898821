"""What lasts and ends well or not: one line records its families and carries its span.

An operation is a context manager, also an asynchronous one, and a decorator of functions
and of coroutine functions::

    with execution.wasm_execution() as run:
        run.exit_code = sandbox.execute(module)

    @economic.payment(method="channel")
    def pay(...): ...
"""

from __future__ import annotations

import copy
import functools
import inspect
import logging
import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar, cast
from uuid import UUID

from zerostate_monitoring import tracing
from zerostate_monitoring.logs import context
from zerostate_monitoring.logs.optional import loaded
from zerostate_monitoring.tracing import names

Amount: TypeAlias = float | Decimal
"""How much: what databases give for money, too."""
Id: TypeAlias = str | int | UUID
"""Who or what has a series of its own; its text is the label."""

logger = logging.getLogger(__name__)

LONGEST_WORD: Final = 200
"""Characters of a label's value."""
_LARGEST: Final = sys.float_info.max
_BOUND: Final = {names.PEER_ID: "node", names.GUILD_ID: "guild", names.CHANNEL_ID: "channel"}
"""What of a span's attributes the lines of an operation have, too, and by which key."""
_F = TypeVar("_F", bound=Callable[..., Any])


class Operation(ABC):
    """One run of something; ``ok`` until it raises or ``fail`` is called.

    ``seconds`` is how long it took, once it is over.
    """

    span_name: str
    seconds: float = 0.0
    ok: bool = True
    reason: str = ""

    _began: float = 0.0
    _span: tracing.Span
    _bound: Mapping[str, Any]

    @abstractmethod
    def record(self) -> None:
        """Count what happened; called once, at the end."""

    @property
    def attributes(self) -> Mapping[str, tracing.Attribute]:
        """What the span says from the beginning."""
        return {}

    @property
    def outcome(self) -> Mapping[str, tracing.Attribute]:
        """What the span says once it is over."""
        return {}

    def fail(self, reason: str = "") -> None:
        """It did not end well, though nothing was raised; ``reason`` is a bounded word."""
        self.ok, self.reason = False, word("reason", reason)

    def __enter__(self) -> Self:
        # What it would say is put together only where somebody may read it.
        is_traced, is_bound = tracing.is_possible(), loaded("structlog") is not None
        attributes = self.attributes if is_traced or is_bound else {}
        self._bound = context.begin(
            {key: attributes[name] for name, key in _BOUND.items() if name in attributes}
        )
        self._span = (
            tracing.start_span(self.span_name, attributes) if is_traced else tracing.NOTHING
        )
        self._began = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds = perf_counter() - self._began
        if error is not None:
            self.ok = False
            self.reason = self.reason or _word(error)
        try:
            self.record()
        finally:
            self._end_span(error)
            context.end(self._bound)

    def _end_span(self, error: BaseException | None) -> None:
        """End the span, and say in a line of the log, which names it, what did not end well."""
        if not self.ok:
            details = {"operation": self.span_name, "reason": self.reason or "error"}
            logger.warning("operation_failed", extra={**details, "seconds": self.seconds})
        if self._span is not tracing.NOTHING:
            for name, value in self.outcome.items():
                self._span.set_attribute(name, value)
            if not self.ok:
                self._span.fail(self.reason or "error")
        self._span.end(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: _F) -> _F:
        """Make each call of ``function`` an operation of its own."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                with copy.copy(self):
                    return await function(*args, **kwargs)

            return cast("_F", awaited)

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with copy.copy(self):
                return function(*args, **kwargs)

        return cast("_F", called)


class Step(Operation):
    """A part of something greater: it has a span, and no family of its own.

    ``failed`` counts that it failed, and why, where there is a family for that.
    """

    def __init__(
        self,
        span_name: str,
        attributes: Mapping[str, object] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        self.span_name = span_name
        self._said: Final = said(attributes or {})
        self._failed: Final = failed

    @property
    def attributes(self) -> Mapping[str, tracing.Attribute]:
        return self._said

    def record(self) -> None:
        if not self.ok and self._failed is not None:
            self._failed(self.reason or "error")


def said(attributes: Mapping[str, object]) -> dict[str, tracing.Attribute]:
    """Attributes of a span: those that are known; ids and amounts as text and numbers."""
    return {
        name: value if isinstance(value, str | bool | int | float) else _plain(value)
        for name, value in attributes.items()
        if value is not None
    }


def _plain(value: object) -> tracing.Attribute:
    return float(value) if isinstance(value, Decimal) else str(value)


def _word(error: BaseException) -> str:
    """The kind of an error in a bounded word: never its text, which may hold anything."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, MemoryError):
        return "out_of_memory"
    return "error"


def checked(name: str, amount: Amount) -> float:
    """``amount``, which must be a finite number of 0 or more; what is no float becomes one.

    Raises:
        ValueError: it is none; the message names it.
        TypeError: it is no number at all; the message names it.
    """
    if (type(amount) is float or type(amount) is int) and 0 <= amount <= _LARGEST:
        return amount
    number = _as_float(name, amount)
    if not 0 <= number < math.inf:
        raise ValueError(f"{name} must be a finite number of 0 or more, not {number!r}")
    return number


def known(name: str, amount: Amount | None) -> float | None:
    """The same for what is not always known."""
    return None if amount is None else checked(name, amount)


def finite(name: str, amount: Amount) -> float:
    """The same for what may also be below 0."""
    number = _as_float(name, amount)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, not {number!r}")
    return number


def _as_float(name: str, amount: object) -> float:
    # Text can be read as a number, too; but whoever gives text has mixed something up.
    if hasattr(amount, "__float__"):
        try:
            return float(amount)
        except OverflowError:
            return math.inf
        except ValueError:  # a decimal's signaling NaN
            return math.nan
        except TypeError:
            pass
    raise TypeError(f"{name} must be a number, not {type(amount).__name__}")


def word(name: str, value: Id | None) -> str:
    """``value`` as a label: the same text, however an id or word is held by the caller.

    One that is too long for a page is cut, and ends in a digest by which it is told from others.

    Raises:
        TypeError: there is none; the message names it.
    """
    if type(value) is str:
        return value if len(value) <= LONGEST_WORD else _cut(value)
    if value is None:
        raise TypeError(f"{name} must be a word or an id, not None")
    # An enum's member that is text is meant by its text, not by its name.
    text = str.__str__(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_WORD else _cut(text)


def _cut(text: str) -> str:
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[: LONGEST_WORD - 17]}…{digest}"
