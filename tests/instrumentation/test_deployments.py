"""Totals on stores as they are run: a failover that loses writes, a cluster of several servers."""

from __future__ import annotations

from prometheus_client import Counter

from tests.deployments import behind_sentinels, cluster, tell
from tests.instrumentation.processes import FakeProcess, shown
from tests.servers import wait_until
from zerostate_monitoring.exceptions import StoreError

A = ("hits_total", (("k", "a"),))
B = ("hits_total", (("k", "b"),))


def published(process) -> bool:
    try:
        process.tell()
    except StoreError:
        return False
    return True


def test_failover__that_lost_writes_is_healed(store_at, settings):
    """The replica that takes over lacks the last publications: processes tell them again."""
    with behind_sentinels(1, replicas=1) as deployment:
        master, replica = deployment.servers
        settings.ZEROSTATE_MONITORING_REDIS_URL = deployment.url
        settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 5
        store = store_at(deployment.url, 5)
        one, two = FakeProcess(), FakeProcess()
        hits = Counter("hits", "Test.", ["k"], registry=one.registry)
        others = Counter("hits", "Test.", ["k"], registry=two.registry)
        hits.labels("a").inc(5)
        others.labels("a").inc(100)
        one.tell()
        two.tell()
        wait_until(lambda: tell(replica, "EXISTS", "{zerostate}:totals") == 1, what="a copy")
        # From here on the replica hears nothing; what is written now will be lost.
        tell(replica, "REPLICAOF", "NO", "ONE")
        hits.labels("a").inc(7)
        hits.labels("b").inc(3)
        one.tell()
        assert shown(store) == {A: 112, B: 3}
        master.stop()
        wait_until(lambda: store.snapshot().up, 60, "there is a new master")
        lost = shown(store).get(A, 0)
        assert lost == 105, "the last publication was lost"
        wait_until(lambda: published(one), 60)
        wait_until(lambda: published(one) and shown(store) == {A: 112, B: 3}, 60)
        others.labels("a").inc(1)
        wait_until(lambda: published(two) and shown(store) == {A: 113, B: 3}, 60)


def test_cluster__keeps_each_step_together(store_at, settings):
    """Several servers: all keys of the totals lie on one, so a publication is one step."""
    with cluster(3) as deployment:
        settings.ZEROSTATE_MONITORING_REDIS_URL = deployment.url
        settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 5
        store = store_at(deployment.url, 5)
        one = FakeProcess()
        names = [f"hits{number}" for number in range(30)]
        made = [Counter(name, "Test.", ["k"], registry=one.registry) for name in names]
        for counter in made:
            counter.labels("a").inc(2)
        one.tell()
        made[0].remove("a")
        made[1].labels("a").inc(1)
        one.tell()
        found = {name: value for (name, _), value in shown(store).items()}
        assert len(found) == 29
        assert found["hits1_total"] == 3
