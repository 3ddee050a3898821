"""Which series there are: the same as by their samples, which are left alone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.timelines import ALL, BOUNDS, INTERVAL, column, fill, now_slot, series
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.selecting import unhurried

SERIES = [series(name, peer=peer) for name in ("a", "b_total") for peer in ("1", "2", "")]
PAGES = st.sets(st.sampled_from(SERIES)).map(lambda page: dict.fromkeys(page, 1.0))


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pages=st.lists(st.tuples(PAGES, st.integers(1, 3)), min_size=1, max_size=60),
    spans=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 30)), min_size=1, max_size=5),
)
def test_search__finds_what_has_a_sample_or_ends(store, valkey_server, pages, spans):
    """In any window of any past, also of a reader that holds some of it."""
    with valkey_server.client as client:
        client.flushall()
    recorder, slot = Recorder(store.timeline()), now_slot() - 1000 * INTERVAL
    begin, history, told = slot, History(store.timeline()), []
    for page, gap in pages:
        slot += gap * INTERVAL
        assert recorder.record(slot, column(page), BOUNDS).value == "ok"
        told.append((slot, set(page)))
        history.refresh()
    for start, length in spans:
        span = begin + start * INTERVAL, begin + (start + length) * INTERVAL
        inside = [n for n, (at, _) in enumerate(told) if span[0] < at <= span[1]]
        columns = range(max(inside[0] - 1, 0), inside[-1] + 1) if inside else ()
        wanted = set().union(*(told[n][1] for n in columns))
        for matchers, name in ((ALL, None), ([Matcher("__name__", "=", "a")], "a")):
            those = {one for one in wanted if name in {None, dict(one)["__name__"]}}
            assert history.label_sets_within(matchers, *span, unhurried) == those


@pytest.fixture
def history(store):
    return History(store.timeline())


def test_search__leaves_samples_alone(store, history):
    """Nothing of a large page is held for the sake of its names."""
    page = {series("x", n=str(n)): 1.0 for n in range(100)}
    last = fill(Recorder(store.timeline()), [page] * 50)
    history.refresh()
    assert len(history.label_sets_within(ALL, 0, last, unhurried)) == 100
    assert history.nbytes == 0


def test_search__ends_with_the_time_of_who_asks(store, history):
    """As queries do."""
    fill(Recorder(store.timeline()), [{series("x", n=str(n)): 1.0 for n in range(1000)}])
    history.refresh()
    left = iter([None] * 3)

    def check():
        if next(left, 0) == 0:
            raise QueryTimeoutError("over")

    with pytest.raises(QueryTimeoutError):
        history.label_sets_within([Matcher("n", "!=", "1")], 0, 2**60, check)
