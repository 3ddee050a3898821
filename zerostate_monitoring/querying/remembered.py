"""History as one question sees it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import Error as DatabaseError

from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.querying.readiness import NOT_KEPT, Asked, Kept, outlook
from zerostate_monitoring.storage.reaching import Reaching
from zerostate_monitoring.storage.selecting import Check, unhurried


@contextmanager
def readable() -> Iterator[None]:
    """Raise ``StoreError`` where the database behind the long tier does not answer."""
    try:
        yield
    except DatabaseError as error:
        raise StoreError(f"the long tier cannot be read: {type(error).__name__}") from error


class Remembered:
    """A ``Storage`` over the timeline and what is behind it, for one question.

    The timeline is brought up to date by the first selector: a question without one needs no
    store. What the whole question reaches for is read with it, if it is known. Nothing stands
    before 1970 or after ``latest_ms``, so nobody is asked for it.
    """

    def __init__(self, whole: Reaching, latest_ms: int, kept: Kept) -> None:
        self._whole: Final = whole
        self._latest_ms: Final = latest_ms
        self._kept: Final = kept
        self._asked: Asked | None = None
        self._fresh = False

    def expect(self, query: Query, start_ms: int, end_ms: int, lookback_ms: int) -> None:
        """Be told what will be asked; see ``Expectant``."""
        self._asked = Asked(query, start_ms, end_ms, lookback_ms)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """See ``Storage``.

        Raises:
            StoreError: the store, or the database behind it, does not answer.
        """
        return self.select_within(matchers, start_ms, end_ms, unhurried)

    def select_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Sequence[AnyBlock]:
        """``select`` for one whose time ends: then ``check`` raises, and so does this."""
        start_ms, end_ms = max(start_ms, 0), min(end_ms, self._latest_ms)
        if end_ms <= start_ms:
            return ()
        self._refresh(start_ms)
        with readable():
            return self._whole.select_within(matchers, start_ms, end_ms, check)

    def label_sets_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Collection[Labels]:
        """See ``Searchable``."""
        start_ms, end_ms = max(start_ms, 0), min(end_ms, self._latest_ms)
        if end_ms <= start_ms:
            return ()
        self._refresh(start_ms)
        with readable():
            return self._whole.label_sets_within(matchers, start_ms, end_ms, check)

    def _refresh(self, start_ms: int) -> None:
        if not self._fresh:
            since = start_ms if self._asked is None else min(start_ms, self._asked.since_ms)
            self._whole.refresh(max(since, 0))
            self._fresh = True

    def warnings(self) -> tuple[str, ...]:
        """What the answer lacks, as history is younger than the question wants."""
        if self._asked is None or not self._fresh:
            return ()
        with readable():
            found = outlook(self._asked, self._whole.history.head, self._kept)
        return () if found.ready else (str(found),)


class NotKept:
    """The storage of an installation that keeps no history."""

    def __init__(self) -> None:
        self._was_asked = False

    def expect(self, query: Query, start_ms: int, end_ms: int, lookback_ms: int) -> None:
        """See ``Expectant``."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """Nothing."""
        self._was_asked = True
        return ()

    def warnings(self) -> tuple[str, ...]:
        """Why nothing was found."""
        return (NOT_KEPT,) if self._was_asked else ()
