"""Running a collector once, against a real store."""

from __future__ import annotations

import logging
import math
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed, Kind, Reading
from zerostate_monitoring.collectors import COLLECTORS, Absent, collector, runner
from zerostate_monitoring.collectors.items import Shortfall
from zerostate_monitoring.collectors.outcome import failed, lost
from zerostate_monitoring.collectors.record import claim, note_of, record
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.exceptions import (
    ConfigurationError,
    DefinitionError,
    SourceError,
    StoreUnavailableError,
)
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.storage.store import Store, current_store

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000.0
PRODUCER = "collector:shop"


def family(value=1.0, name="shop_orders"):
    return GaugeMetricFamily(name, "Orders.", value=value)


@pytest.fixture
def shop():
    """A collector whose items each test sets."""
    items = []

    @collector("shop", interval=30, source="shop")
    def collect():
        for item in items:
            if isinstance(item, Exception):
                raise item
            yield item

    yield items
    COLLECTORS.discard("shop")


def row():
    return Collector.objects.get(name="shop")


def test_run__writes_the_frame_and_the_row(store, shop):
    """A success stands in the store, in the row and in the note for the page."""
    shop.append(family(7))

    outcome = run("shop", store=store, now=NOW)

    snapshot = store.snapshot()
    assert outcome.ok
    assert list(snapshot.frames["collector:shop"].samples()) == [("shop_orders", (), 7.0)]
    assert (row().samples, row().last_success_at.timestamp()) == (1, NOW)
    assert snapshot.notes["shop"]["last_success"] == NOW
    assert snapshot.notes["shop"]["source_up"] is True


def test_run__that_falls_short_shows_what_it_has_and_is_no_success(store, shop):
    """The frame, its gaps and its size are new; the last success stays, the reason is told."""
    shop.append(family(7))
    run("shop", store=store, now=NOW)
    shop[:] = [family(8), Absent("zerostate_escrows", "no table"), Shortfall("late", "nobody came")]

    outcome = run("shop", store=store, now=NOW + 30)

    snapshot = store.snapshot()
    assert (outcome.failed, outcome.error_kind) == (True, "late")
    assert list(snapshot.frames["collector:shop"].samples()) == [("shop_orders", (), 8.0)]
    found = row()
    assert (found.samples, found.absent) == (1, {"zerostate_escrows": "no table"})
    assert (found.failures_in_a_row, found.last_error) == (1, "nobody came")
    assert snapshot.notes["shop"]["last_success"] == NOW
    assert store.counts("collector_errors") == {"shop|late": 1}


def test_run__a_broken_source_is_told_and_the_last_success_stays(store, shop):
    """The error's kind is counted, its text stands in the row, old series stay."""
    shop.append(family(7))
    run("shop", store=store, now=NOW)
    shop.insert(0, SourceError("no route", kind="refused"))

    outcome = run("shop", store=store, now=NOW + 30)

    assert (outcome.failed, outcome.error_kind) == (True, "refused")
    assert (row().failures_in_a_row, row().last_error) == (1, "no route")
    assert row().last_success_at.timestamp() == NOW
    assert "collector:shop" in store.snapshot().frames
    assert store.counts("collector_errors") == {"shop|refused": 1}
    assert store.snapshot().notes["shop"]["source_up"] is False


def test_run__errors_of_the_collectors_own_code_stop_at_the_boundary(store, shop, caplog):
    """Any exception ends in the outcome, is logged with its traceback, and counted."""
    shop.append(ZeroDivisionError("division by zero"))

    with caplog.at_level(logging.ERROR):
        outcome = run("shop", store=store, now=NOW)

    assert (outcome.failed, outcome.error_kind) == (True, "error")
    assert store.counts("collector_errors") == {"shop|error": 1}
    assert [r.message for r in caplog.records if r.exc_info] == ["collection_failed"]


def test_run__absent_families_are_recorded(store, shop):
    """What the source lacks can be read in the row."""
    shop.append(Absent("zerostate_escrows", "no table escrows"))

    run("shop", store=store, now=NOW)

    assert row().absent == {"zerostate_escrows": "no table escrows"}
    assert store.snapshot().notes["shop"]["absent"] == 1


def test_run__a_catalogued_name_is_refused_to_the_projects_own(store, shop):
    """A project's collector cannot give a family of the catalogue."""
    shop += [family(1, "zerostate_escrow_amount_locked"), family(7)]

    outcome = run("shop", store=store, now=NOW)

    assert outcome.ok
    assert list(outcome.refused) == ["zerostate_escrow_amount_locked"]
    assert outcome.samples == 1


def test_run__the_projects_own_instruments_are_held_to_the_catalogue(store, shop):
    """With feed=INSTRUMENT a catalogued family is given, recorded as seen, and checked."""
    COLLECTORS.discard("shop")
    good = CounterMetricFamily("zerostate_economic_settlements", "Mine.", labels=["result"])
    good.add_metric(["success"], 4)
    bad = CounterMetricFamily("zerostate_deposits", "Mine.", labels=["bank"])
    bad.add_metric(["x"], 4)
    collector("shop", interval=30, feed=Feed.INSTRUMENT)(lambda: iter([good, bad]))

    outcome = run("shop", store=store, now=NOW)

    assert {labels: value for _, labels, value in store.snapshot().frame(PRODUCER).samples()} == {
        (("result", "success"),): 4.0,
        (("result", "failed"),): 0.0,
    }
    assert "has labels [], not ['bank']" in outcome.refused["zerostate_deposits_total"]
    seen = Metric.objects.exclude(last_seen_at=None).values_list("name", flat=True)
    assert list(seen) == ["zerostate_economic_settlements_total"]


def test_run__never_overlaps_itself(store, shop):
    """While another run holds the lease there is none."""
    lease = store.lease("collector:shop", 60)

    outcome = run("shop", store=store, now=NOW)

    assert "under way" in outcome.skipped_reason
    assert not outcome.failed
    store.release(lease)
    assert run("shop", store=store, now=NOW).ok


def test_run__gives_the_lease_back_after_a_failure(store, shop):
    """A failure does not block the next run."""
    shop.append(SourceError("no route"))
    run("shop", store=store, now=NOW)
    shop.clear()

    assert run("shop", store=store, now=NOW + 30).ok


def test_run__a_second_beat_costs_nothing(store, shop):
    """A run right after another is skipped, unless somebody wants it."""
    run("shop", store=store, now=NOW)

    assert "it ran" in run("shop", store=store, now=NOW + 1).skipped_reason
    assert run("shop", store=store, now=NOW + 1, forced=True).ok


def test_run__that_waited_for_the_lease_looks_again(store, shop, monkeypatch):
    """Of two that begin at once the second reads nothing, also by a clock that is behind."""
    lease = Store.lease

    def late(self, producer, seconds):
        monkeypatch.undo()
        assert run("shop", store=store, now=NOW + 0.01).ok
        return lease(self, producer, seconds)

    monkeypatch.setattr(Store, "lease", late)

    assert "it ran" in run("shop", store=store, now=NOW).skipped_reason
    assert run("shop", store=store, now=NOW - 0.5).skipped_reason


def test_run__a_clock_that_was_set_back_does_not_stop_it(store, shop):
    """A last run in the future does not hold the next one up."""
    run("shop", store=store, now=NOW)

    assert run("shop", store=store, now=NOW - 3600).ok


def test_run__disabled_rows_are_skipped(store, shop):
    """An operator's switch is obeyed."""
    run("shop", store=store, now=NOW)
    Collector.objects.filter(name="shop").update(enabled=False)

    assert run("shop", store=store, now=NOW + 60).skipped_reason == "disabled"


def test_run__is_a_no_op_where_the_app_is_switched_off(store, shop, settings):
    """ENABLED = False leaves rows and store alone."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    assert "ENABLED" in run("shop", store=store, now=NOW).skipped_reason
    assert not Collector.objects.filter(name="shop").exists()


def test_run__a_store_that_is_away_is_an_outcome(shop):
    """Without a store the run fails with the kind `store`, and the row says so."""
    outcome = run("shop", store=current_store(), now=NOW)

    assert (outcome.failed, outcome.error_kind) == (True, "store")
    assert row().failures_in_a_row == 1


def test_run__unknown_names_are_an_error(store):
    """Who asks for what nobody registered is told."""
    with pytest.raises(ConfigurationError, match="nobody"):
        run("nobody", store=store)


def test_record__an_overtaken_run_does_not_write(store, shop):
    """A run whose row was claimed by a later one cannot overwrite the later state."""
    run("shop", store=store, now=NOW)
    early, late = row(), row()
    at = datetime.fromtimestamp(NOW, UTC)
    assert claim(early, at)
    late.refresh_from_db()
    assert claim(late, at + timedelta(seconds=1))

    assert not record(early, failed("shop", SourceError("old")), at, 30, None)
    assert row().last_error == ""


def test_claim__goes_to_one_of_two(store, shop):
    """Two runs that read the same row cannot both claim it."""
    run("shop", store=store, now=NOW)
    one, two = row(), row()

    assert [claim(r, datetime.fromtimestamp(NOW, UTC)) for r in (one, two)] == [True, False]


def test_run__state_survives_an_emptied_store(store, shop, valkey_server):
    """Tokens of a new store start low; the row is still written."""
    shop.append(family(7))
    for step in range(3):
        run("shop", store=store, now=NOW + 60 * step)
    client = valkey_server.client
    client.flushall()
    client.close()

    assert run("shop", store=store, now=NOW + 600).ok
    assert row().last_success_at.timestamp() == NOW + 600


def test_monitoring__counts_registered_families_by_type(store):
    """The seed's gauge tells how many families are enabled, by type."""
    Metric.objects.filter(pk=Metric.objects.filter(kind="gauge").first().pk).update(enabled=False)

    assert run("monitoring", store=store).ok

    samples = {
        dict(labels)["type"]: value
        for name, labels, value in store.snapshot().frames["collector:monitoring"].samples()
        if name == "zerostate_metrics_registered_total"
    }
    expected = Metric.objects.filter(enabled=True, withdrawn_at=None, kind="gauge").count()
    assert samples["gauge"] == expected
    assert set(samples) == {"counter", "gauge", "histogram", "summary"}


def test_monitoring__writes_down_which_families_have_samples(store):
    """A family in the store is remembered as seen, whoever gave it."""
    run("monitoring", store=store, now=time.time())
    run("monitoring", store=store, now=time.time(), forced=True)

    assert Metric.objects.get(name="zerostate_metrics_registered_total").last_seen_at is not None


def test_run__an_idle_collector_is_not_missed(store):
    """A collector without anything to read is not run, and its note says why."""

    @collector("idle", interval=30, idle=lambda: "nothing is configured")
    def collect():
        raise AssertionError("an idle collector is not run")

    try:
        outcome = run("idle", store=store, now=NOW, forced=True)
    finally:
        COLLECTORS.discard("idle")

    assert outcome.skipped_reason == "nothing is configured"
    assert store.notes("collector") == {"idle": {"off": "nothing is configured"}}


def test_run__a_disabled_collector_is_not_missed(store, shop):
    """A disabled collector leaves the reason in place of its last success."""
    shop.append(family(7))
    run("shop", store=store, now=NOW)
    Collector.objects.filter(name="shop").update(enabled=False)

    run("shop", store=store, now=NOW + 30)

    assert store.notes("collector") == {"shop": {"off": "disabled"}}


def test_run__a_source_that_gave_nothing_was_not_seen_up(store, shop):
    """No samples and no error says nothing of the source."""
    run("shop", store=store, now=NOW)

    assert store.notes("collector")["shop"]["source_up"] is None


@pytest.mark.parametrize(
    ("error", "up"),
    [
        (SourceError("no route", kind="refused"), False),
        (SourceError("a statement took too long", kind="timeout"), False),
        (TimeoutError("the run took too long"), None),
        (StoreUnavailableError("gone"), None),
        (DefinitionError("two types"), None),
        (ConfigurationError("no such alias"), None),
        (ZeroDivisionError("division by zero"), None),
    ],
)
def test_run__source_up_speaks_of_the_source_alone(store, shop, error, up):
    """What the store, the code or the run's own time did is not the source's fault."""
    shop.append(error)

    assert run("shop", store=store, now=NOW).failed

    assert store.notes("collector")["shop"]["source_up"] is up


def test_note__a_killed_worker_says_nothing_against_the_source(store, shop):
    """The next run finds that one was lost; of that one the note does not blame the source."""
    run("shop", store=store, now=NOW)
    outcome = lost("shop", datetime.fromtimestamp(NOW, UTC))

    assert outcome.failed
    assert note_of(COLLECTORS["shop"], row(), outcome, NOW)["source_up"] is None


def test_note__tells_when_the_run_was_also_of_a_failure(store, shop):
    """The page can leave out what is told of a run long ago."""
    run("shop", store=store, now=NOW)
    assert store.notes("collector")["shop"]["at"] == NOW
    shop.append(SourceError("no route"))

    run("shop", store=store, now=NOW + 30)

    note = store.notes("collector")["shop"]
    assert (note["at"], note["last_success"]) == (NOW + 30, NOW)


def test_run__without_a_store_leaves_a_running_one_its_claim(store, shop, monkeypatch):
    """A run that gets no lease for want of a store does not make another one overtaken."""

    def away(*arguments):
        raise StoreUnavailableError("gone")

    def meanwhile():
        with monkeypatch.context() as patched:
            patched.setattr(Store, "lease", away)
            assert run("shop", store=store, now=NOW + 1, forced=True).failed
        yield family(7)

    COLLECTORS.discard("shop")
    collector("shop", interval=30)(meanwhile)

    assert run("shop", store=store, now=NOW).ok

    assert row().last_success_at.timestamp() == NOW
    assert (row().samples, row().failures_in_a_row) == (1, 0)
    run("shop", store=store, now=NOW + 30)
    assert "shop|lost" not in store.counts("collector_errors")


def test_run__failures_without_a_store_are_not_taken_for_lost(store, shop, monkeypatch):
    """After two failures to get a lease the next run finds nothing that was lost."""

    def away(*arguments):
        raise StoreUnavailableError("gone")

    run("shop", store=store, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "lease", away)
        for step in (1, 2):
            run("shop", store=store, now=NOW + 30 * step)
    assert row().failures_in_a_row == 2

    assert run("shop", store=store, now=NOW + 90).ok
    assert store.counts("collector_errors") == {"shop|store": 2}


def test_run__asks_a_store_that_gives_no_lease_for_nothing_more(store, shop, monkeypatch):
    """Each question to a store that hangs costs its timeout, and a worker has others to run."""
    asked = []

    def away(*arguments):
        asked.append("lease")
        raise StoreUnavailableError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "lease", away)
        for name in ("note", "count"):
            patched.setattr(Store, name, lambda *_, name=name: asked.append(name))
        assert run("shop", store=store, now=NOW).failed
    assert asked == ["lease"]
    assert row().last_error_kind == "store"


def disable_now():
    """What an operator's click does, without a transaction around it."""
    Collector.objects.filter(name="shop").update(enabled=False)
    current_store().remove(["collector:shop"])
    current_store().note("collector", {"shop": {"off": "disabled"}})


def test_run__disabled_in_the_middle_brings_nothing_back(store, shop):
    """Neither series nor note of a run survive that its collector was disabled meanwhile."""

    def collect():
        yield family(7)
        disable_now()

    COLLECTORS.discard("shop")
    collector("shop", interval=30)(collect)

    outcome = run("shop", store=store, now=NOW)

    assert outcome.skipped_reason == "disabled"
    assert "collector:shop" not in store.snapshot().frames
    assert store.notes("collector") == {"shop": {"off": "disabled"}}
    assert store.counts("collector_errors") == {}
    assert (row().last_error, row().failures_in_a_row) == ("", 0)
    Collector.objects.update(enabled=True)
    COLLECTORS.discard("shop")
    collector("shop", interval=30)(lambda: iter([family(8)]))
    assert run("shop", store=store, now=NOW + 30).ok
    assert store.counts("collector_errors") == {}


def test_run__disabled_before_its_lease_writes_nothing(store, shop, monkeypatch):
    """A run that read its row before the click does not bring the series back after it."""
    shop.append(family(7))
    lease = Store.lease

    def click_first(self, *arguments):
        disable_now()
        return lease(self, *arguments)

    monkeypatch.setattr(Store, "lease", click_first)

    assert run("shop", store=store, now=NOW).skipped_reason == "disabled"
    assert "collector:shop" not in store.snapshot().frames


def test_run__disabled_after_its_frame_keeps_the_note(store, shop, monkeypatch):
    """A click between frame and note: the note still says that it is off."""
    shop.append(family(7))
    write = Store.write

    def click_after(self, *arguments, **options):
        write(self, *arguments, **options)
        disable_now()

    monkeypatch.setattr(Store, "write", click_after)

    run("shop", store=store, now=NOW)

    assert store.notes("collector") == {"shop": {"off": "disabled"}}
    assert "collector:shop" not in store.snapshot().frames


@pytest.mark.parametrize("text", ["lone \ud800 half", "nul \x00 here"])
def test_run__any_text_can_be_written_down(store, shop, text):
    """Errors and reasons with characters that no database takes are recorded all the same."""
    shop += [Absent(f"zerostate_{text}", text), family(7)]
    assert run("shop", store=store, now=NOW).ok
    ((name, reason),) = row().absent.items()
    shop.append(SourceError(text))

    assert run("shop", store=store, now=NOW + 30).failed

    for stored in (name, reason, row().last_error):
        stored.encode()
        assert "\x00" not in stored
        assert "\N{REPLACEMENT CHARACTER}" in stored


@pytest.mark.parametrize(
    ("values", "remembered"), [((5.0, math.inf), 5.0), ((math.nan,), None), ((math.inf,), None)]
)
def test_run__counts_that_are_no_numbers_are_not_carried(store, shop, values, remembered):
    """JSON holds no NaN: the memory before stays, and the family is named absent."""
    definition = next(d for d in CATALOGUE if d.kind is Kind.COUNTER and Feed.PLATFORM in d.feeds)
    labels = tuple("x" for _ in definition.labels)
    COLLECTORS.discard("shop")
    items = []
    collector("shop", interval=30, feed=Feed.PLATFORM)(lambda: iter(items))

    for step, value in enumerate(values):
        items[:] = [Reading(definition, labels, value, counted=True)]
        outcome = run("shop", store=store, now=NOW + 30 * step)

    assert outcome.ok
    assert outcome.absent[definition.name] == row().absent[definition.name]
    assert "not a finite number" in outcome.absent[definition.name]
    assert [memory["last"] for memory in row().carry.values()] == (
        [] if remembered is None else [remembered]
    )


def test_run__a_row_that_cannot_be_written_costs_only_the_row(store, shop, monkeypatch, caplog):
    """The frame stands, the note tells the run, the error is logged and counted."""
    shop.append(family(7))

    def refuse(*arguments):
        raise DatabaseError("disk full")

    monkeypatch.setattr(runner, "record", refuse)

    assert run("shop", store=store, now=NOW).ok

    assert "collector:shop" in store.snapshot().frames
    assert store.notes("collector")["shop"]["at"] == NOW
    assert store.counts("collector_errors") == {"shop|error": 1}
    assert "collection_not_recorded" in caplog.messages


def test_run__a_database_that_is_away_is_an_outcome(store, shop, monkeypatch, caplog):
    """Rows that cannot be read end in the outcome, logged and counted."""

    def refuse(*arguments):
        raise DatabaseError("connection refused")

    monkeypatch.setattr(runner, "row_of", refuse)

    outcome = run("shop", store=store, now=NOW)

    assert (outcome.failed, outcome.error) == (True, "connection refused")
    assert store.counts("collector_errors") == {"shop|error": 1}
    assert "collection_failed" in caplog.messages


def test_run__an_interval_that_is_none_is_an_outcome(store, shop):
    """Whose interval cannot be had is told by the kind `configuration`."""
    COLLECTORS.discard("shop")
    collector("shop", interval=lambda: 0.0)(list)

    outcome = run("shop", store=store, now=NOW)

    assert (outcome.failed, outcome.error_kind) == (True, "configuration")
    assert store.counts("collector_errors") == {"shop|configuration": 1}


def test_run__absent_families_are_logged_when_that_changes(store, shop, caplog):
    """The log says what is absent and why when it becomes so, not at each run."""
    shop.append(Absent("zerostate_escrows", "no table escrows"))
    with caplog.at_level(logging.WARNING):
        for minute in range(3):
            run("shop", store=store, now=NOW + 60 * minute)

    (said,) = [record for record in caplog.records if record.message == "families_absent"]
    assert (said.collector, said.families) == ("shop", ["zerostate_escrows"])
    assert said.reasons == ["no table escrows"]
