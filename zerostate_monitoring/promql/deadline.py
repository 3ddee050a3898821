"""The time of the query that is answered, for loops that may take longer than all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

Item = TypeVar("Item")

_EVERY: Final = 1000


def _endless() -> None:
    """Time without a limit."""


_check: Final[ContextVar[Callable[[], None]]] = ContextVar("deadline", default=_endless)


@contextmanager
def watched(check: Callable[[], None]) -> Iterator[None]:
    """Inside of it ``check_time`` is ``check``, which raises when the time is over."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def check_time() -> None:
    """Raise ``QueryTimeoutError`` if the time of the query is over."""
    _check.get()()


def in_time(items: Iterable[Item]) -> Iterator[Item]:
    """The items, as long as there is time."""
    check = _check.get()
    for number, item in enumerate(items):
        if not number % _EVERY:
            check()
        yield item
