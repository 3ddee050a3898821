"""Nodes that a real Prometheus finds and scrapes with what is generated, beside this app's way."""

from __future__ import annotations

import time

import pytest

from tests.collectors.scraping import scrape
from tests.real.network import zerostate_nodes
from tests.real.prometheus import configured
from tests.servers import free_port, wait_until
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.nodes import MADE_HERE
from zerostate_monitoring.collectors.node_names import producer
from zerostate_monitoring.generators import prometheus_rules, scraping
from zerostate_monitoring.generators.options import ExportOptions, NodesBy
from zerostate_monitoring.models import Collector, Node
from zerostate_monitoring.schedule import NODES

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

TOKEN = "s3cret"
BY_PROMETHEUS = ("zerostate_node_up", "zerostate_node_scrape_samples")


@pytest.fixture
def network(request, settings):
    """Nodes that answer, one that does not, one that may leave; each has a row."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    settings.ZEROSTATE_MONITORING_NODE_EXTRA_FAMILIES = ("promhttp_*",)
    with zerostate_nodes(getattr(request, "param", "full")) as nodes:
        for number, (name, (role, url)) in enumerate(nodes.items()):
            labels = {"site": f"s{number}", "rack": "7"} if number else {}
            # With a token of their own they are a job of their own.
            token = TOKEN if number == 1 else ""
            Node.objects.create(name=name, role=role, base_url=url, labels=labels, token=token)
        nowhere = f"http://127.0.0.1:{free_port()}"
        Node.objects.create(name="dead", base_url=nowhere)
        Node.objects.create(name="gone", base_url=nowhere, ephemeral=True)
        yield nodes


@pytest.fixture
def prometheus(network, live_server, tmp_path):
    """A Prometheus with the files that are generated; it asks for the nodes each second."""
    options = ExportOptions(
        address=live_server.url.rpartition("/")[2],
        # A scrape that is late once takes its node's series away until the next.
        scrape_interval_seconds=3,
        nodes=NodesBy.PROMETHEUS,
    )
    files = dict(scraping.files(options))
    files["prometheus.yml"] = files["prometheus.yml"].replace("interval: 30s", "interval: 1s")
    rules = prometheus_rules.files(options)
    files["rules/zerostate-nodes.yml"] = rules["zerostate-nodes.yml"]
    files["secrets/api-token"] = TOKEN
    for job in (job for job in scraping.scraped(options).jobs if job.key):
        files[f"secrets/zerostate-nodes-{job.key}.token"] = TOKEN
    with configured(tmp_path, files) as server:
        yield server


def nodes_left_to_prometheus(left=True):
    Collector.objects.update_or_create(name=NODES, defaults={"enabled": not left})


def series_there(prometheus):
    """Names and labels of what Prometheus has of nodes, but what it says of its targets."""
    found = {}
    for labels, value in prometheus.query('{node!="", job=""}'):
        found[labels.pop("__name__"), tuple(sorted(labels.items()))] = value
    return found


def series_here(store, names):
    """Names and labels of what this app keeps of its own scrape of the same nodes."""
    found = {}
    frames = store.snapshot().frames
    for name in names:
        frame = frames[producer(name)]
        for sample, labels, value in frame.samples():
            found[sample, tuple(sorted(labels))] = value
    return found


def comparable(series):
    """What both can know: not what this app makes of more than a node's page.

    Labels that this app sums away are gone; a Prometheus cannot add up what it scrapes.
    """
    made_here = {d.name for d in MADE_HERE} - set(BY_PROMETHEUS)
    return {
        (name, without(labels, CATALOGUE.find(name))): value
        for (name, labels), value in series.items()
        if name not in made_here
    }


def without(labels, definition):
    dropped = definition.dropped if definition else ()
    return tuple(pair for pair in labels if pair[0] not in dropped)


@pytest.mark.parametrize("network", ["full", "head"], indirect=True)
def test_nodes__have_the_names_and_labels_that_this_app_gives_them(prometheus, network, store):
    """Each series of the one is one of the other; counters at 0 are begun by this app alone."""
    nodes_left_to_prometheus()
    up = "zerostate_node_up == 1"
    wait_until(lambda: len(prometheus.query(up)) == len(network), 60, "all nodes are up")
    wait_until(lambda: prometheus.query('zerostate_node_up{node="dead"}'), 60, "one is down")
    # Asked before this app takes them back: from then on Prometheus forgets them within a second.
    there = comparable(series_there(prometheus))
    nodes_left_to_prometheus(left=False)
    scrape(store, *Node.objects.filter(name__in=network), now=time.time())
    here = comparable(series_here(store, network))
    nodes = {dict(labels)["node"] for _, labels in there}
    assert nodes == {*network, "dead"}
    there = {key: value for key, value in there.items() if dict(key[1])["node"] != "dead"}
    assert there.keys() - here.keys() == set()
    assert {key for key in here.keys() - there.keys() if here[key] != 0} == set()
    assert len(there) > 100


def test_nodes__that_do_not_answer(prometheus, network):
    """One that stays is down; one that may leave is nowhere, as on our page."""
    nodes_left_to_prometheus()
    down = 'zerostate_node_up{node="dead"}'
    wait_until(lambda: prometheus.query(down), 60, "the dead node is seen")
    assert prometheus.query(down) == [
        ({"__name__": "zerostate_node_up", "node": "dead", "node_role": "edge"}, 0)
    ]
    gone = 'up{node="gone"} == 0'
    wait_until(lambda: prometheus.query(gone), 60, "the node that may leave is asked")
    assert not prometheus.query('zerostate_node_up{node="gone"}')
    assert not prometheus.query('zerostate_node_scrape_samples{node="gone"}')


def test_nodes__are_never_scraped_by_both(prometheus, network):
    """Prometheus has no target before this app stops, and none again as soon as it goes on."""
    up = 'up{job="zerostate-nodes"}'

    def targets():
        return [t for t in prometheus.targets() if t["labels"]["job"] == "zerostate-nodes"]

    wait_until(lambda: prometheus.query('up{job="zerostate-monitoring"}'), 60, "it scrapes")
    assert targets() == []
    nodes_left_to_prometheus()
    wait_until(lambda: len(targets()) == len(network) + 2, 60, "all are targets")
    wait_until(lambda: len(prometheus.query(up)) == len(network) + 2, 60, "all are scraped")
    nodes_left_to_prometheus(left=False)
    wait_until(lambda: targets() == [], 60, "no target is left")
