"""What the app says of itself."""

from __future__ import annotations

from tests.exposition.pages import snapshot
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.exceptions import ERROR_KINDS
from zerostate_monitoring.exposition.own import own_frame, silent
from zerostate_monitoring.exposition.plan import Plan
from zerostate_monitoring.storage.head import Head

NOTE = {
    "interval": 30,
    "last_success": 100.5,
    "duration": 0.25,
    "samples": 7,
    "source": "platform",
    "source_up": True,
    "absent": 2,
    "refused": 0,
}
P = "zerostate_monitoring_"


def own(**changes):
    """Own samples as {(name, labels): value}."""
    known = changes.pop("known", dict.fromkeys(changes.get("notes", {}), 60))
    external = changes.pop("external", {})
    frame = own_frame(snapshot({}, **changes), known, external, Plan((), 12, 5, 3))
    return {(name, labels): value for name, labels, value in frame.samples()}


def test_own__store_and_page():
    """The store's id, whether it answered, and the size of the page."""
    samples = own()
    assert samples[f"{P}store_up", ()] == 1
    assert samples[f"{P}store_info", (("store", "s1"),)] == 1
    assert samples[f"{P}page_series", ()] == 12
    assert samples[f"{P}page_refused_series", ()] == 3


def test_own__an_absent_store_is_told():
    """store_up is 0, and no id is made up."""
    samples = own(up=False, store_id="")
    assert samples[f"{P}store_up", ()] == 0
    assert samples[f"{P}page_series", ()] == 12 - 5, "counts are left off the page"
    assert not any(name == f"{P}store_info" for name, _ in samples)


def test_own__collectors():
    """Last success, interval, duration and samples per collector."""
    samples = own(notes={"economic": NOTE})
    label = (("collector", "economic"),)
    assert samples[f"{P}collector_last_success_timestamp_seconds", label] == 100.5
    assert samples[f"{P}collector_interval_seconds", label] == 30
    assert samples[f"{P}collector_duration_seconds", label] == 0.25
    assert samples[f"{P}collector_samples", label] == 7


def test_own__a_collector_that_never_ran_has_success_zero():
    """Infinitely old is said with 0, so that an alert sees it."""
    samples = own(known={"economic": 60})
    label = (("collector", "economic"),)
    assert samples[f"{P}collector_last_success_timestamp_seconds", label] == 0
    assert samples[f"{P}collector_interval_seconds", label] == 60
    assert (f"{P}collector_duration_seconds", label) not in samples


def test_own__sources_add_their_readers_up():
    """A source is down if one of its readers found it down; absences add up."""
    samples = own(notes={"a": NOTE, "b": {**NOTE, "source_up": False}})
    label = (("source", "platform"),)
    assert samples[f"{P}source_up", label] == 0
    assert samples[f"{P}families_absent", label] == 4
    assert samples[f"{P}families_refused", label] == 0


def test_own__errors_and_dropped_series_are_counters():
    """Counts come with collector and kind, and with the family."""
    samples = own(known={"a": 1}, counts={"a|timeout": 4}, dropped={"zerostate_x": 5})
    errors = {dict(k)["kind"]: v for (n, k), v in samples.items() if n.endswith("errors_total")}
    assert errors == {**dict.fromkeys(ERROR_KINDS, 0), "timeout": 4}
    assert samples[f"{P}series_dropped_total", (("family", "zerostate_x"),)] == 5


def test_own__dropped_series_start_at_0():
    """So ``increase`` sees the first series that is folded, in each family that can be full."""
    dropped = {dict(k)["family"]: v for (n, k), v in own().items() if n.endswith("dropped_total")}
    assert dropped == {one.name: 0.0 for one in CATALOGUE if one.unbounded}
    assert not any(n.endswith("dropped_total") for n, _ in own(up=False))


def test_own__what_is_told_of_a_run_ends_with_its_time():
    """Three intervals after a run only last success and interval of it are told."""
    notes = {"a": {**NOTE, "at": 1000.0}}
    known = {"a": 30.0}
    taken = snapshot({}, notes=notes)
    assert silent(taken, known, 1090.0) == frozenset()
    assert silent(taken, known, 1091.0) == {"a"}
    frame = own_frame(taken, known, {}, Plan(), frozenset({"a"}))
    told = {name.removeprefix(P) for name, labels, _ in frame.samples() if labels}
    assert told == {
        "store_info",
        "collector_last_success_timestamp_seconds",
        "collector_interval_seconds",
        "collector_errors_total",
        "series_dropped_total",
    }


def test_own__collectors_that_are_off_are_not_missed():
    """A collector that was disabled, or that this project no longer has, is not told of."""
    samples = own(notes={"a": {"off": "disabled"}, "gone": NOTE}, known={"a": 1})
    assert not any("collector" in dict(labels) or "source" in dict(labels) for _, labels in samples)


def test_own__external_labels_are_a_family_of_their_own():
    """They do not change any other series."""
    samples = own(external={"cluster": "eu", "team": "a"})
    assert samples[f"{P}external_labels", (("cluster", "eu"), ("team", "a"))] == 1


def test_own__every_family_is_catalogued():
    """Nothing of ours is on the page that the catalogue does not know."""
    samples = own(notes={"a": NOTE}, counts={"a|b": 1}, dropped={"f": 1}, external={"c": "d"})
    assert all(CATALOGUE.find(name) for name, _ in samples)


def test_own__history_is_told_where_there_is_one():
    """Size, span, the newest slot, and what is missing; nothing of a store without history."""
    head = Head("e", first=60_000, last=360_000, size=5, columns=20, missed=1, cut=2)
    samples = own(history=head)
    found = {name: value for (name, _), value in samples.items() if "history" in name}
    assert found == {
        f"{P}history_bytes": 5,
        f"{P}history_columns": 20,
        f"{P}history_span_seconds": 300,
        f"{P}history_last_slot_timestamp_seconds": 360,
        f"{P}history_missed_slots_total": 1,
        f"{P}history_blocks_cut_total": 2,
    }
    assert not any("history" in name for name, _ in own())
