"""Rows follow the catalogue; the operator's fields stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.models.rules import make_rule
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors import COLLECTORS, collector, rows
from zerostate_monitoring.collectors.rows import sync_missing, sync_rows
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.models.sync import Synced, fields_of, sync_metrics

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_migrate__leaves_a_row_for_every_family_and_collector():
    """After migrate the rows are there, with what the catalogue says."""
    rows = {row.name: row for row in Metric.objects.all()}

    assert set(rows) == {definition.name for definition in CATALOGUE}
    for definition in CATALOGUE:
        row = rows[definition.name]
        assert {f: getattr(row, f) for f in fields_of(definition)} == fields_of(definition)
    assert set(Collector.objects.values_list("name", flat=True)) >= set(COLLECTORS)


def test_sync__changes_nothing_the_second_time(django_assert_max_num_queries):
    """A sync of what is there is one query and touches nothing."""
    with django_assert_max_num_queries(1):
        assert sync_metrics(CATALOGUE, NOW) == Synced()


def test_sync__updates_the_catalogues_fields_only():
    """A new help text comes in; note, switch and choice of feed are the operator's."""
    definition = next(iter(CATALOGUE))
    Metric.objects.filter(name=definition.name).update(note="mine", enabled=False, feed="node")
    others = [d for d in CATALOGUE if d is not definition]

    synced = sync_metrics([*others, replace(definition, help="New.")], NOW)

    row = Metric.objects.get(name=definition.name)
    assert synced == Synced(updated=1)
    assert (row.help, row.note, row.enabled, row.feed) == ("New.", "mine", False, "node")


def test_sync__withdraws_and_takes_back():
    """A family that left the catalogue is marked, never deleted, and can come back."""
    definition, *others = CATALOGUE

    assert sync_metrics(others, NOW) == Synced(withdrawn=1)
    assert Metric.objects.get(name=definition.name).withdrawn_at == NOW
    assert sync_metrics(others, NOW) == Synced()

    assert sync_metrics(CATALOGUE, NOW) == Synced(updated=1)
    assert Metric.objects.get(name=definition.name).withdrawn_at is None


def test_sync__takes_few_queries_for_many_rows(django_assert_max_num_queries):
    """An empty table is filled in batches."""
    Metric.objects.all().delete()
    batches = -(-len(CATALOGUE) // 200)

    with django_assert_max_num_queries(1 + 3 * batches):
        assert sync_metrics(CATALOGUE, NOW).added == len(CATALOGUE)


@pytest.mark.django_db(databases=["default", "platform"])
def test_sync_rows__keeps_off_a_database_that_a_router_refuses(settings):
    """The platform's database gets no rows of this app."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    settings.DATABASE_ROUTERS = ["zerostate_monitoring.sources.platform.router.PlatformRouter"]
    before = Metric.objects.using("platform").count()
    Metric.objects.using("platform").all().delete()

    sync_rows("platform", NOW)

    assert before >= 0
    assert Metric.objects.using("platform").count() == 0


def broken():
    """An interval that a setting which is not there should give."""
    raise RuntimeError("no such setting")


@pytest.mark.parametrize("interval", [broken, lambda: 0.0])
def test_sync_rows__a_bad_interval_costs_one_row_and_no_migrate(interval, caplog):
    """A project's collector whose interval is none is skipped, and the log says why."""
    collector("shop", interval=interval)(list)
    collector("till", interval=30)(list)
    try:
        sync_rows("default", NOW)
    finally:
        COLLECTORS.discard("shop")
        COLLECTORS.discard("till")

    names = set(Collector.objects.values_list("name", flat=True))
    assert names & {"shop", "till"} == {"till"}
    (said,) = [record for record in caplog.records if record.message == "collector_not_synced"]
    assert said.collector == "shop"


def test_sync_rows__is_a_no_op_where_the_app_is_switched_off(settings):
    """A migrate with ENABLED = False makes no rows, and changes none."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    Metric.objects.exclude(name="zerostate_node_up").delete()
    Metric.objects.update(help="Old.")
    Collector.objects.all().delete()

    sync_rows("default", NOW)

    assert list(Metric.objects.values_list("name", "help")) == [("zerostate_node_up", "Old.")]
    assert not Collector.objects.exists()


def test_monitoring__makes_rows_that_a_migrate_did_not(store):
    """Switched on after the migrate: the first run brings all rows, the next changes nothing."""
    Metric.objects.all().delete()
    Collector.objects.all().delete()

    assert run("monitoring", store=store).ok

    assert set(Metric.objects.values_list("name", flat=True)) == {d.name for d in CATALOGUE}
    assert set(Collector.objects.values_list("name", flat=True)) == set(COLLECTORS)


def test_sync_missing__leaves_rows_alone_that_a_newer_version_made():
    """While two versions run side by side, the older one's worker withdraws nothing."""
    Metric.objects.filter(name="zerostate_node_up").update(help="Newer.")
    Metric.objects.create(name="zerostate_newer")

    sync_missing(NOW)

    assert Metric.objects.get(name="zerostate_node_up").help == "Newer."
    assert Metric.objects.get(name="zerostate_newer").withdrawn_at is None


def test_sync_rows__withdraws_from_no_rule_without_a_word(monkeypatch, caplog):
    """The log names each rule that reads the family; the rule keeps it as a finding."""
    make_rule(name="Mine", expr="zerostate_escrows > 3", findings=[])
    make_rule(name="Other", expr="zerostate_node_up == 0")
    others = [one for one in CATALOGUE if one.name != "zerostate_escrows"]
    monkeypatch.setattr(rows, "CATALOGUE", others)

    with caplog.at_level("WARNING"):
        sync_rows("default", NOW)
        sync_rows("default", NOW)

    said = [one for one in caplog.records if one.message == "rules_read_a_withdrawn_metric"]
    assert [(one.metric, one.rules) for one in said] == [("zerostate_escrows", ["Mine"])]
