"""Shapes of the families that the platform feeds: state, outcome, window, ratio."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer, Measure

OTHER: Final = "other"
WINDOWS: Final[Mapping[str, int]] = {"1h": 3600, "24h": 86400}
"""Values of the label ``window``, and their seconds."""

COUNTED_ROWS: Final = (
    "From the platform: rows of its table. Rows that are purged stay counted, and a replica that"
    " lags counts nothing twice; what came between the last look before a purge and the look that"
    " finds it may be missing."
)

gauge = partial(Definition, kind=Kind.GAUGE, feeds=(Feed.PLATFORM,))
counter = partial(Definition, kind=Kind.COUNTER, feeds=(Feed.PLATFORM,), measure=Measure.COUNTER)
execution = partial(gauge, layer=Layer.EXECUTION)
economic = partial(gauge, layer=Layer.ECONOMIC)
units = partial(economic, unit="units")
ratio = partial(
    economic,
    unit="ratio",
    measure=Measure.WINDOW,
    labels=("window",),
    values={"window": (*WINDOWS,)},
)


def state(name: str, text: str, label: str, *values: str, unit: str = "") -> Definition:
    """A gauge with one label, whose known values and ``other`` are always there."""
    return economic(
        name=name, help=text, labels=(label,), values={label: (*values, OTHER)}, unit=unit
    )


def window(name: str, text: str, *, unit: str = "", note: str = "") -> Definition:
    """A gauge of what happened in each window."""
    return economic(
        name=name,
        help=text,
        unit=unit,
        measure=Measure.WINDOW,
        labels=("window",),
        values={"window": (*WINDOWS,)},
        note=note,
    )


def mean(name: str, text: str, *, count: str, unit: str) -> Definition:
    """A gauge of the mean over what happened in each window; ``count`` is the family of how many.

    A mean of nothing is no sample.
    """
    return window(name, text, unit=unit, note=f"Of {count}; no sample where that is 0.")


def outcomes(name: str, text: str, *outcomes: str, unit: str = "", note: str = "") -> Definition:
    """A gauge of how things ended in each window."""
    return economic(
        name=name,
        help=text,
        unit=unit,
        measure=Measure.WINDOW,
        labels=("outcome", "window"),
        values={"outcome": outcomes, "window": (*WINDOWS,)},
        note=note,
    )
