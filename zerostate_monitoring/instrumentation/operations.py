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
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar, cast

from zerostate_monitoring import tracing

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
        self.ok, self.reason = False, reason

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


def checked(name: str, amount: float) -> float:
    """``amount``, which must be a finite number of 0 or more.

    Raises:
        ValueError: it is none; the message names it.
    """
    if not 0 <= amount < math.inf:
        raise ValueError(f"{name} must be a finite number of 0 or more, not {amount!r}")
    return amount
