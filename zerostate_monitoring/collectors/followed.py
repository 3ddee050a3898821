"""A collector's run as a span: which one, how many samples, and how it failed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from zerostate_monitoring import tracing
from zerostate_monitoring.collectors.outcome import Outcome
from zerostate_monitoring.tracing import names

P = ParamSpec("P")


def followed(run: Callable[P, Outcome]) -> Callable[P, Outcome]:
    """``run``, whose first argument is a collector's name, inside a span of its own."""

    @wraps(run)
    def inside(*args: P.args, **kwargs: P.kwargs) -> Outcome:
        name = str(args[0])
        with tracing.span(names.COLLECT, {names.COLLECTOR: name}) as span:
            outcome = run(*args, **kwargs)
            span.set_attribute(names.COUNT, outcome.samples)
            if outcome.error_kind:
                span.fail(outcome.error_kind)
        return outcome

    return inside
