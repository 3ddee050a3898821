"""Spans around what is worth following, over whatever OpenTelemetry is at work; else nothing.

A span is current from its beginning to its end: log lines, queries and calls between these
belong to it. Errors are named by their type, never by their text, which may hold anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.tracing import names
from zerostate_monitoring.tracing.optional import active, loaded

Attribute = str | float | bool
_NO_ATTRIBUTES: Final[Mapping[str, Attribute]] = {}

OWN_SCOPE: Final = "zerostate/"
"""What the names of this app's tracers begin with."""

INTERNAL: Final = "INTERNAL"
SERVER: Final = "SERVER"
CLIENT: Final = "CLIENT"


class Span(Protocol):
    """What an operation does with its span."""

    def set_attribute(self, name: str, value: Attribute, /) -> None:
        """Say something of the operation."""

    def add_event(self, name: str, attributes: Mapping[str, Attribute] | None = None, /) -> None:
        """Something happened meanwhile."""

    def fail(self, reason: str, /) -> None:
        """The operation did not end well; ``reason`` is a bounded word."""

    def rename(self, name: str, /) -> None:
        """Only now it is known what is done."""

    def leave(self) -> None:
        """Be current no more, in the task or thread that began it; it goes on."""

    def end(self, error: BaseException | None = None) -> None:
        """The operation is over."""


class NoSpan:
    """A span that nobody records."""

    __slots__ = ()

    def set_attribute(self, name: str, value: Attribute, /) -> None:
        """Nothing."""

    def add_event(self, name: str, attributes: Mapping[str, Attribute] | None = None, /) -> None:
        """Nothing."""

    def fail(self, reason: str, /) -> None:
        """Nothing."""

    def rename(self, name: str, /) -> None:
        """Nothing."""

    def leave(self) -> None:
        """Nothing."""

    def end(self, error: BaseException | None = None) -> None:
        """Nothing."""


NOTHING: Final = NoSpan()


class LiveSpan:
    """A span of OpenTelemetry's, made current."""

    __slots__ = ("_context", "_span", "_token", "_trace")

    def __init__(self, trace: Any, span: Any, parent: Any) -> None:
        self._trace: Final = trace
        self._span: Final = span
        self._context: Final = sys.modules["opentelemetry.context"]
        self._token: Any = self._context.attach(trace.set_span_in_context(span, parent))

    def set_attribute(self, name: str, value: Attribute, /) -> None:
        """See ``Span``."""
        self._span.set_attribute(name, value)

    def add_event(self, name: str, attributes: Mapping[str, Attribute] | None = None, /) -> None:
        """See ``Span``."""
        self._span.add_event(name, attributes)

    def fail(self, reason: str, /) -> None:
        """See ``Span``."""
        self._span.set_attribute(names.ERROR_TYPE, reason)
        self._span.set_status(self._trace.StatusCode.ERROR, reason)

    def rename(self, name: str, /) -> None:
        """See ``Span``."""
        self._span.update_name(name)

    def leave(self) -> None:
        """See ``Span``."""
        token, self._token = self._token, None
        if token is not None:
            self._context.detach(token)

    def end(self, error: BaseException | None = None) -> None:
        """See ``Span``."""
        if error is not None:
            self._span.add_event(names.EXCEPTION, {names.EXCEPTION_TYPE: type(error).__qualname__})
            self.fail(_kind(error))
        self.leave()
        self._span.end()


def start_span(
    name: str,
    attributes: Mapping[str, Attribute] = _NO_ATTRIBUTES,
    *,
    kind: str = INTERNAL,
    parent: Any = None,
) -> Span:
    """Begin a span and make it current; ``name`` is dotted, such as ``wasm.execute``.

    Beneath a span that is not recorded there is nothing to record. ``parent`` is a context
    from elsewhere, as ``carrier.context_of`` reads it; the current one if left out.
    """
    trace = active()
    if trace is None:
        return NOTHING if parent is None else _passed_on(parent)
    if parent is None and _is_left_out(trace):
        return NOTHING
    span = _tracer(trace, name).start_span(
        name, parent, trace.SpanKind[kind], {**attributes} if attributes else None
    )
    if not _begun and span.is_recording():
        _tell_first()
    # One that is not sampled must still be known beneath it.
    return LiveSpan(trace, span, parent) if span.get_span_context().is_valid else NOTHING


@contextmanager
def span(
    name: str, attributes: Mapping[str, Attribute] = _NO_ATTRIBUTES, *, kind: str = INTERNAL
) -> Iterator[Span]:
    """A span around a block, or, as a decorator, around each call of a function."""
    started = start_span(name, attributes, kind=kind)
    try:
        yield started
    except BaseException as error:
        started.end(error)
        raise
    started.end()


@contextmanager
def call(name: str, attributes: Mapping[str, Attribute] = _NO_ATTRIBUTES) -> Iterator[Span]:
    """A call to the outside; only beneath a span that is recorded, never one of its own."""
    if not is_recording():
        yield NOTHING
        return
    with span(name, attributes, kind=CLIENT) as started:
        yield started


def is_possible() -> bool:
    """Whether anything could be recorded in this process: an SDK is set up."""
    return active() is not None


def is_recording() -> bool:
    """Whether the current span is recorded."""
    trace = active()
    return trace is not None and bool(trace.get_current_span().is_recording())


def exemplar_labels() -> dict[str, str] | None:
    """What an exemplar says of the current span; None where none is sampled."""
    trace = active()
    if trace is None:
        return None
    span = trace.get_current_span()
    if not span.is_recording():
        return None
    context = span.get_span_context()
    if not context.trace_flags.sampled:
        return None
    return {
        "trace_id": format(context.trace_id, "032x"),
        "span_id": format(context.span_id, "016x"),
    }


def _kind(error: BaseException) -> str:
    """An error in a bounded word: how a source failed, else the error's type."""
    return error.kind if isinstance(error, SourceError) else type(error).__qualname__


_begun: Final[list[bool]] = []
_waiting: Final[list[Callable[[], None]]] = []


def has_begun() -> bool:
    """Whether this process has recorded a span, ever."""
    return bool(_begun)


def when_begun(tell: Callable[[], None]) -> None:
    """Call ``tell`` with the first span that this process records."""
    _waiting.append(tell)


def _tell_first() -> None:
    _begun.append(True)
    for tell in _waiting:
        tell()


def _passed_on(parent: Any) -> Span:
    """Nobody records here; whoever is called beneath still hears of the caller's trace."""
    trace = loaded()
    return LiveSpan(trace, trace.get_current_span(parent), parent)


def _is_left_out(trace: Any) -> bool:
    above = trace.get_current_span().get_span_context()
    return bool(above.is_valid and not above.trace_flags.sampled)


_tracers: Final[dict[tuple[Any, str], Any]] = {}


def _tracer(trace: Any, name: str) -> Any:
    """The tracer of a span's layer; making one costs more than a span."""
    key = trace.get_tracer_provider(), name.partition(".")[0]
    found = _tracers.get(key)
    if found is None:
        found = _tracers[key] = trace.get_tracer(f"{OWN_SCOPE}{key[1]}")
    return found
