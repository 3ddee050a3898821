"""How to make the kept frame of a page: which values, in which order, added up or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.frames.exemplar import Exemplar, Labels
from zerostate_monitoring.frames.frame import Frame, Values
from zerostate_monitoring.frames.schema import Schema

Indices = npt.NDArray[np.intp]

_MAX_JOINED: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """How to make the kept frame of a page with one schema.

    The page's samples ``take`` come in groups, each of which makes one sample of
    ``schema``. Where every group has one sample, ``starts`` is ``None``; else it says
    where in ``take`` each begins, and a group is added up or, for those in ``maxima``,
    gives its highest value. The groups' places in ``schema`` are ``places``, or ``None``
    where group ``i`` makes sample ``i``; samples without a group are 0. ``refused`` maps
    families to why they were left out; ``dropped`` counts series that nothing names;
    ``overflow`` counts, by family, the series folded into ``other``; ``members`` says, by
    family and as text, which were not, for the next scrape.
    """

    schema: Schema
    take: Indices
    starts: Indices | None
    maxima: Indices
    places: Indices | None
    refused: Mapping[str, str]
    dropped: int
    overflow: Mapping[str, int]
    members: Mapping[str, str]
    _joined: dict[Schema, Schema] = field(default_factory=dict, init=False, repr=False)

    def apply(self, page: Frame, labels: Labels) -> Frame:
        """The kept samples of ``page``, with the constant ``labels``."""
        values: Values = page.values[self.take]
        if self.starts is not None:
            values = self._grouped(values, self.starts)
        if self.places is not None:
            placed = np.zeros(self.schema.size, np.float64)
            placed[self.places] = values
            values = placed
        exemplars = self._exemplars(page) if page.exemplars else {}
        return Frame(self.schema, values, page.at, labels, exemplars)

    def after(self, first: Schema) -> Schema:
        """The schema of a frame that begins with ``first``; remembers a few."""
        found = self._joined.get(first)
        if found is None:
            if len(self._joined) >= _MAX_JOINED:
                self._joined.clear()
            found = self._joined[first] = Schema((*first.families, *self.schema.families))
        return found

    def _grouped(self, values: Values, starts: Indices) -> Values:
        joined: Values = np.add.reduceat(values, starts)
        if self.maxima.size:
            joined[self.maxima] = np.fmax.reduceat(values, starts)[self.maxima]
        return joined

    def _exemplars(self, page: Frame) -> dict[int, Exemplar]:
        groups = np.arange(len(self.take))
        if self.starts is not None:
            groups = np.searchsorted(self.starts, groups, side="right") - 1
        into = groups if self.places is None else self.places[groups]
        found = dict(zip(self.take.tolist(), into.tolist(), strict=True))
        return {found[i]: e for i, e in page.exemplars.items() if i in found}
