"""Which traces are recorded: the parent decides; where there is none, a share of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes


def sampler(ratio: float, *, trusts_callers: bool) -> Sampler:
    """Parent-based, with ``ratio`` of the roots; 0 is none, whatever a parent says."""
    if ratio <= 0:
        return ALWAYS_OFF
    based = ParentBased(ALWAYS_ON if ratio >= 1 else TraceIdRatioBased(ratio))
    return based if trusts_callers else Distrusting(based, ratio)


class Distrusting(Sampler):
    """Does not let who calls by HTTP decide; tasks and whatever is beneath a span follow it.

    By lot: a share by the trace's id would be the caller's choice again.
    """

    def __init__(self, based: Sampler, ratio: float) -> None:
        self._based: Final = based
        self._ratio: Final = ratio

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """See ``Sampler``."""
        parent = trace.get_current_span(parent_context).get_span_context()
        chosen = self._based
        if kind is SpanKind.SERVER and parent.is_valid and parent.is_remote:
            chosen = ALWAYS_ON if random.random() < self._ratio else ALWAYS_OFF  # noqa: S311 - a lot
        return chosen.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """See ``Sampler``."""
        return f"Distrusting{{{self._based.get_description()}}}"
