"""The long tier: some series every five minutes for 35 days, in the project's database.

For what reaches further than the timeline: burn rates, a day's standard deviation, the same
hour yesterday. A row holds a series' day; bounded by days, and by the number of series.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import orjson
from django.db import transaction
from django.db.models import Min

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.text import keepable
from zerostate_monitoring.models import KeptDay, KeptSeries
from zerostate_monitoring.models.rule import kept_names
from zerostate_monitoring.promql.data import Block, Series, Storage
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.packing import ABSENT, Bits, canonical, pack_row, unpack_row
from zerostate_monitoring.storage.parts import name_of
from zerostate_monitoring.storage.selecting import Check, Condition, unhurried

logger = logging.getLogger(__name__)

SLOT_MS: Final = 5 * 60_000
DAYS: Final = 35
SLOTS: Final = 288
MOST_SERIES: Final = 2_000
"""2,000 series of 35 days are at most some 160 MB of rows, and far less where they rest."""

_DAY_MS: Final = SLOTS * SLOT_MS
_HOUR_MS: Final = 3_600_000
_BATCH: Final = 200
_MOST_KNOWN: Final = 20_000
_EPOCH: Final = date(1970, 1, 1)

Samples = Sequence[tuple[Labels, float]]


def is_due(slot_ms: int) -> bool:
    """Whether a slot of the timeline is one of the long tier's."""
    return slot_ms % SLOT_MS == 0


def keep(slot_ms: int, samples: Samples) -> int:
    """Keep the samples of a slot; how many were new.

    Who comes again, or second, changes nothing. Series beyond ``MOST_SERIES`` are left out,
    those that are known going first, and such as no database keeps; a log line says so.

    Raises:
        ValueError: ``slot_ms`` is none of the long tier's.
    """
    if not is_due(slot_ms):
        raise ValueError(f"{slot_ms} is no slot of five minutes")
    day, place = _day_of(slot_ms), slot_ms % _DAY_MS // SLOT_MS
    wanted = {_digest(labels): (labels, value) for labels, value in _keepable(samples)}
    with transaction.atomic():
        numbers = _numbers({digest: labels for digest, (labels, _) in wanted.items()})
        values = {numbers[digest]: wanted[digest][1] for digest in numbers}
        rows = [KeptDay(series_id=pk, day=day) for pk in sorted(values)]
        # First a write, so that SQLite locks before it reads; in one order, so that nobody waits
        # for somebody who waits for him.
        KeptDay.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
        return _put(values, day, place)


def _keepable(samples: Samples) -> Iterator[tuple[Labels, float]]:
    """Without series whose labels PostgreSQL does not keep: it would refuse all of the slot."""
    for labels, value in samples:
        if any(keepable(text) != text for _, text in labels):
            logger.warning("kept_series_refused", extra={"series": repr(labels)})
        else:
            yield labels, value


def _put(values: dict[int, float], day: date, place: int) -> int:
    changed = []
    rows = KeptDay.objects.select_for_update().filter(day=day, series_id__in=list(values))
    for row in rows.order_by("pk"):
        bits = _read(row.samples)
        if bits[place] == ABSENT:
            bits[place] = canonical(np.array([values[row.series_id]]))[0]
            samples = pack_row(bits, None)
            changed.append(KeptDay(series_id=row.series_id, day=day, samples=samples))
    # As one statement; an update would be one for each row.
    KeptDay.objects.bulk_create(
        changed,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["series", "day"],
        update_fields=["samples"],
    )
    return len(changed)


def _numbers(wanted: dict[str, Labels]) -> dict[str, int]:
    """The primary keys of series by digest; rows are made where there is room."""
    known = KeptSeries.objects.filter(digest__in=list(wanted))
    there = set(known.values_list("digest", flat=True))
    new = [digest for digest in wanted if digest not in there]
    room = max(0, MOST_SERIES - KeptSeries.objects.count()) if new else 0
    if len(new) > room:
        details = {"left_out": len(new) - room, "most": MOST_SERIES}
        logger.warning("kept_series_full", extra=details)
    rows = [
        KeptSeries(digest=digest, name=name_of(wanted[digest]), labels=wanted[digest])
        for digest in sorted(new[:room])
    ]
    KeptSeries.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    return dict(KeptSeries.objects.filter(digest__in=list(wanted)).values_list("digest", "pk"))


def prune(now_ms: int) -> int:
    """Delete days that are too old, and series of which no day is left; how many days."""
    deleted, _ = KeptDay.objects.filter(day__lt=_day_of(now_ms) - timedelta(days=DAYS)).delete()
    KeptSeries.objects.filter(days=None).delete()
    return deleted


def first_kept_ms(matchers: Sequence[Matcher]) -> int | None:
    """The oldest slot that is kept of the series that meet ``matchers``; None where none is."""
    series = [pk for pk, _ in _matching(Condition.of(matchers), unhurried)]
    days = KeptDay.objects.filter(series_id__in=series)
    day = days.aggregate(first=Min("day"))["first"] if series else None
    if day is None:
        return None
    rows = days.filter(day=day).values_list("samples", flat=True)
    slots = [slot for row in rows for slot in np.flatnonzero(_read(row) != ABSENT)[:1].tolist()]
    return _begins(day) + min(slots, default=0) * SLOT_MS


_firsts: Final[dict[str, tuple[date, int]]] = {}
"""What is known of names: the oldest day, and the oldest slot (ms) in it."""


def firsts() -> dict[str, int]:
    """The oldest slot (ms) that is kept of each name: one query, and one for each new name."""
    days = KeptDay.objects.order_by().values_list("series__name").annotate(first=Min("day"))
    oldest = dict(days)
    for name, day in oldest.items():
        known = _firsts.get(name)
        if known is None or known[0] != day:
            first = first_kept_ms([Matcher("__name__", "=", name)])
            _firsts[name] = day, first or _begins(day)
    return {name: _firsts[name][1] for name in oldest}


def samples_at(
    storage: Storage, slot_ms: int, names: Collection[str]
) -> Iterator[tuple[Labels, float]]:
    """What series of these names say at a slot of ``storage``: what ``keep`` wants."""
    for name in sorted(names):
        for block in storage.select([Matcher("__name__", "=", name)], slot_ms - 1, slot_ms):
            at = np.flatnonzero(block.times == slot_ms)
            for row in at.tolist():
                here = None if block.present is None else block.present[row]
                for place, labels in enumerate(block.series.labels):
                    if here is None or here[place]:
                        yield labels, float(block.values[row, place])


MARKS: Final[list[Callable[[], Collection[str]]]] = []
"""Who says which metric names are to be kept: each gives some. Nobody does by himself."""


def marked_names() -> frozenset[str]:
    """All names that are to be kept."""
    return frozenset(name for names in MARKS for name in names())


def marked_on_page() -> frozenset[str]:
    """Without what rules record: that is kept when it is, for the page would say it too late."""
    return marked_names() - kept_names()


def keep_marked(
    storage: Storage, slot_ms: int, marked: Callable[[], Collection[str]] = marked_names
) -> int:
    """Keep the series of ``storage`` whose names ``marked`` gives; how many samples were new.

    Nothing between the slots of five minutes. Every hour what is too old is deleted, for the
    slot at which a day begins may be a gap.
    """
    if not is_due(slot_ms):
        return 0
    if slot_ms % _HOUR_MS == 0:
        prune(slot_ms)
    samples = list(samples_at(storage, slot_ms, marked()))
    return keep(slot_ms, samples) if samples else 0


class LongTier:
    """Reads what is kept. Each selection asks the database."""

    def __init__(self) -> None:
        self._known: dict[tuple[Labels, ...], Series] = {}

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Block]:
        """All kept series that meet ``matchers`` with samples of start_ms < t ≤ end_ms."""
        return self.select_within(matchers, start_ms, end_ms, unhurried)

    def select_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Sequence[Block]:
        """``select`` for one whose time ends: then ``check`` raises, and so does this."""
        condition = Condition.of(matchers)
        last = end_ms // SLOT_MS
        first = max(start_ms // SLOT_MS, last - (DAYS + 1) * SLOTS) + 1
        rows = dict(_matching(condition, check))
        if not rows or last < first:
            return ()
        places = {pk: place for place, pk in enumerate(rows)}
        bits = np.full((last - first + 1, len(rows)), ABSENT)
        days = KeptDay.objects.filter(
            series_id__in=list(rows),
            day__gte=_day_of(first * SLOT_MS),
            day__lte=_day_of(last * SLOT_MS),
        )
        for series_id, day, samples in days.values_list("series_id", "day", "samples"):
            begin = _begins(day) // SLOT_MS - first
            low, high = max(0, begin), min(len(bits), begin + SLOTS)
            bits[low:high, places[series_id]] = _read(samples)[low - begin : high - begin]
        return self._block(tuple(rows.values()), bits, first)

    def _series(self, labels: tuple[Labels, ...]) -> Series:
        """The same object for the same series, while not too many are known."""
        known = self._known.get(labels)
        if known is None:
            if sum(map(len, self._known)) + len(labels) > _MOST_KNOWN:
                self._known.clear()
            known = self._known[labels] = Series(labels)
        return known

    def _block(self, labels: tuple[Labels, ...], bits: Bits, first: int) -> Sequence[Block]:
        present = bits != ABSENT
        rows = np.flatnonzero(present.any(axis=1))
        if not len(rows):
            return ()
        series = self._series(labels)
        times = (rows + first) * SLOT_MS
        there = present[rows]
        mask = None if there.all() else there
        return (Block(series, times.astype(np.int64), bits[rows].view(np.float64), mask),)


def _matching(condition: Condition, check: Check) -> list[tuple[int, Labels]]:
    """Primary keys and labels of the series that meet a condition."""
    found = KeptSeries.objects.order_by("name", "pk")
    if condition.name is not None:
        found = found.filter(name=condition.name)
    rows = found.values_list("pk", "name", "labels")
    names = {*condition.named({name for _, name, _ in rows}, check)}
    there = [(pk, tuple(map(tuple, pairs))) for pk, name, pairs in rows if name in names]
    return [there[place] for place in condition.chosen([labels for _, labels in there], check)]


def _read(samples: bytes | memoryview) -> Bits:
    if not samples:
        return np.full(SLOTS, ABSENT)
    try:
        return unpack_row(bytes(samples), SLOTS, None).copy()
    except FrameError as error:
        logger.warning("kept_day_skipped", extra={"error": str(error)})
        return np.full(SLOTS, ABSENT)


def _digest(labels: Iterable[tuple[str, str]]) -> str:
    return hashlib.blake2b(orjson.dumps(list(labels)), digest_size=16).hexdigest()


def _day_of(milliseconds: int) -> date:
    return _EPOCH + timedelta(days=milliseconds // _DAY_MS)


def _begins(day: date) -> int:
    return (day - _EPOCH).days * _DAY_MS
