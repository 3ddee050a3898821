"""Dashboards as Grafana's JSON: what its provisioning and its pages need."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import combinations
from urllib.parse import unquote

import pytest
from grafana_foundation_sdk.cog.plugins import register_default_plugins

from zerostate_monitoring.generators.dashboards import sdk
from zerostate_monitoring.generators.dashboards.grafana import files
from zerostate_monitoring.generators.dashboards.panels import DASHBOARDS, placed
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import Rule, RuleGroup

OPTIONS = ExportOptions(
    base_url="https://ops.example", loki_uid="our-loki", jaeger_uid="our-jaeger"
)
BUILT_IN = "-- Grafana --"
NODES_UP = 1081901341


@pytest.fixture
def made(db, settings):
    """All files, parsed."""
    settings.ROOT_URLCONF = "example_project.urls"
    return {name: json.loads(text) for name, text in files(OPTIONS).items()}


def panels_of(dashboard):
    """Rows and panels, those of folded rows, too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def real(dashboard):
    return [panel for panel in panels_of(dashboard) if panel["type"] != "row"]


def test_files__are_what_provisioning_takes(made):
    """The dashboard stands at the top, with uid, title and schema, and without Grafana's own id."""
    assert sorted(made) == sorted(f"{one.uid}.json" for one in DASHBOARDS)
    for name, dashboard in made.items():
        assert f"{dashboard['uid']}.json" == name
        assert dashboard["title"]
        assert len(dashboard["uid"]) <= 40
        assert "id" not in dashboard
        assert isinstance(dashboard["schemaVersion"], int)
        assert "zerostate" in dashboard["tags"]
        assert dashboard["refresh"] == "30s"
        assert {"panels", "templating", "annotations", "links", "time"} <= set(dashboard)


def test_files__say_the_same_of_the_same(db):
    """Byte for byte, and one newline at the end."""
    first = files(OPTIONS)
    assert first == files(OPTIONS)
    assert all(text.endswith("}\n") for text in first.values())


def test_files__hold_every_panel(made):
    """None is lost between what is declared and what is written."""
    titles = [(d["uid"], panel["title"]) for d in made.values() for panel in real(d)]
    assert sorted(titles) == sorted((one.dashboard.uid, one.panel.title) for one in placed())


def test_files__are_read_back_whole(made):
    """The SDK's own reader of Grafana's schema knows every key, and gives the same again."""
    register_default_plugins()
    for given in made.values():
        read = sdk.dashboard.Dashboard.from_json(given)
        assert json.loads(json.dumps(read, cls=sdk.JSONEncoder)) == given


def test_ids__are_unique_and_stay(made):
    """A link to a panel goes on leading to it: one that was true of this version is checked."""
    for dashboard in made.values():
        ids = [panel["id"] for panel in panels_of(dashboard)]
        assert len(set(ids)) == len(ids)
        assert all(0 < one < 2**31 for one in ids)
    overview = {p["title"]: p["id"] for p in real(made["zerostate-overview.json"])}
    assert overview["Nodes up"] == NODES_UP


def test_places__do_not_overlap(made):
    """Nothing lies over anything else, or beyond the right edge."""
    for dashboard in made.values():
        for row in dashboard["panels"]:
            _check([panel["gridPos"] for panel in row.get("panels", [])])
        _check([panel["gridPos"] for panel in dashboard["panels"]])


def _check(boxes):
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["w"] <= 24
        assert box["w"] >= 3
        assert box["h"] >= 1
    for one, other in combinations(boxes, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


def test_lines__are_filled_to_the_edge(made):
    """Tiles of the first row leave no hole at the right."""
    for dashboard in made.values():
        lines = {}
        for panel in dashboard["panels"]:
            if panel["type"] == "row":
                break
            lines.setdefault(panel["gridPos"]["y"], []).append(panel["gridPos"]["w"])
        assert all(sum(widths) == 24 for widths in lines.values()), (dashboard["uid"], lines)


def test_sources__are_a_variable_or_a_uid(made):
    """No panel, query, variable or annotation asks whatever happens to be the default."""
    for dashboard in made.values():
        holders = [
            *real(dashboard),
            *(target for panel in real(dashboard) for target in panel["targets"]),
            *dashboard["annotations"]["list"],
            *(v for v in dashboard["templating"]["list"] if v["type"] in {"query", "adhoc"}),
        ]
        for holder in holders:
            assert holder["datasource"]["uid"] in {"${datasource}", "our-loki", BUILT_IN}, holder


def test_queries__have_letters_and_legends(made):
    """Each query of a panel has its own letter, and is either of a moment or of a time."""
    for dashboard in made.values():
        for panel in real(dashboard):
            letters = [target["refId"] for target in panel["targets"]]
            assert letters == sorted(set(letters))
            assert all(target["legendFormat"] for target in panel["targets"])
            for target in panel["targets"]:
                if target["datasource"]["type"] == "prometheus":
                    assert target["instant"] is not target["range"]


def test_links__lead_to_dashboards_runbooks_admin_traces_and_logs(made):
    """With times, and with the uids of this stack's data sources."""
    overview = {panel["title"]: panel for panel in real(made["zerostate-overview.json"])}
    links = {one["title"]: one["url"] for one in overview["Tasks that fail"]["links"]}
    assert links["Execution"] == "/d/zerostate-execution?${__url_time_range}"
    assert links["Runbook: TasksFailing"] == (
        "https://ops.example/monitoring/runbooks/TasksFailing/"
    )
    traces = unquote(links["Traces of this time"].partition("panes=")[2])
    pane = json.loads(traces)["a"]
    assert (pane["datasource"], pane["range"]["from"]) == ("our-jaeger", "${__from}")
    assert "our-loki" in links["Log lines of this time"]
    cells = overview["Alerts that fire"]["fieldConfig"]["overrides"]
    clicked = {
        one["matcher"]["options"]: [p["value"] for p in one["properties"] if p["id"] == "links"]
        for one in cells
    }
    urls = [link["url"] for links in clicked["alertname"] for link in links]
    assert urls[0].startswith("https://ops.example/admin/zerostate_monitoring/alert/?q=${__value")
    assert {one["title"] for one in made["zerostate-slo.json"]["links"]} == {
        *("Dashboards", "Admin", "Runbooks"),
    }


def test_links__without_an_address_lead_nowhere_else(db):
    """Where Grafana cannot reach the project, nothing pretends that it could."""
    for text in files(ExportOptions()).values():
        assert "runbooks/" not in text
        assert "/admin/" not in text


def test_exemplars__are_asked_for_beside_quantiles(made):
    """Traces stand as points on the curve of the slow ones."""
    execution = {panel["title"]: panel for panel in real(made["zerostate-execution.json"])}
    targets = execution["Task time by type"]["targets"]
    assert [target["exemplar"] for target in targets] == [True]


def test_annotations__are_alerts_that_fire(made):
    """Of the dashboard's own layer, beside starts of nodes, edits and marks of deployments."""
    found = made["zerostate-p2p.json"]["annotations"]["list"]
    assert 'layer=~"p2p"' in found[0]["expr"]
    assert [one["name"] for one in found] == [
        *("Alerts that fire", "Starts of nodes", "Changed rules and silences"),
        "Deployments and other marks",
    ]
    # The value is when it was, whenever it was scraped.
    assert [one.get("useValueForTime", False) for one in found] == [False, False, True, False]
    assert found[3]["target"]["tags"] == ["zerostate"]


def steps_of(dashboard, title):
    (panel,) = [one for one in real(dashboard) if one["title"] == title]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return [(step.get("value"), step["color"]) for step in steps]


def test_thresholds__are_the_rules_own(made):
    """As shipped: red where the rule fires, on the side on which it fires."""
    overview, execution = made["zerostate-overview.json"], made["zerostate-execution.json"]
    assert steps_of(overview, "Nodes up") == [(None, "red"), (0.7, "orange"), (1, "green")]
    assert steps_of(overview, "Task success, 1 h") == [
        *((None, "red"), (0.856, "orange"), (0.99, "green")),
    ]
    assert steps_of(execution, "Waiting") == [(None, "green"), (500, "orange"), (800, "red")]
    assert steps_of(made["zerostate-economic.json"], "Overdue funds")[1][0] == 1e-9
    assert steps_of(overview, "Value locked") == [(None, "blue")]


def test_rows__of_one_node_stand_there_for_each_that_is_chosen(made):
    """Folded, so that nothing is asked of all nodes at once."""
    (row,) = [one for one in made["zerostate-nodes.json"]["panels"] if one.get("repeat")]
    assert (row["repeat"], row["collapsed"], row["title"]) == ("node", True, "One node: $node")
    assert row["panels"]


def test_severities__have_their_colours_where_something_fires(made):
    """Critical ones red, warnings amber, each from one on."""
    slo = {panel["title"]: panel for panel in real(made["zerostate-slo.json"])}
    found = {
        one["matcher"]["options"]: one["properties"][0]["value"]["steps"][1]
        for one in slo["Firing by severity"]["fieldConfig"]["overrides"]
    }
    assert found == {
        "critical": {"value": 1, "color": "red"},
        "warning": {"value": 1, "color": "orange"},
    }


def test_roles__are_red_where_nodes_of_them_are_down(made):
    """Each is a tile that says how many of how many, and is red where one is missing."""
    nodes = {panel["title"]: panel for panel in real(made["zerostate-nodes.json"])}
    roles = nodes["Up by role"]
    assert roles["fieldConfig"]["defaults"]["thresholds"]["steps"] == [
        {"value": None, "color": "red"},
        {"value": 1, "color": "green"},
    ]
    assert roles["options"]["textMode"] == "value_and_name"
    assert roles["targets"][0]["legendFormat"] == "{{node_role}}: {{up}} of {{of}}"


def test_thresholds__follow_what_an_operator_has_changed(db):
    """A parameter that was set on the rule's page moves the line of its dashboards."""
    group = RuleGroup.objects.create(name="tests", interval_seconds=30)
    Rule.objects.create(
        group=group,
        name="TaskQueueNearFull",
        expr="vector(1)",
        shipped_key="TaskQueueNearFull",
        overrides={"parameters": {"limit": 400}},
    )
    execution = json.loads(files(OPTIONS)["zerostate-execution.json"])
    assert steps_of(execution, "Waiting") == [(None, "green"), (250, "orange"), (400, "red")]


def test_tables__leave_out_what_nobody_reads(made):
    """Two answers become one table by what they have in common."""
    nodes = {panel["title"]: panel for panel in real(made["zerostate-nodes.json"])}
    joined, organized = nodes["Down now"]["transformations"]
    assert joined["options"]["byField"] == "node"
    assert organized["options"]["renameByName"] == {"node_role": "node role", "Value #B": "last up"}
    hidden = organized["options"]["excludeByName"]
    assert all(hidden[name] for name in ("Value #A", "Time 1", "Time 2"))
    assert organized["options"]["indexByName"]["Value #B"] == 4


def overrides_of(panel):
    """What single fields are told, by their names."""
    return {
        one["matcher"]["options"]: {p["id"]: p["value"] for p in one["properties"]}
        for one in panel["fieldConfig"]["overrides"]
    }


def test_alerts_that_fire__have_value_since_and_who_acknowledged(made):
    """One row per alert, joined by its number, which opens it in admin."""
    overview = {panel["title"]: panel for panel in real(made["zerostate-overview.json"])}
    table = overview["Alerts that fire"]
    joined, organized = (one["options"] for one in table["transformations"])
    assert (joined["byField"], joined["mode"]) == ("alert", "outer")
    order = sorted(organized["indexByName"], key=organized["indexByName"].get)
    named = [organized["renameByName"].get(name, name) for name in order]
    assert named == [
        *("severity", "alertname", "node", "about", "value", "since", "acknowledged by"),
        *("held by", "layer", "alert"),
    ]
    told = overrides_of(table)
    assert told["since"] == {"unit": "dateTimeFromNow"}
    assert table["fieldConfig"]["defaults"]["unit"] == "short"
    (mapping,) = told["severity"]["mappings"]
    colours = {word: one["color"] for word, one in mapping["options"].items()}
    assert colours == {"critical": "red", "warning": "orange"}
    (opened,) = told["alert"]["links"]
    assert opened["url"] == (
        "https://ops.example/admin/zerostate_monitoring/alert/${__value.raw}/change/"
    )
    assert table["options"]["sortBy"] == [{"displayName": "since", "desc": True}]


def test_states_of_alerts__have_words_and_colours_of_their_own(made):
    """Silenced and acknowledged ones are seen as what they are."""
    slo = {panel["title"]: panel for panel in real(made["zerostate-slo.json"])}
    (mapping,) = slo["Alert timeline"]["fieldConfig"]["defaults"]["mappings"]
    found = {one["text"]: one["color"] for one in mapping["options"].values()}
    grey = "#8e8e8e"
    assert found == {
        "pending": "orange",
        "firing": "red",
        "acknowledged": "blue",
        **dict.fromkeys(("silenced", "in maintenance", "inhibited", "observed"), grey),
    }


def test_nodes__lead_to_their_log_lines(made):
    """By their name, in Loki."""
    nodes = {panel["title"]: panel for panel in real(made["zerostate-nodes.json"])}
    links = {one["title"]: one["url"] for one in overrides_of(nodes["Down now"])["node"]["links"]}
    pane = json.loads(unquote(links["Log lines that name it"].partition("panes=")[2]))["a"]
    assert pane["datasource"] == "our-loki"
    assert pane["queries"][0]["expr"] == '{service=~".+"} |= `${__value.raw}`'


def test_limits__of_settings_are_what_is_set(db, settings):
    """Amber from 80 % of what a scrape of the page may bring, whatever that is."""
    settings.ZEROSTATE_MONITORING_PAGE_MAX_SERIES = 5000
    settings.ZEROSTATE_MONITORING_NODE_MAX_SERIES = 700
    settings.ZEROSTATE_MONITORING_NODE_TIMEOUT_SECONDS = 10
    texts = files(OPTIONS)
    monitoring = json.loads(texts["zerostate-monitoring.json"])
    for title in ("Series on the page", "Series"):
        assert steps_of(monitoring, title) == [(None, "green"), (4000, "orange"), (5000, "red")]
    nodes = json.loads(texts["zerostate-nodes.json"])
    assert steps_of(nodes, "Series per node")[1:] == [(560, "orange"), (700, "red")]
    assert steps_of(nodes, "Slowest scrapes")[1:] == [(2, "orange"), (8, "red")]


def test_export__without_the_sdk_says_what_to_install():
    """A plain sentence instead of a traceback about a module."""
    program = (
        "import sys\n"
        "sys.modules['grafana_foundation_sdk'] = None\n"
        "from zerostate_monitoring.exceptions import ConfigurationError\n"
        "try:\n"
        "    import zerostate_monitoring.generators.dashboards.sdk\n"
        "except ConfigurationError as error:\n"
        "    assert 'zerostate-monitoring[dashboards]' in str(error)\n"
        "else:\n"
        "    raise SystemExit('no error')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
