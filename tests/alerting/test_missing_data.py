"""What becomes of alerts when something is missing: from columns in a real store to the rows."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.alerting.incoming.messages import message, told
from tests.storage.timelines import INTERVAL, column, series
from zerostate_monitoring.alerting.evaluation.ticking import tick
from zerostate_monitoring.alerting.incoming import apply, read
from zerostate_monitoring.models import Alert, Collector, Metric, Node, Rule, RuleGroup, RuleState
from zerostate_monitoring.models.words import Health
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.timeline import Bounds

pytestmark = pytest.mark.django_db(transaction=True)

STEP = 60_000
START = int(time.time() * 1000) // STEP * STEP - 3_600_000
PEERS = "zerostate_p2p_peers_connected"
UP = series("zerostate_monitoring_producer_up", producer=f"collector:{NODES}")
A, B = (series(PEERS, node=node) for node in "ab")


class Film:
    """Columns, a minute apart, each of which is evaluated."""

    def __init__(self, store, retention_ms=30 * 24 * 3_600_000):
        self.store = store
        self.bounds = Bounds(INTERVAL, retention_ms, 1 << 30)
        self.slot = START - STEP

    def shows(self, *, up=1.0, times=1, **peers):
        """So many minutes in which nodes have so many peers."""
        page = {series(PEERS, node=node): float(value) for node, value in peers.items()}
        for _ in range(times):
            self.slot += STEP
            made = column({**page, UP: up})
            assert (
                Recorder(self.store.timeline()).record(self.slot, made, self.bounds).value == "ok"
            )
            assert tick(datetime.fromtimestamp(self.slot / 1000, UTC)) == 1


@pytest.fixture
def film(store):
    Node.objects.create(name="a", base_url="http://a.example:8080")
    Metric.objects.filter(name=PEERS).update(last_seen_at=timezone.now())
    return Film(store)


@pytest.fixture
def rule():
    group = RuleGroup.objects.create(name="g", interval_seconds=60)

    def make(expr, **fields):
        return Rule.objects.create(group=group, name="Few", expr=expr, **fields)

    return make


def alerts():
    """State and node of each alert, oldest first."""
    return [(one.state, one.labels["node"]) for one in Alert.objects.order_by("pk")]


def events():
    """What happened to the oldest alert, but for that nobody is told."""
    rows = Alert.objects.earliest("pk").events.exclude(kind="unrouted")
    return [one.kind for one in rows.order_by("pk")]


def test_no_data__alerts_are_kept_by_default(film, rule):
    """The producer is silent: what fires goes on firing, what is pending waits, and says why."""
    one = rule(f"{PEERS} < 3", for_duration=timedelta(minutes=2))
    film.shows(a=1, b=9, times=3)
    film.shows(a=1, b=1)
    assert alerts() == [("firing", "a"), ("pending", "b")]
    ended = datetime.fromtimestamp(film.slot / 1000, UTC)
    Collector.objects.filter(name=NODES).update(last_success_at=ended)
    film.shows(up=0.0, times=10)
    assert alerts() == [("firing", "a"), ("pending", "b")]
    held = Alert.objects.earliest("pk").held
    assert held.startswith(f"no data: {PEERS}")
    assert f"{NODES} has not succeeded since" in held
    assert RuleState.objects.get(rule=one).health == Health.NO_DATA
    # The silent minutes do not count: b has been seen for one, and is due after two.
    film.shows(a=1, b=1)
    assert alerts() == [("firing", "a"), ("pending", "b")]
    film.shows(a=9, b=1)
    assert alerts() == [("resolved", "a"), ("firing", "b")]
    assert events() == ["pending", "firing", "held", "released", "resolved"]
    assert RuleState.objects.get(rule=one).health == Health.OK


def test_no_data__may_resolve_where_a_rule_says_so(film, rule):
    """As Prometheus does it."""
    rule(f"{PEERS} < 3", no_data_policy="resolve")
    film.shows(a=1)
    film.shows(up=0.0)
    assert alerts() == [("resolved", "a")]


def test_series__that_a_fresh_producer_no_longer_yields_resolves(film, rule):
    """A node that was removed is no silent one; even if it was the last."""
    one = rule(f"{PEERS} < 3")
    film.shows(a=1, b=1)
    assert alerts() == [("firing", "a"), ("firing", "b")]
    film.shows(b=1)
    assert alerts() == [("resolved", "a"), ("firing", "b")]
    film.shows()
    assert alerts() == [("resolved", "a"), ("resolved", "b")]
    assert RuleState.objects.get(rule=one).health == Health.OK


def waits(film, minutes, *, fresh=True):
    """So many minutes in which nothing is recorded, and all the same rules are evaluated."""
    for _ in range(minutes):
        film.slot += STEP
        at = datetime.fromtimestamp(film.slot / 1000, UTC)
        if fresh:
            Collector.objects.filter(name=NODES).update(last_success_at=at)
        assert tick(at) == 1


def test_silent_history__ends_nothing(film, rule):
    """Collectors work and nobody records: what fires is held, and says why, until pages come."""
    one = rule(f"{PEERS} < 3", for_duration=timedelta(minutes=2))
    film.shows(a=1, b=9, times=3)
    film.shows(a=1, b=1)
    last = datetime.fromtimestamp(film.slot / 1000, UTC)
    # For five minutes the last values stand, as in Prometheus: b has been seen for two of them.
    waits(film, 4)
    assert alerts() == [("firing", "a"), ("firing", "b")]
    assert RuleState.objects.get(rule=one).health == Health.OK
    waits(film, 10)
    assert alerts() == [("firing", "a"), ("firing", "b")]
    state = RuleState.objects.get(rule=one)
    assert state.health == Health.STALE
    assert f"the newest page in history is of {last:%Y-%m-%d %H:%M:%S} UTC" in state.reason
    assert Alert.objects.earliest("pk").held == f"value too old: {state.reason}"
    film.shows(a=9, b=1)
    assert alerts() == [("resolved", "a"), ("firing", "b")]
    assert events() == ["pending", "firing", "held", "released", "resolved"]
    assert RuleState.objects.get(rule=one).health == Health.OK


@pytest.mark.parametrize(
    ("policy", "after"),
    [("resolve", [("resolved", "a")]), ("fire", [("firing", "a"), ("firing", "")])],
)
def test_silent_history__a_rule_says_what_becomes_of_its_alerts(film, rule, policy, after):
    """Its policy without data holds for values that are too old, too."""
    rule(f"{PEERS} < 3", no_data_policy=policy)
    film.shows(a=1)
    waits(film, 5)
    assert [(a.state, a.labels.get("node", "")) for a in Alert.objects.order_by("pk")] == after


def test_emptied_store__ends_nothing_before_the_first_page(film, rule, valkey_server):
    """Collectors may have succeeded a moment ago: what they gave is not there to be seen."""
    one = rule(f"{PEERS} < 3")
    film.shows(a=1)
    client = valkey_server.client
    client.flushall()
    client.close()
    waits(film, 2)
    assert alerts() == [("firing", "a")]
    assert RuleState.objects.get(rule=one).health == Health.WAITING
    film.shows(a=1)
    assert alerts() == [("firing", "a")]
    film.shows(a=9)
    assert alerts() == [("resolved", "a")]


def test_emptied_store__alerts_stay_until_windows_have_filled_again(film, rule, valkey_server):
    """What fired rests on minutes that are forgotten: it ends by no window that lacks them."""
    one = rule(f"min_over_time({PEERS}[10m]) < 3")
    film.shows(a=9, b=9, times=11)
    film.shows(a=1, b=9)
    assert alerts() == [("firing", "a")]
    client = valkey_server.client
    client.flushall()
    client.close()
    # Nine minutes that say nothing bad; but ten are asked for.
    film.shows(a=9, b=9, times=5)
    began = film.slot - 4 * STEP
    assert alerts() == [("firing", "a")]
    assert Alert.objects.get().held == "needs history"
    state = RuleState.objects.get(rule=one)
    assert state.health == Health.WAITING
    assert state.ready_at == datetime.fromtimestamp((began + 10 * STEP) / 1000, UTC)
    # What is new begins, and what began since then ends, as ever.
    film.shows(a=9, b=1)
    assert alerts() == [("firing", "a"), ("firing", "b")]
    film.shows(a=9, b=9, times=4)
    assert film.slot == began + 9 * STEP
    assert alerts() == [("firing", "a"), ("firing", "b")]
    film.shows(a=9, b=9)
    assert alerts() == [("resolved", "a"), ("firing", "b")]
    assert RuleState.objects.get(rule=one).health == Health.OK
    film.shows(a=9, b=9, times=6)
    assert alerts() == [("resolved", "a"), ("resolved", "b")]


def test_window__longer_than_history_says_when_it_is_ready(film, rule):
    """The date on the rule's row, and the sentence for people; then it is in order."""
    one = rule(f"min_over_time({PEERS}[20m]) < 3")
    film.shows(a=9)
    state = RuleState.objects.get(rule=one)
    ready = datetime.fromtimestamp((START + 20 * STEP) / 1000, UTC)
    assert (state.health, state.ready_at) == (Health.WAITING, ready)
    assert f"ready on {ready:%Y-%m-%d %H:%M:%S} UTC" in state.reason
    film.shows(a=9, times=19)
    assert RuleState.objects.get(rule=one).health == Health.WAITING
    film.shows(a=9)
    state.refresh_from_db()
    assert (state.health, state.ready_at, state.reason) == (Health.OK, None, "")


def test_window__that_history_never_holds_does_not_keep_alerts_for_ever(film, rule, settings):
    """History that is full moves on: an alert that is older than it ends like any other."""
    settings.ZEROSTATE_MONITORING_HISTORY = 600
    film = Film(film.store, retention_ms=600_000)
    one = rule(f"min_over_time({PEERS}[30m]) < 3")
    film.shows(a=1)
    film.shows(a=9, times=40)
    state = RuleState.objects.get(rule=one)
    assert (state.health, state.ready_at) == (Health.WAITING, None)
    assert "no more than 10m is kept" in state.reason
    assert alerts() == [("resolved", "a")]


def test_changeover__evaluation_takes_over_what_was_told(film, rule):
    """The same labels are the same alert: it goes on if it is found, and ends if it is not."""
    rule(f"{PEERS} < 3", severity="warning")
    for node in "ab":
        body = message(told(alertname="Few", severity="warning", node=node))
        assert apply(read(json.dumps(body).encode())).fired == 1
    assert alerts() == [("firing", "a"), ("firing", "b")]
    film.shows(a=1, b=9)
    assert alerts() == [("firing", "a"), ("resolved", "b")]
    assert events() == ["firing"]
