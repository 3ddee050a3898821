"""Bad days: a hundred thousand lines at once, enormous values, clocks that jump."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections import Counter

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.conftest import Written
from zerostate_monitoring import logs
from zerostate_monitoring.instrumentation import economic
from zerostate_monitoring.logs.chain import formatter
from zerostate_monitoring.logs.context import LONGEST, carried
from zerostate_monitoring.logs.rendering import LONGEST_LINE
from zerostate_monitoring.logs.sampling import MOST_EVENTS, EventFilter, Sampler
from zerostate_monitoring.logs.tally import Tally

LINES, THREADS = 100_000, 8
MEGABYTE = "x" * 1024 * 1024


class Site:
    """A logger as a project has it: the filter on the handler, one stream; a second that lasts."""

    def __init__(self) -> None:
        self.tally, self.stream = Tally(), io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(formatter("json"))
        handler.addFilter(EventFilter(tally=self.tally, clock=lambda: 5.0))
        self.logger = logging.Logger("storm", logging.DEBUG)  # noqa: LOG001 - nobody else is to find it
        self.logger.addHandler(handler)

    def storm(self, say):
        """``LINES`` lines by ``THREADS`` threads."""
        each = LINES // THREADS

        def run(part):
            for number in range(part * each, (part + 1) * each):
                say(self.logger, number)

        threads = [threading.Thread(target=run, args=(part,)) for part in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def written(self):
        return [json.loads(row) for row in self.stream.getvalue().splitlines()]


def test_storm__of_one_event_from_many_threads():
    """Each line that is written is whole; written and dropped are all that came."""
    site = Site()
    site.storm(lambda logger, number: logger.info("an_event", extra={"number": number}))
    seen, dropped = site.tally.fetch()
    assert seen == {("storm", "info"): LINES}
    assert sum(dropped.values()) + len(site.written) == LINES
    # Two threads at once may miscount by one, so the bound is not sharp.
    assert len(site.written) < 5000
    assert {line["event"] for line in site.written} == {"an_event"}


def test_storm__of_events_that_are_all_different():
    """Whoever puts a number into the event itself is bounded, too, in lines and in memory."""
    site = Site()
    site.storm(lambda logger, number: logger.info(f"event {number}"))  # noqa: G004 - as people do
    seen, dropped = site.tally.fetch()
    assert sum(seen.values()) == LINES
    assert sum(dropped.values()) + len(site.written) == LINES
    assert len(site.written) < 2 * MOST_EVENTS


@given(st.lists(st.integers(-(10**12), 10**12), max_size=300), st.integers(1, 5))
def test_sampler__whose_clock_jumps(seconds, first):
    """Forth and back: the first of an event in a run of one second is written, nothing breaks."""
    sampler, runs = Sampler(first, 10**9), Counter[int]()
    before, run = None, 0
    for second in seconds:
        run += second != before
        before = second
        runs[run] += 1
        assert sampler.keeps("e", second) == (runs[run] <= first)
    assert len(sampler._counts) <= 1


@pytest.mark.parametrize("value", [MEGABYTE, MEGABYTE.encode(), [MEGABYTE] * 100, {MEGABYTE: 1}])
def test_line__of_a_megabyte_in_its_context_is_short(as_json: Written, value):
    """However it came there: no line is longer than what carries lines takes."""
    structlog.contextvars.bind_contextvars(guild=value, other=value)
    as_json.logger.info("an_event", extra={"value": value})
    assert len(as_json.text.encode()) <= LONGEST_LINE + 1
    assert as_json.line["event"] == "an_event"


def test_line__of_many_long_values_is_short_for_people_too():
    """The console's line is held to the same; its head stays."""
    written = Written("console")
    value = {str(number): MEGABYTE for number in range(100)}
    written.logger.info("an_event", extra={"value": value, "node": MEGABYTE})
    assert len(written.text.encode()) <= LONGEST_LINE + 1
    assert " an_event " in written.text
    assert "shortened_from_bytes=" in written.text


def test_context__of_a_megabyte_goes_nowhere(as_json: Written):
    """Into a message it goes cut, whoever has bound it; unknown keys not at all."""
    structlog.contextvars.bind_contextvars(guild=MEGABYTE, junk=MEGABYTE)
    assert carried(structlog.contextvars.get_contextvars()) == {"guild": "x" * LONGEST}
    with economic.payment(1, channel_id=MEGABYTE), logs.bound(node=MEGABYTE):
        as_json.logger.info("an_event")
    assert as_json.line["channel"] == as_json.line["node"] == "x" * LONGEST
