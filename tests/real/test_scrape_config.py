"""What promtool says of the scrape configuration, with rows and options of all kinds."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.generators.alertmanager.hostile import TEXTS
from tests.real.promtool import PROMTOOLS, run
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.generators.node_names import relabelings
from zerostate_monitoring.generators.node_series import node_group
from zerostate_monitoring.generators.node_targets import node_lists
from zerostate_monitoring.generators.options import ExportOptions, NodesBy
from zerostate_monitoring.generators.scrape_jobs import NodeJob
from zerostate_monitoring.generators.scrape_warnings import Scraped
from zerostate_monitoring.generators.scraping import FILE, written
from zerostate_monitoring.models import Node
from zerostate_monitoring.rules.files import write_rules
from zerostate_monitoring.sources.nodes.rules import rules_of

pytestmark = [pytest.mark.real, pytest.mark.parametrize("promtool", PROMTOOLS)]

RULES = {
    "all": rules_of(CATALOGUE, lambda _: "", ("my_*", "x?[a-c]", "[!a]b.*")),
    "none": rules_of(CATALOGUE, lambda _: "fed by another one", ("*",)),
}
SECRETS = ("token", "ca_certificate", "client_certificate", "client_key")
NODES = st.lists(
    st.builds(
        Node,
        name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,10}", fullmatch=True),
        role=st.sampled_from(["edge", "relay"]),
        base_url=st.sampled_from(
            ["http://a.example", "https://[::1]:8443/x/", "http://10.0.0.1:1"]
        ),
        metrics_path=st.sampled_from(["", "/metrics", "/m?a=b&c={{x}}"]),
        labels=st.dictionaries(st.sampled_from(["site", "rack"]), TEXTS),
        ephemeral=st.booleans(),
        **{name: st.sampled_from(["", "", "s3cret", "env:ZEROSTATE_NODE_X"]) for name in SECRETS},
    ),
    max_size=4,
)
OPTIONS = st.builds(
    ExportOptions,
    nodes=st.just(NodesBy.PROMETHEUS),
    token_file=st.sampled_from(["", "secrets/token", "/etc/a b/{{'}}"]),
    file_sd=st.booleans(),
    remote_write_url=st.sampled_from(["", "https://mimir.example/api/v1/push"]),
    alertmanagers=st.sampled_from([(), ("127.0.0.1:9093", "[::1]:9093")]),
    exporters=st.sampled_from([(), (("node", "127.0.0.1:9100"),)]),
    scrape_interval_seconds=st.sampled_from([0.001, 1.0, 15.0, 3600.0]),
)


def scraped(nodes, rules="all", url="http://127.0.0.1:8000/nodes"):
    lists = node_lists(nodes)
    steps = relabelings(RULES[rules])
    jobs = (NodeJob(one.key, one.wanted, url, steps, 5, 1 << 24, 50_000) for one in lists)
    return Scraped(app_scrapes=False, lists=lists, jobs=tuple(jobs))


def complaint(promtool, files, directory):
    """What is wrong with a configuration whose secrets are there; empty if nothing is."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8", newline="")
    done = run(promtool, "check", "config", "--lint-fatal", "--syntax-only", directory / FILE)
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[:2000]


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(nodes=NODES, options=OPTIONS, rules=st.sampled_from(sorted(RULES)))
def test_files__are_taken_whatever_the_rows_hold(promtool, nodes, options, rules):
    """Labels with quotes, braces and line ends, credentials of all kinds, every option."""
    files = written(options, scraped(nodes, rules))
    with tempfile.TemporaryDirectory() as directory:
        assert complaint(promtool, files, Path(directory)) == ""
    for name, text in files.items():
        if name.startswith("targets/zerostate-nodes"):
            shown = [node["labels"].get("site") for node in yaml.safe_load(text)]
            assert set(shown) <= {node.labels.get("site") for node in nodes}


def test_remote_write__is_right_when_it_is_uncommented(promtool, tmp_path):
    """Who takes the # off the lines at the end has a configuration that works."""
    files = dict(written(ExportOptions(), scraped([])))
    assert complaint(promtool, files, tmp_path) == ""
    head, _, variant = files[FILE].partition("# remote_write:")
    assert variant
    files[FILE] = head + re.sub("^# ", "", "# remote_write:" + variant, flags=re.MULTILINE)
    assert complaint(promtool, files, tmp_path) == ""
    (sent,) = yaml.safe_load(files[FILE])["remote_write"]
    asked = ExportOptions(remote_write_url=sent["url"])
    (exported,) = yaml.safe_load(written(asked, scraped([]))[FILE])["remote_write"]
    assert exported == sent


def test_file__without_its_secrets_is_refused_and_names_them(promtool, tmp_path):
    """promtool looks for the files: what is to be put there cannot be forgotten."""
    node = Node(name="a", base_url="http://a.example", token="s3cret")
    files = written(ExportOptions(nodes=NodesBy.PROMETHEUS), scraped([node]))
    (tmp_path / FILE).write_text(files[FILE])
    said = run(promtool, "check", "config", tmp_path / FILE)
    assert said.returncode == 1
    assert "secrets/" in said.stdout + said.stderr
    assert "s3cret" not in json.dumps(dict(files))


def test_recorded_of_nodes__pass_the_linter_and_their_tests(promtool, tmp_path):
    """up becomes zerostate_node_up without what Prometheus adds; who may leave is never 0."""
    (tmp_path / "nodes.yml").write_text(write_rules([node_group(15)]).text)
    said = run(promtool, "check", "rules", "--lint-fatal", tmp_path / "nodes.yml")
    assert said.returncode == 0, said.stderr
    of = 'job="zerostate-nodes", instance="{0}:1", node="{0}", node_role="edge"'
    leaving = ', zerostate_ephemeral="true"'
    given_series = {
        f"up{{{of.format('a')}}}": 1,
        f"up{{{of.format('b')}}}": 0,
        f"up{{{of.format('c')}{leaving}}}": 0,
        f"up{{{of.format('d')}{leaving}}}": 1,
        'up{job="other", instance="e:1", node="e"}': 1,
        f"scrape_samples_scraped{{{of.format('b')}}}": 0,
        f"scrape_samples_scraped{{{of.format('c')}{leaving}}}": 0,
        f"scrape_samples_scraped{{{of.format('d')}{leaving}}}": 7,
    }

    def expected(name, values):
        samples = [
            {"labels": f'{name}{{node="{node}", node_role="edge"}}', "value": value}
            for node, value in values.items()
        ]
        return {"expr": name, "eval_time": "1m", "exp_samples": samples}

    test = {
        "interval": "15s",
        "input_series": [{"series": s, "values": f"{v}x10"} for s, v in given_series.items()],
        "promql_expr_test": [
            expected("zerostate_node_up", {"a": 1, "b": 0, "d": 1}),
            expected("zerostate_node_scrape_samples", {"b": 0, "d": 7}),
        ],
    }
    (tmp_path / "tests.yml").write_text(json.dumps({"rule_files": ["nodes.yml"], "tests": [test]}))
    said = run(promtool, "test", "rules", tmp_path / "tests.yml")
    assert said.returncode == 0, said.stdout + said.stderr
