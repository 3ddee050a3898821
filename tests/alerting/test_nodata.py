"""Dormant, without data, waiting: three things that look alike are told apart."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.storage.timelines import BOUNDS, column, series
from zerostate_monitoring.alerting.nodata import judge
from zerostate_monitoring.collectors.base import COLLECTORS, collector
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.models import Collector, Metric, Node, Rule, RuleGroup, RuleState
from zerostate_monitoring.models.words import Health, NoDataPolicy, RuleKind
from zerostate_monitoring.promql.data import Result, Sample, Vector
from zerostate_monitoring.querying.scraped import PAGE
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.recorded import write
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

SLOT = int(time.time() * 1000) // 15_000 * 15_000
PEERS = "zerostate_p2p_peers_connected"
OUTBOX = "zerostate_monitoring_outbox_oldest_due_timestamp_seconds"


@pytest.fixture
def group():
    return RuleGroup.objects.create(name="g")


@pytest.fixture
def nodes_seen():
    """Nodes that have given their families before."""
    Node.objects.create(name="n1", base_url="http://n1.example:8080")
    Metric.objects.filter(name__startswith="zerostate_p2p").update(last_seen_at=timezone.now())


def rule(group, expr, **fields):
    """A saved rule."""
    return Rule.objects.create(group=group, name=fields.pop("name", "X"), expr=expr, **fields)


def page(store, ups, labels=(), slot=SLOT):
    """A column: who was there, and some series."""
    found = {series("zerostate_monitoring_producer_up", producer=n): v for n, v in ups.items()}
    found.update(dict.fromkeys(labels, 1.0))
    assert Recorder(store.timeline()).record(slot, column(found), BOUNDS).value == "ok"


def verdict(one, at=SLOT):
    """The verdict on one rule."""
    return judge([one], at)[one.pk]


def peers(**fields):
    """Change the family's row."""
    Metric.objects.filter(name=PEERS).update(**fields)


UP = {f"collector:{NODES}": 1.0}
DOWN = {f"collector:{NODES}": 0.0}


def test_judge__a_family_that_was_never_seen_makes_a_rule_dormant(store, group):
    """It says which; and comes to life by itself when there is data."""
    page(store, UP, slot=SLOT - 15_000)
    one = rule(group, f"{PEERS} < 3")
    found = verdict(one)
    assert found.health == Health.DORMANT
    assert PEERS in found.reason
    page(store, UP, [series(PEERS, node="n1")])
    assert verdict(one).health == Health.OK


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: Metric.objects.filter(name=PEERS).update(enabled=False), "switched off"),
        (
            lambda: Metric.objects.filter(name=PEERS).update(withdrawn_at=timezone.now()),
            "withdrawn",
        ),
        (lambda: Collector.objects.filter(name=NODES).update(enabled=False), f"collector {NODES}"),
    ],
)
def test_judge__what_an_operator_switched_off_makes_a_rule_dormant(
    store, group, nodes_seen, change, reason
):
    """Family or collector, with the reason."""
    page(store, UP)
    one = rule(group, f"{PEERS} < 3")
    assert verdict(one).health == Health.OK
    change()
    found = verdict(one)
    assert found.health == Health.DORMANT
    assert reason in found.reason


def test_judge__no_data_is_a_producer_that_ceased(store, group, nodes_seen):
    """Since when, and which; the series stand for as long as they stand."""
    ended = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    Collector.objects.filter(name=NODES).update(last_success_at=ended)
    one = rule(group, f"{PEERS} < 3")
    page(store, DOWN, [series(PEERS, node="n1")], slot=SLOT - 15_000)
    assert verdict(one, SLOT - 15_000).health == Health.OK
    page(store, DOWN)
    found = verdict(one)
    assert found.health == Health.NO_DATA
    assert f"collector {NODES} has not succeeded since 2026-01-02 03:04:05 UTC" in found.reason


def test_judge__a_series_that_a_fresh_producer_no_longer_yields_is_not_no_data(
    store, group, nodes_seen
):
    """A node that was removed, no dispute that is open: it has ended, and its alert resolves."""
    page(store, UP)
    assert verdict(rule(group, f"{PEERS} < 3")).health == Health.OK


def test_judge__a_family_that_a_run_could_not_give_is_no_data(store, group, nodes_seen):
    """The run succeeded, with one part missing: its reason is the rule's."""
    page(store, UP)
    Collector.objects.filter(name=NODES).update(absent={PEERS: "no column peers"})
    found = verdict(rule(group, f"{PEERS} < 3"))
    assert found.health == Health.NO_DATA
    assert "no column peers" in found.reason


def test_judge__totals_of_processes_never_go_stale(store, group):
    """While the store is up they stand, whoever has gone."""
    name = "zerostate_http_requests_total"
    Metric.objects.filter(name=name).update(last_seen_at=timezone.now())
    page(store, DOWN, slot=SLOT - 600_000)
    page(store, DOWN)
    assert verdict(rule(group, f"rate({name}[5m]) > 1")).health == Health.OK


def test_judge__a_recorded_name_fares_as_what_it_is_made_of(store, group):
    """Without its families it is not recorded; without its rule nobody records it."""
    page(store, UP)
    one = rule(group, "a:peers:sum > 3")
    assert "no rule records a:peers:sum" in verdict(one).reason
    rule(group, f"sum({PEERS})", name="a:peers:sum", kind=RuleKind.RECORDING)
    found = verdict(one)
    assert found.health == Health.DORMANT
    assert PEERS in found.reason
    Metric.objects.filter(name=PEERS).update(last_seen_at=timezone.now())
    assert verdict(one).health == Health.OK


def test_judge__waits_for_history_that_it_reaches_for(store, group):
    """Beyond the timeline, or where an offset says so; with the date on which it is ready."""
    page(store, UP, slot=SLOT - 600_000)
    page(store, UP)
    rule(group, "vector(1)", name="a:b:sum", kind=RuleKind.RECORDING, kept=True)
    for n in range(3):
        write(store, "1", SLOT - 600_000 + n * 300_000, 1, [(series("a:b:sum"), 1.0)])
    found = verdict(rule(group, "sum_over_time(a:b:sum[3d]) > 1"))
    assert found.health == Health.WAITING
    # What only the timeline remembers so far never gets there; what is kept does.
    assert "needs history from" in found.reason
    found = verdict(rule(group, "a:b:sum offset 1h > 1"))
    assert found.health == Health.WAITING
    assert found.ready_ms == SLOT - 600_000 + 3_600_000
    assert found.begins_nothing
    # Pages that are too young are better than none.
    paged = verdict(rule(group, "rate(own_total[1h]) > 1"))
    assert (paged.health, paged.begins_nothing) == (Health.WAITING, False)
    told = verdict(rule(group, "count_over_time(ALERTS[1h]) > 1"))
    assert (told.health, told.begins_nothing) == (Health.WAITING, False)
    assert "ready on" in found.reason
    found = verdict(rule(group, "sum_over_time(a:b:sum[1h]) > 1"))
    assert (found.health, found.since_ms) == (Health.WAITING, SLOT - 600_000)
    assert verdict(rule(group, "sum_over_time(a:b:sum[10m]) > 1")).health == Health.OK


def test_judge__a_long_reach_is_ready_when_the_long_tier_is_old_enough(store, group, monkeypatch):
    """The date lies its reach after the first sample that is kept."""
    monkeypatch.setattr("zerostate_monitoring.storage.kept.MARKS", [lambda: {"a:b:sum"}])
    first = SLOT // 300_000 * 300_000 - 600_000
    page(store, UP, slot=first)
    rule(group, "vector(1)", name="a:b:sum", kind=RuleKind.RECORDING, kept=True)
    write(store, "1", first, 1, [(series("a:b:sum"), 1.0)])
    one = rule(group, "sum_over_time(a:b:sum[3d]) > 1")
    assert verdict(one).ready_ms == first + 3 * 86_400_000
    monkeypatch.setattr(
        "zerostate_monitoring.querying.engines.firsts", lambda: {"a:b:sum": SLOT - 4 * 86_400_000}
    )
    assert verdict(one).health == Health.OK


def test_judge__rules_about_the_monitoring_itself_are_not_silenced_by_its_absence(store, group):
    """Never dormant, never waiting; without data only where they are to fire for that."""
    page(store, {"collector:alerting": 0.0})
    one = rule(group, f"time() - {OUTBOX} > 120")
    assert verdict(one).health == Health.OK
    assert verdict(rule(group, "min(zerostate_monitoring_store_up) == 0")).health == Health.OK
    one.no_data_policy = NoDataPolicy.FIRE
    Metric.objects.filter(name=OUTBOX).update(last_seen_at=timezone.now())
    assert verdict(one).health == Health.NO_DATA
    page(store, {"collector:alerting": 1.0}, slot=SLOT + 15_000)
    assert verdict(one, SLOT + 15_000).health == Health.OK


def test_judge__a_family_of_the_projects_own_collector(store, group):
    """Unknown to the catalogue: without data where a collector of the project's gives none."""

    @collector("own", interval=60)
    def own():
        yield from ()

    try:
        Collector.objects.create(name="own", interval_seconds=60)
        one = rule(group, "queue_age > 3")
        page(store, {"collector:own": 1.0}, slot=SLOT - 15_000)
        assert verdict(one, SLOT - 15_000).health == Health.OK
        page(store, {"collector:own": 0.0})
        found = verdict(one)
        assert found.health == Health.NO_DATA
        assert "own" in found.reason
    finally:
        COLLECTORS.discard("own")


def test_judge__without_history_the_rows_say_who_is_fresh(store, group, settings, nodes_seen):
    """Where none was recorded yet: who is fresh has not been heard, which ends nothing."""
    one = rule(group, f"{PEERS} < 3")
    at = datetime.fromtimestamp(SLOT / 1000, UTC)
    Collector.objects.filter(name=NODES).update(last_success_at=at - timedelta(seconds=30))
    found = verdict(one)
    assert (found.health, found.ready_ms, found.since_ms) == (Health.WAITING, None, None)
    assert found.reason == "there is no history yet: no page has been recorded"
    Collector.objects.filter(name=NODES).update(last_success_at=at - timedelta(seconds=60))
    assert verdict(one).health == Health.NO_DATA


@pytest.mark.parametrize("name", [PEERS, "zerostate_http_requests_total", "own_family"])
def test_judge__values_are_too_old_where_nobody_records_newer_ones(
    store, group, settings, nodes_seen, name
):
    """Whoever gives them: their producer works, and no page says that they have ended."""
    Metric.objects.filter(name=name).update(last_seen_at=timezone.now())
    page(store, UP, [series(name, node="n1")])
    one = rule(group, f"{name} < 3")
    at = datetime.fromtimestamp(SLOT / 1000, UTC)
    Collector.objects.filter(name=NODES).update(last_success_at=at + timedelta(seconds=290))
    assert verdict(one, SLOT + 299_999).health == Health.OK
    found = verdict(one, SLOT + 300_000)
    assert found.health == Health.STALE
    assert found.reason == (
        f"the newest page in history is of {at:%Y-%m-%d %H:%M:%S} UTC: nobody records newer ones"
    )


def test_judge__of_a_silent_history_a_producer_that_ceased_is_named_first(store, group, nodes_seen):
    """It must be mended anyway."""
    page(store, UP, [series(PEERS, node="n1")])
    assert verdict(rule(group, f"{PEERS} < 3"), SLOT + 300_000).health == Health.NO_DATA


@pytest.mark.parametrize(
    ("expr", "policy", "health"),
    [
        ("min(zerostate_monitoring_store_up) == 0", "fire", Health.OK),
        ("vector(1)", "keep", Health.OK),
        ('ALERTS{alertstate="firing"}', "keep", Health.OK),
        ("time() - zerostate_monitoring_collector_last_success_timestamp_seconds > 60", "fire",
         Health.STALE),
        ("time() - zerostate_monitoring_collector_last_success_timestamp_seconds > 60", "keep",
         Health.STALE),
    ],
)  # fmt: skip
def test_judge__in_a_silent_history_the_monitoring_itself(store, group, expr, policy, health):
    """What a worker knows itself is no value of a page; of the others the policy decides."""
    page(store, UP)
    one = rule(group, expr, no_data_policy=policy)
    assert verdict(one, SLOT + 300_000).health == health


def test_judge__a_recorded_series_whose_rule_is_in_error_is_too_old(store, group, nodes_seen):
    """Once its last value is out of sight; that of a rule in order is one that has ended."""
    page(store, UP, [series(PEERS, node="n1")], slot=SLOT - 60_000)
    recording = rule(group, f"sum({PEERS})", name="peers:sum", kind=RuleKind.RECORDING)
    write(store, str(group.pk), SLOT - 300_000, 1, [(series("peers:sum"), 1.0)])
    page(store, UP, [series(PEERS, node="n1")], slot=SLOT)
    RuleState.objects.create(rule=recording, health=Health.ERROR, reason="too many series")
    one = rule(group, "peers:sum < 3")
    assert verdict(one, SLOT - 60_000).health == Health.OK
    found = verdict(one, SLOT)
    assert found.health == Health.STALE
    assert found.reason == "peers:sum is not recorded: its rule is in error: too many series"
    RuleState.objects.update(health=Health.OK, reason="")
    assert verdict(one, SLOT).health == Health.OK


def test_judge__a_constant_number_of_queries(
    store, group, nodes_seen, django_assert_max_num_queries
):
    """However many rules, and within a fraction of a tick."""
    page(store, UP, [series(PEERS, node="n1")])
    names = [*Metric.objects.values_list("name", flat=True)]
    rules = [
        Rule(pk=n, group=group, name="X", expr=f"sum by (node) (rate({name}[5m])) > {n % 7}")
        for n, name in enumerate(names * 5)
    ][:1000]
    judge(rules, SLOT)
    with django_assert_max_num_queries(12):
        began = time.process_time()
        found = judge(rules, SLOT)
        seconds = time.process_time() - began
    assert len(found) == len(rules)
    assert seconds < 1


def test_judge__a_broken_expression_is_left_to_evaluation(store, group):
    """It says what is wrong; here nothing breaks."""
    assert verdict(Rule(pk=1, group=group, name="X", expr="sum(")).health == Health.OK


# -- where a server answers in place of this app ------------------------------------


class Server:
    """A Prometheus that has the page, or has not, or does not answer."""

    def __init__(self):
        self.page = (Sample((("__name__", PAGE),), 1.0),)
        self.asked = 0

    def instant(self, text, at_ms, options):
        assert (text, at_ms) == (PAGE, SLOT)
        self.asked += 1
        if self.page is None:
            raise QueryTimeoutError("no answer")
        return Result(Vector(at_ms, self.page))


@pytest.fixture
def server(settings, monkeypatch):
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "http://prometheus.example"
    made = Server()
    monkeypatch.setattr("zerostate_monitoring.querying.scraped.querier", lambda: made)
    return made


def test_server__silent_producers_are_no_data_there_too(store, group, nodes_seen, server):
    """A collector that ceased leaves that server without its series, too."""
    page(store, DOWN)
    assert verdict(rule(group, f"{PEERS} < 3")).health == Health.NO_DATA
    Metric.objects.filter(name=PEERS).update(enabled=False)
    assert verdict(rule(group, f"{PEERS} < 3")).health == Health.DORMANT


@pytest.mark.parametrize("expr", ["up == 0", "a:b:sum > 1", "node_load1 > 9", 'x{a="b"} offset 1d'])
def test_server__what_it_knows_itself_is_not_judged(store, group, server, expr):
    """Its own targets, what it records, how far back it goes."""
    page(store, UP)
    assert verdict(rule(group, expr)).health == Health.OK


def test_server__that_does_not_scrape_the_page_has_no_data(store, group, nodes_seen, server):
    """An alert that fires must not resolve because nobody looks; one question for all rules."""
    page(store, UP)
    rules = [rule(group, f"{PEERS} < {n}", name=f"R{n}") for n in range(3)]
    assert {one.health for one in judge(rules, SLOT).values()} == {Health.OK}
    server.page, server.asked = (), 0
    found = judge(rules, SLOT)
    assert {one.health for one in found.values()} == {Health.NO_DATA}
    assert "does not scrape the page" in found[rules[0].pk].reason
    assert server.asked == 1


def test_server__that_does_not_answer_is_left_to_evaluation(store, group, nodes_seen, server):
    """Asking for the rule itself says so, with the policy for errors."""
    page(store, UP)
    server.page = None
    assert verdict(rule(group, f"{PEERS} < 3")).health == Health.OK


def test_server__that_scrapes_the_nodes_itself_knows_of_them(store, group, nodes_seen, server):
    """With our collector off its rules are evaluated there; what only this app sees is dormant."""
    page(store, {})
    row, known = rule(group, "zerostate_gossip_peers < 3"), rule(group, "zerostate_node_up == 0")
    ours = rule(group, "zerostate_p2p_components > 1")
    assert verdict(known).health == Health.DORMANT
    Collector.objects.filter(name=NODES).update(enabled=False)
    assert verdict(row).health == verdict(known).health == Health.OK
    assert verdict(ours).health == Health.DORMANT
    Metric.objects.filter(name="zerostate_gossip_peers").update(enabled=False)
    assert verdict(row).health == Health.DORMANT
