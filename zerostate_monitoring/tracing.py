"""Spans around what is worth following; they do nothing in this version.

The one door to tracing: an operation of ``instrumentation`` opens its span here, so that a
thing that is counted is traced by the same line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

Attribute = str | float | bool


class Span(Protocol):
    """What an operation does with its span."""

    def set_attribute(self, name: str, value: Attribute, /) -> None:
        """Say something of the operation."""

    def end(self, error: BaseException | None = None) -> None:
        """The operation is over."""


class NoSpan:
    """A span that nobody records."""

    __slots__ = ()

    def set_attribute(self, name: str, value: Attribute, /) -> None:
        """Nothing."""

    def end(self, error: BaseException | None = None) -> None:
        """Nothing."""


_NOTHING: Final = NoSpan()


def start_span(name: str, attributes: Mapping[str, Attribute]) -> Span:
    """Begin a span; ``name`` is dotted, such as ``wasm.execute``."""
    return _NOTHING
