"""What all lines of one request, task or step of work have in common.

The context is structlog's own, so that a project's lines have it, too. Where nobody has set
structlog up there is nothing to bind to, and binding does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

from zerostate_monitoring.logs.optional import loaded

KEYS: Final = (
    *("request_id", "correlation_id", "user_id", "task_id", "task", "parent_task_id"),
    *("node", "guild", "channel"),
)
"""What is bound; a project may bind more for itself."""
CARRIED: Final = frozenset({*KEYS} - {"task", "task_id"})
"""What goes along; a task has an id and a name of its own."""
LONGEST: Final = 200
"""Characters of a bound value."""


class Deferred(Protocol):
    """A bound value that is not known yet: it is asked for with each line."""

    def resolve(self) -> str | None:
        """The value; None while it is not known. Costs nothing and never raises."""


_MODULE: Final = "structlog.contextvars"
_NOTHING: Final[Mapping[str, Any]] = {}


def bind(**values: object) -> None:
    """Let all lines that follow in this request or task have these keys; None takes one away."""
    contextvars = loaded(_MODULE)
    if contextvars is None:
        return
    gone = [key for key, value in values.items() if value is None]
    contextvars.unbind_contextvars(*gone)
    contextvars.bind_contextvars(**_texts(values))


@contextmanager
def bound(**values: object) -> Iterator[None]:
    """The same for a block: ``with logs.bound(node="node-1"): …``."""
    contextvars = loaded(_MODULE)
    if contextvars is None:
        yield
        return
    with contextvars.bound_contextvars(**_texts(values)):
        yield


def begin(values: Mapping[str, object]) -> Mapping[str, Any]:
    """Bind ``values``; ``end`` with what is given back lets stand again what stood before."""
    contextvars = loaded(_MODULE) if values else None
    if contextvars is None:
        return _NOTHING
    before: Mapping[str, Any] = contextvars.bind_contextvars(**_texts(values))
    return before


def end(before: Mapping[str, Any]) -> None:
    """Take back what ``begin`` has bound; harmless where that was done in another context."""
    if before and (contextvars := loaded(_MODULE)) is not None:
        # Begun in one task and ended in another: the other's context is not ours to change.
        with suppress(ValueError, RuntimeError):
            contextvars.reset_contextvars(**before)


def clear() -> None:
    """Forget everything that is bound: a request or task is over."""
    if (contextvars := loaded(_MODULE)) is not None:
        contextvars.clear_contextvars()


def current() -> dict[str, Any]:
    """What is bound and known."""
    contextvars = loaded(_MODULE)
    return {} if contextvars is None else resolved(contextvars.get_contextvars())


def defer(**values: Deferred) -> None:
    """Bind what is not known yet."""
    if (contextvars := loaded(_MODULE)) is not None:
        contextvars.bind_contextvars(**values)


def resolved(context: Mapping[str, Any]) -> dict[str, Any]:
    """``context`` with what was deferred, as far as that is known."""
    known = {
        key: value.resolve() if hasattr(value, "resolve") else value
        for key, value in context.items()
    }
    return {key: value for key, value in known.items() if value is not None}


def carried(context: object) -> dict[str, str]:
    """What of ``context`` goes into or comes out of a message: known keys, short texts."""
    if not isinstance(context, Mapping):
        return {}
    return _texts({key: value for key, value in resolved(context).items() if key in CARRIED})


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {
        key: value[:LONGEST] if isinstance(value, str) else str(value)[:LONGEST]
        for key, value in values.items()
        if value is not None
    }
