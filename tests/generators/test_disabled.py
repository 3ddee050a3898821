"""What is asked of disabled metrics is named, with file, panel or rule, and metric."""

from __future__ import annotations

import json

import pytest
import yaml

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.registry import sample_names
from zerostate_monitoring.generators.disabled import names_of, uses, warnings

COUNTER = "zerostate_task_executions_total"
UP = "zerostate_node_up"


def dashboard(*panels):
    return json.dumps({"uid": "d", "panels": list(panels)})


def panel(title, *exprs, **more):
    return {"title": title, "targets": [{"expr": expr} for expr in exprs], **more}


def rules(*found):
    return yaml.safe_dump({"groups": [{"name": "g", "rules": list(found)}]})


def test_panel__is_named():
    """Also one in a folded row; other panels are not."""
    row = {"type": "row", "panels": [panel("Folded", f"sum({UP})")]}
    files = {"dashboards/d.json": dashboard(panel("Up", f"sum({UP})"), panel("Other", "up"), row)}
    assert warnings(files, [UP]) == [
        f"dashboards/d.json: panel Up uses {UP}, which is disabled.",
        f"dashboards/d.json: panel Folded uses {UP}, which is disabled.",
    ]


def test_rule__is_named():
    """Alerting and recording ones."""
    files = {
        "rules/r.yml": rules({"alert": "Down", "expr": f"{UP} == 0"}, {"record": "a:b", "expr": UP})
    }
    assert warnings(files, [UP]) == [
        f"rules/r.yml: rule Down uses {UP}, which is disabled.",
        f"rules/r.yml: rule a:b uses {UP}, which is disabled.",
    ]


def test_object__is_looked_into():
    """A PrometheusRule, and dashboards in a ConfigMap, among several documents."""
    rule = yaml.safe_dump({"kind": "PrometheusRule", "spec": yaml.safe_load(rules(
        {"alert": "Down", "expr": UP}
    ))})  # fmt: skip
    config = yaml.safe_dump({"kind": "ConfigMap", "data": {"d.json": dashboard(panel("P", UP))}})
    found = warnings({"kubernetes/all.yaml": f"{rule}---\n{config}"}, [UP])
    assert [one.partition(" uses ")[0] for one in found] == [
        "kubernetes/all.yaml: rule Down", "kubernetes/all.yaml (d.json): panel P",
    ]  # fmt: skip


def test_recorded__of_what_is_disabled_counts_as_disabled():
    """Over any number of steps, in any order, and in a circle."""
    files = {
        "dashboards/d.json": dashboard(panel("P", "c:d")),
        "rules/r.yml": rules(
            {"record": "c:d", "expr": "a:b"},
            {"record": "a:b", "expr": f"sum({UP}) + c:d"},
            {"record": "x:y", "expr": "up"},
        ),
    }
    assert warnings(files, [UP])[0] == (
        f"dashboards/d.json: panel P uses c:d, which is made of {UP}, which is disabled."
    )
    assert not any("x:y" in one for one in warnings(files, [UP]))


@pytest.mark.parametrize("definition", list(CATALOGUE), ids=str)
def test_family__is_known_by_all_its_names(definition):
    """Buckets, counts and what nodes call it."""
    for name in sample_names(definition):
        files = {"d.json": dashboard(panel("P", f"rate({name}[5m])"))}
        assert warnings(files, [definition.name])


@pytest.mark.parametrize(
    "expr",
    [
        'rate(a_total{x="b_total", y=~"c_total.*"}[$__rate_interval])',
        "rate(a_total{x='b_total', y='c\\'b_total'}[5m])",
        'label_replace(a_total, `b_total`, "$1", "x", "c_total")',
        '{__name__="a_total"}',
        '{__name__ = "a_total", x="b_total"}',
        "a_total$suffix",
    ],
)  # fmt: skip
def test_names__are_those_of_metrics(expr):
    """Variables of Grafana are no hindrance; texts are no names, but that of a metric."""
    assert "a_total" in names_of(expr)
    assert not {"b_total", "c_total"} & names_of(expr)


@pytest.mark.parametrize("text", ["", "[]", "1\n", "a: [\n", "groups: 3\n", "groups: [1]\n"])
def test_strange_yaml__has_no_queries(text):
    """Other files of the export are of other shapes."""
    if text == "a: [\n":
        with pytest.raises(yaml.YAMLError):
            list(uses({"a.yml": text}))
        return
    assert list(uses({"a.yml": text, "a.txt": "x"})) == []


@pytest.mark.parametrize("text", ["[]", "1", '{"panels": 1}', '{"panels": [1, {"targets": [{}]}]}'])
def test_strange_json__has_no_queries(text):
    """As YAML."""
    assert list(uses({"a.json": text})) == []


def test_nothing_disabled__nothing_is_read():
    """The usual case costs nothing."""
    assert warnings({"a.json": "no json"}, []) == []
