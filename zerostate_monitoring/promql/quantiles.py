"""Warnings of what is asked for and is no quantile."""

from __future__ import annotations

import numpy as np

from zerostate_monitoring.promql.data import Floats
from zerostate_monitoring.promql.nodes import Span
from zerostate_monitoring.promql.spelling import general
from zerostate_monitoring.promql.steps import Steps


def check_quantiles(steps: Steps, q: Floats, span: Span) -> None:
    """Warn of each value that is no quantile."""
    wrong = q[~((q >= 0) & (q <= 1))]
    for value in dict.fromkeys(map(general, wrong.tolist())):
        steps.warn(f"a quantile lies between 0 and 1, not at {value}", span)


def check_extreme_quantiles(steps: Steps, q: Floats, span: Span) -> None:
    """Warn as an aggregation does: of what is no number, else of the extremes that are wrong."""
    told = [np.nan] if np.isnan(q).any() else [q.max(initial=1), q.min(initial=0)]
    check_quantiles(steps, np.array(told), span)
