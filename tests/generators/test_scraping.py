"""The scrape configuration: which jobs, which addresses, and what the operator is told."""

from __future__ import annotations

import pytest
import yaml

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators import prometheus_rules, scraping
from zerostate_monitoring.generators.options import ExportOptions, NodesBy
from zerostate_monitoring.models import Collector, Metric, Node
from zerostate_monitoring.schedule import NODES

pytestmark = pytest.mark.django_db

BY_PROMETHEUS = ExportOptions(nodes=NodesBy.PROMETHEUS)


def parsed(options):
    return yaml.safe_load(scraping.files(options)["prometheus.yml"])


def jobs(options):
    return {job["job_name"]: job for job in parsed(options)["scrape_configs"]}


def warnings(options):
    text = scraping.files(options)["prometheus.yml"]
    lines = [line for line in text.splitlines() if line.startswith("#")]
    return "\n".join(lines).replace("\n#   ", " ").split("# Warning: ")[1:]


@pytest.fixture
def left_to_prometheus():
    Collector.objects.filter(name=NODES).update(enabled=False)


def test_page__is_one_target():
    """One job, one address; its file is the only one, and says nothing that worries."""
    options = ExportOptions(
        token_file="secrets/token", address="monitoring.example:443", scheme="https"
    )
    assert set(scraping.files(options)) == {"prometheus.yml"}
    (job,) = parsed(options)["scrape_configs"]
    assert job["job_name"] == "zerostate-monitoring"
    assert job["static_configs"] == [{"targets": ["monitoring.example:443"]}]
    assert (job["scheme"], job["scrape_interval"]) == ("https", "15s")
    assert job["authorization"] == {"type": "Bearer", "credentials_file": "secrets/token"}
    assert warnings(options) == []


def test_page__has_the_limit_that_is_set(settings):
    """So that a page that grows without end does not fill a Prometheus."""
    settings.ZEROSTATE_MONITORING_PAGE_MAX_SERIES = 1234
    assert jobs(ExportOptions())["zerostate-monitoring"]["sample_limit"] == 1234


def test_nodes__have_a_job_only_where_prometheus_is_to_scrape_them(left_to_prometheus):
    """Left to this app they have none."""
    assert set(jobs(ExportOptions())) == {"zerostate-monitoring"}
    assert set(jobs(BY_PROMETHEUS)) == {"zerostate-monitoring", "zerostate-nodes"}
    assert "zerostate-nodes.yml" in prometheus_rules.files(BY_PROMETHEUS)
    assert "zerostate-nodes.yml" not in prometheus_rules.files(ExportOptions())


def test_nodes__are_asked_for_with_the_token(left_to_prometheus):
    """On the web processes, at the address that the project has given us."""
    (asked,) = jobs(BY_PROMETHEUS)["zerostate-nodes"]["http_sd_configs"]
    assert asked["url"] == "http://127.0.0.1:8000/monitoring/api/v1/http_sd/nodes"
    assert asked["authorization"]["credentials_file"] == "secrets/api-token"


def test_nodes__with_credentials_have_a_job_of_their_own(left_to_prometheus):
    """Nothing secret stands in a file; what is to be put where is said."""
    Node.objects.create(
        name="a", base_url="https://a.example", token="s3cret", ca_certificate="PEM"
    )
    found = jobs(BY_PROMETHEUS)
    (name,) = set(found) - {"zerostate-monitoring", "zerostate-nodes"}
    assert found[name]["authorization"]["credentials_file"] == f"secrets/{name}.token"
    assert found[name]["tls_config"] == {"ca_file": f"secrets/{name}.ca.pem"}
    assert found[name]["relabel_configs"] == [
        {"target_label": "job", "replacement": "zerostate-nodes"}
    ]
    assert found[name]["http_sd_configs"][0]["url"].endswith(f"?credentials={name[-8:]}")
    text = scraping.files(BY_PROMETHEUS)["prometheus.yml"]
    assert "s3cret" not in text
    assert any(
        f"Of a put beside this file: secrets/{name}.token" in w for w in warnings(BY_PROMETHEUS)
    )


def test_nodes__that_both_would_scrape_are_said(left_to_prometheus, settings):
    """By their own names: by both, by nobody, without a token."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = "t"
    assert warnings(BY_PROMETHEUS) == []
    assert "Nobody scrapes the nodes" in warnings(ExportOptions())[0]
    settings.ZEROSTATE_MONITORING_API_TOKEN = ""
    assert "API_TOKEN is not set" in warnings(BY_PROMETHEUS)[0]
    Collector.objects.filter(name=NODES).update(enabled=True)
    assert "This app scrapes the nodes, too" in warnings(BY_PROMETHEUS)[0]
    in_files = warnings(ExportOptions(nodes=NodesBy.PROMETHEUS, file_sd=True))
    assert "twice what it should be" in in_files[0]


def test_nodes__give_what_no_other_producer_does(left_to_prometheus):
    """A family that an operator has switched off, or given to another feed, is not kept."""

    def kept():
        steps = jobs(BY_PROMETHEUS)["zerostate-nodes"]["metric_relabel_configs"]
        return next(step["regex"] for step in steps if step.get("action") == "keep").split("|")

    assert "zerostate_p2p_components" not in kept()
    assert "zerostate_gossip_peers" in kept()
    Metric.objects.filter(name="zerostate_gossip_peers").update(enabled=False)
    assert "zerostate_gossip_peers" not in kept()


def test_file_sd__puts_every_address_into_a_file(left_to_prometheus):
    """prometheus.yml is the same wherever things are."""
    Node.objects.create(name="a", base_url="http://a.example:1")
    Node.objects.create(name="b", base_url="http://b.example:1", token="x")
    options = ExportOptions(
        nodes=NodesBy.PROMETHEUS,
        file_sd=True,
        alertmanagers=("am.example:9093",),
        exporters=(("redis", "r.example:9121"),),
    )
    files = scraping.files(options)
    assert "example" not in "".join(
        line for line in files["prometheus.yml"].splitlines() if not line.startswith("#")
    )
    elsewhere = ExportOptions(nodes=NodesBy.PROMETHEUS, file_sd=True, address="other:1")
    assert parsed(options) == parsed(elsewhere)
    targets = {name: yaml.safe_load(text) for name, text in files.items() if "targets/" in name}
    assert targets["targets/page.yml"] == [{"targets": ["127.0.0.1:8000"]}]
    assert targets["targets/alertmanagers.yml"] == [{"targets": ["am.example:9093"]}]
    assert targets["targets/exporters.yml"][0]["labels"] == {"job": "redis"}
    assert targets["targets/zerostate-nodes.yml"][0]["targets"] == ["a.example:1"]
    assert len(targets) == 5


def test_alertmanagers__are_those_that_are_named(settings):
    """Two that evaluate and send are said, and one that is to send and has nobody to tell."""
    options = ExportOptions(alertmanagers=("am.example:9093",))
    assert parsed(options)["alerting"]["alertmanagers"] == [
        {"static_configs": [{"targets": ["am.example:9093"]}]}
    ]
    assert "everybody is told twice" in warnings(options)[0]
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    assert warnings(options) == []
    assert "nobody is told" in warnings(ExportOptions())[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scrape_interval_seconds": 0.0}, "scrape_interval_seconds"),
        ({"scrape_interval_seconds": float("nan")}, "scrape_interval_seconds"),
        ({"job": "exporters"}, "job cannot be exporters"),
        ({"job": "zerostate-nodes", "nodes": NodesBy.PROMETHEUS}, "job cannot be"),
    ],
)
def test_options__that_cannot_be_are_refused_by_name(options, said):
    """Before anything is written."""
    with pytest.raises(ConfigurationError, match=said):
        scraping.files(ExportOptions(**options))


def test_files__are_the_same_for_the_same_rows(left_to_prometheus):
    """Byte by byte, in whichever order the rows were made."""
    for name in "ba":
        Node.objects.create(name=name, base_url=f"http://{name}.example")
    first = scraping.files(ExportOptions(nodes=NodesBy.PROMETHEUS, file_sd=True))
    Node.objects.all().delete()
    for name in "ab":
        Node.objects.create(name=name, base_url=f"http://{name}.example")
    assert scraping.files(ExportOptions(nodes=NodesBy.PROMETHEUS, file_sd=True)) == first


def test_nodes__stand_in_files_where_nobody_can_be_asked(left_to_prometheus, settings):
    """A project that has not mounted our addresses; the operator is told to export anew."""
    settings.ROOT_URLCONF = ""
    Node.objects.create(name="a", base_url="http://a.example")
    files = scraping.files(BY_PROMETHEUS)
    assert "a.example:80" in files["targets/zerostate-nodes.yml"]
    job = jobs(BY_PROMETHEUS)["zerostate-nodes"]
    assert job["file_sd_configs"] == [{"files": ["targets/zerostate-nodes.yml"]}]
    assert any("export anew" in said for said in warnings(BY_PROMETHEUS))
