"""What one process tells the store of its instruments: values, and their form as bytes.

Pure, and light: this module lives in every process of a project, so it needs neither
numpy nor orjson.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from zerostate_monitoring.frames.text import encodable

FORMAT: Final = 1
TAG_BYTES: Final = 8
OTHER: Final = "other"

_RUN: Final = struct.Struct("<III")
_RANGE: Final = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class TotalFamily:
    """A counter, histogram or summary that all processes count together.

    ``name`` is the OpenMetrics name, ``labels`` are the names of its labels in order,
    ``buckets`` the upper bounds of a histogram, +Inf among them. Where it has more than
    ``most`` series, those labels that ``unbounded`` names become ``other``; all of them,
    if it names none.
    """

    name: str
    type: str
    help: str
    unit: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()
    unbounded: tuple[str, ...] = ()
    most: int = 10_000

    @property
    def width(self) -> int:
        """Numbers of one series: a counter's value; count and sum; buckets and sum."""
        return {"counter": 1, "summary": 2}.get(self.type, len(self.buckets) + 1)

    @property
    def id(self) -> str:
        """The same in every process that declares the family alike, and in no other."""
        form = json.dumps([FORMAT, self.type, self.labels, list(map(_spelt, self.buckets))])
        digest = hashlib.blake2b(form.encode(), digest_size=4).hexdigest()
        return f"{self.name}~{digest}"

    @property
    def document(self) -> str:
        """What a reader must know to show the family."""
        buckets = list(map(_spelt, self.buckets))
        texts = [self.name, self.type, encodable(str(self.help)), encodable(str(self.unit))]
        return json.dumps([FORMAT, *texts, self.labels, buckets], ensure_ascii=False)

    @classmethod
    def read(cls, document: str | bytes) -> TotalFamily:
        """The family of a document.

        Raises:
            ValueError: the document is of another format, or none.
        """
        version, name, kind, text, unit, labels, buckets = json.loads(document)
        if version != FORMAT:
            raise ValueError(f"family of unknown format {version!r}")
        return cls(name, kind, text, unit, tuple(labels), tuple(map(float, buckets)))

    def folded(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The label values of the series that takes what does not find a place."""
        fold = self.unbounded or self.labels
        pairs = zip(self.labels, labels, strict=True)
        return tuple(OTHER if name in fold else value for name, value in pairs)


def _spelt(bound: float) -> str:
    return repr(float(bound))


def label_key(labels: Sequence[str]) -> str:
    """Label values as one text; the key of a series within its family."""
    return json.dumps([encodable(str(value)) for value in labels], ensure_ascii=False)


class Row(NamedTuple):
    """The place of a series in its family's totals; ``tag`` tells it from later tenants."""

    number: int
    tag: bytes


class Moment(NamedTuple):
    """The exemplar of one number of a row."""

    labels: Mapping[str, str]
    value: float
    timestamp: float | None


class Change(NamedTuple):
    """A series whose numbers changed.

    ``offset`` is the place of its first number among those of this process. ``values``
    are what the process has counted so far; they never fall.
    """

    offset: int
    row: Row
    values: tuple[float, ...]
    exemplars: Mapping[int, Moment] = {}


@dataclass(frozen=True, slots=True)
class FamilyChanges:
    """What changed in one family: series that rose, and label values of series that ended."""

    family: TotalFamily
    changes: Sequence[Change] = ()
    ended: Sequence[tuple[str, ...]] = ()

    def encode(self) -> bytes:
        """Runs of neighbours: their place here, their place in the totals, tags, numbers."""
        width = self.family.width
        parts: list[bytes] = []
        for run in _runs(self.changes, width):
            parts.append(_RUN.pack(run[0].offset, run[0].row.number, len(run)))
            parts.extend(change.row.tag for change in run)
            parts.append(packed([number for change in run for number in change.values]))
        return b"".join(parts)

    def header(self) -> dict[str, Any]:
        """What goes beside the numbers."""
        exemplars = {
            f"{change.row.number}:{place}": _exemplar(moment)
            for change in self.changes
            for place, moment in change.exemplars.items()
        }
        return {
            "id": self.family.id,
            "width": self.family.width,
            "ended": [label_key(labels) for labels in self.ended],
            "exemplars": exemplars,
        }


def _runs(changes: Iterable[Change], width: int) -> Iterator[list[Change]]:
    run: list[Change] = []
    for change in sorted(changes, key=lambda change: change.offset):
        if run:
            last = run[-1]
            is_next = change.offset == last.offset + width and (
                change.row.number == last.row.number + 1
            )
            if not is_next:
                yield run
                run = []
        run.append(change)
    if run:
        yield run


def _exemplar(moment: Moment) -> str:
    at = None if moment.timestamp is None else repr(float(moment.timestamp))
    labels = {encodable(str(k)): encodable(str(v)) for k, v in moment.labels.items()}
    return json.dumps([labels, repr(float(moment.value)), at], ensure_ascii=False)


def packed(numbers: Sequence[float]) -> bytes:
    """Numbers as little-endian float64."""
    values = array("d", numbers)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


class GaugeFamily(NamedTuple):
    """A family of which each process keeps its own values.

    ``mode`` is prometheus_client's multiprocess mode without ``live``: here every value
    leaves with its process. ``samples`` are pairs of a suffix and of label pairs.
    """

    name: str
    type: str
    help: str
    unit: str
    mode: str
    samples: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Gauges:
    """The present values of one process, sample by sample through the families.

    ``times`` (unix seconds) belong to the samples of families whose mode is ``mostrecent``.
    """

    families: tuple[GaugeFamily, ...] = ()
    values: tuple[float, ...] = ()
    times: tuple[float, ...] = ()

    @property
    def document(self) -> bytes:
        """The part that seldom changes."""
        families = [
            [*map(encodable, map(str, f[:5])), [_sample(*sample) for sample in f.samples]]
            for f in self.families
        ]
        return bytes([FORMAT]) + json.dumps(families, ensure_ascii=False).encode()

    @property
    def numbers(self) -> bytes:
        """Format, digest of the document, values and times."""
        values = packed((*self.values, *self.times))
        return bytes([FORMAT]) + digest_of(self.document) + values


def digest_of(document: bytes) -> bytes:
    """16 bytes that stand for a document."""
    return hashlib.blake2b(document, digest_size=16).digest()


def _sample(suffix: str, labels: Iterable[tuple[str, str]]) -> list[str]:
    return [suffix, *(encodable(str(text)) for pair in labels for text in pair)]


@dataclass(frozen=True, slots=True)
class Publication:
    """All that one process says at one moment.

    ``sequence`` rises with every publication that the store has acknowledged; it is 1 until
    then. ``base`` says that the store has lost what this process had told: the numbers
    become the base of later differences and add nothing. ``cleared`` are (offset, numbers)
    of this process that no series uses any more. ``gauges`` are None where they are those of
    last time, of which there were ``gauge_samples``. ``removals`` are series that ended, by
    family and label values; ``cursor`` is how many removals this process has seen, -1 if none.
    ``dropped`` counts what was folded into others, by family.
    """

    producer: str
    sequence: int
    base: bool = False
    totals: Sequence[FamilyChanges] = ()
    cleared: Sequence[tuple[int, int]] = ()
    gauges: Gauges | None = None
    gauge_samples: int = 0
    removals: Sequence[tuple[str, tuple[str, ...]]] = ()
    cursor: int = -1
    dropped: Mapping[str, int] = field(default_factory=dict)
    declared: Sequence[str] = ()
    closing: bool = False
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def cleared_bytes(self) -> bytes:
        """The cleared ranges, packed."""
        return b"".join(_RANGE.pack(*span) for span in self.cleared)


class Removal(NamedTuple):
    """A series that some process ended."""

    producer: str
    family: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the store answered.

    ``outcome`` is ``ok``; ``old``, where it has this sequence; ``unknown``, where it does not
    know the process; or ``moved``, where a row has another tenant by now (``moved`` are family
    and offset). Nothing was done but for ``ok``. ``sequence`` is the last that it had before.
    ``wanted`` names what the store lacks: ``gauges``, and declared families.
    """

    outcome: str
    sequence: int = 0
    cursor: int = -1
    removals: tuple[Removal, ...] = ()
    moved: tuple[tuple[str, int], ...] = ()
    wanted: tuple[str, ...] = ()
