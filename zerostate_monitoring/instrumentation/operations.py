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
import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from time import perf_counter
from types import TracebackType
from typing import Any, ClassVar, Final, Self, TypeAlias, TypeVar, cast
from uuid import UUID

from zerostate_monitoring import tracing

Amount: TypeAlias = float | Decimal
"""How much: what databases give for money, too."""
Id: TypeAlias = str | int | UUID
"""Who or what has a series of its own; its text is the label."""

_LARGEST: Final = sys.float_info.max
_F = TypeVar("_F", bound=Callable[..., Any])


class Operation(ABC):
    """One run of something; ``ok`` until it raises or ``fail`` is called.

    ``seconds`` is how long it took, once it is over.
    """

    span_name: ClassVar[str]
    seconds: float = 0.0
    ok: bool = True
    reason: str = ""

    _began: float = 0.0
    _span: tracing.Span

    @abstractmethod
    def record(self) -> None:
        """Count what happened; called once, at the end."""

    @property
    def attributes(self) -> Mapping[str, tracing.Attribute]:
        """What the span says from the beginning."""
        return {}

    def fail(self, reason: str = "") -> None:
        """It did not end well, though nothing was raised; ``reason`` is a bounded word."""
        self.ok, self.reason = False, word("reason", reason)

    def __enter__(self) -> Self:
        self._span = tracing.start_span(self.span_name, self.attributes)
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

    Raises:
        TypeError: there is none; the message names it.
    """
    if type(value) is str:
        return value
    if value is None:
        raise TypeError(f"{name} must be a word or an id, not None")
    # An enum's member that is text is meant by its text, not by its name.
    return str.__str__(value) if isinstance(value, str) else str(value)
