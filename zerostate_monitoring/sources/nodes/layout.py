"""What one page keeps between two scrapes: the heads of its lines, and their meaning."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.frames.exemplar import Exemplar
from zerostate_monitoring.frames.frame import Frame, Values
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.sources.nodes.families import Families
from zerostate_monitoring.sources.nodes.lines import (
    Head,
    parse_head,
    parse_metadata,
    parse_rest,
    split_line,
)
from zerostate_monitoring.sources.nodes.numbers import read_numbers

_BEARERS: Final = frozenset({("counter", "_total"), ("histogram", "_bucket")})


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A page without its values.

    ``lines[i]`` is all of a line but its value; ``samples`` marks, a byte per line, those
    that have one, and ``cuts`` says where it begins. ``order[i]`` is the sample line of
    the schema's i-th sample, or ``None`` where the page is in that order already.
    """

    openmetrics: bool
    lines: tuple[str, ...]
    samples: bytes
    metadata: tuple[int, ...]
    heads: tuple[str, ...]
    parsed: tuple[Head, ...]
    fixed: int
    order: npt.NDArray[np.intp] | None
    schema: Schema
    refused: Mapping[str, str]

    def known(self) -> dict[str, Head]:
        """The heads that need not be read again when the page has changed."""
        return dict(zip(self.heads, self.parsed, strict=True))

    def read(self, text: str, at: float) -> Frame | None:
        """The frame of a page that differs from this one by its values alone, else ``None``.

        Every line is compared, so a page that differs in anything else is never misread.
        """
        lines = text.split("\n")
        if len(lines) != len(self.lines):
            return None
        if any(lines[index] != self.lines[index] for index in self.metadata):
            return None
        rests = list(map(str.removeprefix, compress(lines, self.samples), self.heads))
        joined = ",".join(rests)
        # removeprefix takes away the whole head or nothing: the sum tells of any that stayed.
        if len(joined) - max(len(rests) - 1, 0) + self.fixed != len(text):
            return None
        try:
            return self._frame(rests, joined, at)
        except ValueError:
            return None  # the full parse names the line

    def frame(self, rests: Sequence[str], at: float) -> Frame:
        """Put values to the heads.

        Raises:
            ValueError: one is no number.
        """
        return self._frame(rests, ",".join(rests), at)

    def _frame(self, rests: Sequence[str], joined: str, at: float) -> Frame:
        exemplars: dict[int, Exemplar] = {}
        values = read_numbers(rests, joined)
        if values is None:
            values = self._careful(rests, exemplars)
        return self._ordered(values, at, exemplars)

    def _careful(self, rests: Sequence[str], exemplars: dict[int, Exemplar]) -> Values:
        values = np.empty(len(rests), np.float64)
        for row, rest in enumerate(rests):
            values[row], exemplar = parse_rest(rest, openmetrics=self.openmetrics)
            if exemplar is not None:
                exemplars[row] = exemplar
        return values

    def _ordered(self, values: Values, at: float, exemplars: dict[int, Exemplar]) -> Frame:
        if self.order is None:
            return Frame(self.schema, values, at, (), borne(self.schema, exemplars))
        if exemplars:
            places = {row: place for place, row in enumerate(self.order.tolist())}
            exemplars = {places[row]: e for row, e in exemplars.items() if row in places}
        return Frame(self.schema, values[self.order], at, (), borne(self.schema, exemplars))


def borne(schema: Schema, exemplars: dict[int, Exemplar]) -> dict[int, Exemplar]:
    """The exemplars that stand where one may: on counters' totals and histograms' buckets."""
    if not exemplars:
        return exemplars
    starts = list(accumulate((len(family.samples) for family in schema.families), initial=0))

    def bears(index: int) -> bool:
        place = bisect_right(starts, index) - 1
        family = schema.families[place]
        suffix = family.samples[index - starts[place]].suffix
        return (family.type, suffix) in _BEARERS

    return {index: exemplar for index, exemplar in exemplars.items() if bears(index)}


def read_page(
    text: str, *, openmetrics: bool, at: float, known: Mapping[str, Head]
) -> tuple[Layout, Frame]:
    """Parse a whole page; ``known`` holds heads that need not be read again.

    Raises:
        SourceError: ``invalid``, with the line's number and the reason.
    """
    reader = _Reader(openmetrics=openmetrics, known=known)
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        try:
            reader.take(line)
        except ValueError as error:
            raise SourceError(f"line {number}: {error}", kind="invalid") from error
    layout = reader.layout()
    return layout, layout.frame(reader.rests, at)


class _Reader:
    def __init__(self, *, openmetrics: bool, known: Mapping[str, Head]) -> None:
        self._openmetrics = openmetrics
        self._known = known
        self._families = Families(openmetrics=openmetrics)
        self._lines: list[str] = []
        self._parsed: list[Head] = []
        self._samples = bytearray()
        self.rests: list[str] = []

    def take(self, line: str) -> None:
        """Read one line.

        Raises:
            ValueError: it is malformed.
        """
        blank = not line or line.isspace()
        if blank or line.lstrip().startswith("#"):
            self._lines.append(line)
            self._samples.append(0)
            metadata = None if blank else parse_metadata(line, openmetrics=self._openmetrics)
            if metadata is not None:
                self._families.describe(metadata)
            return
        self._sample(line)

    def _sample(self, line: str) -> None:
        native = self._openmetrics and line.endswith("}") and " {" in line
        cut = line.rindex(" {") + 1 if native else 0
        head, rest = (line[:cut], "NaN") if native else split_line(line)
        parsed = self._known.get(head) or parse_head(head)
        family = self._families.add(parsed, len(self.rests))
        if native:
            family.broken = "holds native histograms, which are not supported"
        parse_rest(rest, openmetrics=self._openmetrics)
        self._lines.append(head)
        self._parsed.append(parsed)
        self._samples.append(1)
        self.rests.append(rest)

    def layout(self) -> Layout:
        schema, rows = self._families.schema()
        straight = rows == list(range(len(self.rests)))
        heads = tuple(compress(self._lines, self._samples))
        return Layout(
            openmetrics=self._openmetrics,
            lines=tuple(self._lines),
            samples=bytes(self._samples),
            metadata=tuple(i for i, sample in enumerate(self._samples) if not sample),
            heads=heads,
            parsed=tuple(self._parsed),
            fixed=sum(map(len, self._lines)) + len(self._lines) - 1,
            order=None if straight else np.array(rows, dtype=np.intp),
            schema=schema,
            refused=self._families.refused(),
        )
