"""Objects for a cluster: what Kubernetes takes, and what the operator makes of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.exceptions import ConfigurationError, RuleFileError
from zerostate_monitoring.generators import kubernetes
from zerostate_monitoring.generators.dashboards import grafana
from zerostate_monitoring.generators.kubernetes_names import is_name, object_name, object_names
from zerostate_monitoring.generators.kubernetes_scraping import scrape_spec
from zerostate_monitoring.generators.node_targets import node_lists
from zerostate_monitoring.generators.options import ExportOptions, NodesBy
from zerostate_monitoring.generators.scrape_warnings import Scraped
from zerostate_monitoring.models import Node, Rule, RuleGroup
from zerostate_monitoring.rules.files import read_prometheus_rule, read_rules
from zerostate_monitoring.rules.shipped import GROUPS, OUTSIDE

TOKEN = "/etc/prometheus/secrets/metrics_token"
OPTIONS = ExportOptions(address="web.zerostate.svc:8000", token_file=TOKEN)
DASHBOARD = json.dumps({"uid": "zerostate-overview", "title": "“Ü” \t: # - {"}, indent=2) + "\n"


@pytest.fixture(autouse=True)
def one_dashboard(monkeypatch):
    """Dashboards are another part's; one text with hostile characters stands for them."""
    made = {"zerostate-overview.json": DASHBOARD}
    monkeypatch.setattr(grafana, "files", lambda options: made)
    return made


@pytest.fixture
def shipped(db):
    """The built-in rules, as a fresh installation has them."""
    sync_rules(GROUPS, datetime(2026, 11, 26, 3, tzinfo=UTC), using="default")


def objects(options=OPTIONS):
    """What is generated, read as YAML, by path."""
    return {path: yaml.safe_load(text) for path, text in kubernetes.files(options).items()}


def of_kind(kind, options=OPTIONS):
    return [found for found in objects(options).values() if found["kind"] == kind]


# -- names -----------------------------------------------------------------------


@given(st.text(max_size=300))
def test_object_name__is_one_whatever_the_row_is_called(text):
    """Any text gives a name that RFC 1123 allows, and always the same."""
    name = object_name("zerostate", text)
    assert is_name(name)
    assert name == object_name("zerostate", text)


@given(st.lists(st.text(max_size=80), unique=True, max_size=12))
def test_object_names__no_two_are_the_same(texts):
    """Different texts give different names: no object takes another one's place."""
    names = object_names("zerostate", texts)
    assert list(names) == texts
    assert len(set(names.values())) == len(texts)


def test_object_name__keeps_what_it_can():
    """A plain name is kept; one that loses letters gets a hash of what it was."""
    assert object_name("zerostate", "task errors") == "zerostate-task-errors"
    assert object_name("zerostate", "Überfällig").startswith("zerostate-berf-llig-")
    assert object_name("zerostate", "a" * 200) != object_name("zerostate", "a" * 201)


# -- all of them -----------------------------------------------------------------


def test_files__kustomization_names_each_object(shipped):
    """What is generated is in the kustomization, and nothing else."""
    found = objects()
    assert found["kustomization.yaml"]["resources"] == [
        p for p in found if "/" in p or p in {"processes.yaml", "alertmanager.yaml"}
    ]
    assert {
        each["metadata"]["namespace"] for p, each in found.items() if p != "kustomization.yaml"
    } == {"zerostate"}


def test_files__names_are_unique_by_kind_and_valid(shipped):
    """No object replaces another, and each can be called so."""
    named = [(o["kind"], o["metadata"]["name"]) for p, o in objects().items() if "metadata" in o]
    assert len(set(named)) == len(named) > 10
    assert all(is_name(name) for _, name in named)


def test_files__same_rows_same_bytes(shipped):
    """Nothing of the time or of chance is in the files; each ends in one newline."""
    first, second = kubernetes.files(OPTIONS), kubernetes.files(OPTIONS)
    assert dict(first) == dict(second)
    assert all(text.endswith("\n") and not text.endswith("\n\n") for text in first.values())


@pytest.mark.django_db
def test_files__too_large_an_object_is_refused_with_its_name(one_dashboard):
    """Kubernetes would refuse it at a moment when nobody expects it."""
    one_dashboard["zerostate-huge.json"] = "x" * kubernetes.MOST_BYTES + "\n"
    with pytest.raises(ConfigurationError, match=r"dashboards/zerostate-huge\.yaml would have"):
        kubernetes.files(OPTIONS)


@pytest.mark.django_db
def test_files__namespace_that_cannot_be():
    """The option is named."""
    with pytest.raises(ConfigurationError, match="namespace"):
        kubernetes.files(ExportOptions(namespace="Not A Name"))


# -- rules -----------------------------------------------------------------------


def test_rules__one_object_for_each_group(shipped):
    """All built-in groups stand there, each in one object, and can be read back."""
    texts = [t for p, t in kubernetes.files(OPTIONS).items() if p.startswith("rules/")]
    groups = [group.name for text in texts for group in read_prometheus_rule(text).groups]
    assert sorted(groups) == sorted({g.name for g in (*GROUPS, OUTSIDE)})


@pytest.mark.django_db
def test_rules__hostile_names_of_groups():
    """A group may be called anything; its object has a name all the same, and the rule is kept."""
    for name in ("Ü: - {[%", "ü: - {[%", "a" * 90, "twice", "zerostate-twice"):
        group = RuleGroup.objects.create(name=name)
        Rule.objects.create(group=group, name=f"R{group.pk}", expr="up == 0")
    made = {p: t for p, t in kubernetes.files(OPTIONS).items() if p.startswith("rules/")}
    names = [group.name for text in made.values() for group in read_prometheus_rule(text).groups]
    assert {"Ü: - {[%", "ü: - {[%", "a" * 90, "twice", "zerostate-twice"} <= set(names)
    assert all(is_name(PurePosixPath(path).stem) for path in made)


def test_rules__what_stands_twice_is_refused(shipped):
    """Two groups of one name would be one object: nothing is written, and the name is told."""
    group = RuleGroup.objects.create(name=OUTSIDE.name)
    Rule.objects.create(group=group, name="Own", expr="up == 0")
    with pytest.raises(RuleFileError, match=OUTSIDE.name):
        kubernetes.files(OPTIONS)


def test_rules__are_those_of_the_part_rules(shipped):
    """The objects say what the rule file says: groups, rules, expressions."""
    from zerostate_monitoring.generators import prometheus_rules

    plain = read_rules(prometheus_rules.files(OPTIONS)[prometheus_rules.RULES_FILE])
    texts = [t for p, t in kubernetes.files(OPTIONS).items() if p.startswith("rules/")]
    said = [group for text in texts for group in read_prometheus_rule(text).groups]
    assert said == list(plain)


# -- scraping --------------------------------------------------------------------


@pytest.mark.django_db
def test_scrape__the_page_is_asked_once():
    """One ScrapeConfig with one address for any number of replicas; the token by reference."""
    (found,) = of_kind("ScrapeConfig")
    spec = found["spec"]
    assert spec["jobName"] == "zerostate-monitoring"
    assert spec["staticConfigs"] == [{"targets": ["web.zerostate.svc:8000"]}]
    assert spec["authorization"]["credentials"] == {
        "name": "zerostate-monitoring",
        "key": "metrics_token",
    }


@pytest.mark.django_db
def test_scrape__addresses_never_stand_in_files():
    """An object has no files beside it: file_sd, which compose wants, changes nothing."""
    with_files = ExportOptions(address=OPTIONS.address, token_file=TOKEN, file_sd=True)
    assert kubernetes.files(with_files) == kubernetes.files(OPTIONS)


@pytest.mark.django_db
def test_scrape__pods_are_asked_for_their_own_alone():
    """The ServiceMonitor reaches every pod, so it must not ask for the merged page."""
    (found,) = of_kind("ServiceMonitor")
    (endpoint,) = found["spec"]["endpoints"]
    assert endpoint["params"] == {"scope": ["process"]}
    assert found["spec"]["selector"]["matchLabels"] == dict(kubernetes.WEB)


@pytest.mark.django_db
def test_scrape__nodes_left_to_prometheus():
    """Nodes are a ScrapeConfig of their own, which asks this app for them; the rules know it."""
    Node.objects.create(name="edge-1", role="edge", base_url="http://edge-1.example:8080")
    options = replace(OPTIONS, nodes=NodesBy.PROMETHEUS)
    specs = [each["spec"] for each in of_kind("ScrapeConfig", options)]
    page, nodes = specs
    assert nodes["jobName"] != page["jobName"]
    (discovery,) = nodes["httpSDConfigs"]
    assert discovery["url"].startswith("http://web.zerostate.svc:8000/")
    assert discovery["authorization"]["credentials"]["key"] == "api-token"
    assert nodes["metricRelabelings"]
    assert len(of_kind("PrometheusRule", options)) == len(of_kind("PrometheusRule")) + 1


@pytest.mark.django_db
def test_scrape__nodes_that_nobody_can_be_asked_for():
    """Where the app's list is not mounted, the nodes stand in the object; without any, none is."""
    node = Node.objects.create(name="edge-1", role="edge", base_url="http://edge-1.example:8080")
    job = {"job_name": "nodes", "file_sd_configs": [{"files": ["targets/nodes.yml"]}]}
    for nodes, count in (((node,), 1), ((), 0)):
        lists = node_lists(nodes)
        job["job_name"] = lists[0].job
        made = kubernetes._with_addresses(job, Scraped(False, lists, ()))
        assert "file_sd_configs" not in made
        assert len(made["static_configs"]) == count


def test_scrape__words_of_the_operator():
    """Files become keys of the Secret, words become the operator's, labels stay as they are."""
    job = {
        "job_name": "nodes",
        "follow_redirects": False,
        "tls_config": {"ca_file": "secrets/a.pem", "cert_file": "b.pem", "key_file": "c.key"},
        "static_configs": [{"targets": ["x:1"], "labels": {"job_name": "kept"}}],
        "metric_relabel_configs": [{"source_labels": ["a"], "target_label": "b"}],
    }
    secret = "zerostate-monitoring"
    assert scrape_spec(job) == {
        "jobName": "nodes",
        "tlsConfig": {
            "ca": {"secret": {"name": secret, "key": "a.pem"}},
            "cert": {"secret": {"name": secret, "key": "b.pem"}},
            "keySecret": {"name": secret, "key": "c.key"},
        },
        "staticConfigs": [{"targets": ["x:1"], "labels": {"job_name": "kept"}}],
        "metricRelabelings": [{"sourceLabels": ["a"], "targetLabel": "b"}],
    }


# -- dashboards ------------------------------------------------------------------


@pytest.mark.django_db
def test_dashboards__sidecar_finds_the_same_bytes():
    """A ConfigMap has the sidecar's label, and the dashboard's text to the letter."""
    (found,) = of_kind("ConfigMap")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["data"] == {"zerostate-overview.json": DASHBOARD}
