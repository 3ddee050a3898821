"""A trace that stands for one sample; light, for those who only name it."""

from __future__ import annotations

from typing import NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Label pairs, sorted by name."""


class Exemplar(NamedTuple):
    """A trace that stands for one sample."""

    labels: Labels
    value: float
    timestamp: float | None
