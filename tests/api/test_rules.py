"""Rules and alerts in Prometheus's shapes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerting.making import alert, ended, group, rule
from zerostate_monitoring.api.rule_shapes import exponent, time_text
from zerostate_monitoring.models import GroupState, RuleState

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def two(api):
    """A group of two rules, the first of which fires; one alert, and a group behind it."""
    first = group(name="nodes", interval_seconds=30, limit=5, labels={"team": "core"})
    GroupState.objects.create(group=first, last_slot_ms=1, evaluated_at=AT, duration_seconds=0.25)
    down = rule(
        group=first,
        name="NodeDown",
        expr="up==0",
        for_duration=timedelta(minutes=1),
        severity="critical",
        annotations={"summary": "{{ $labels.node }}"},
    )
    rule(group=first, name="node:up", kind="recording", expr="sum(up)", position=1)
    rule(group=group(name="others", position=1), name="Other", expr="vector(1)")
    RuleState.objects.create(rule=down, health="error", reason="no answer", duration_seconds=0.125)
    alert(
        rule=down,
        started_at=AT,
        value=0.0,
        labels={"node": "a"},
        annotations={"summary": "a"},
        keep_since=AT,
    )
    ended(AT, rule=down)
    return down


def test_rules__have_prometheus_keys(two, api):
    """Both kinds of rule, and the alert with the value in exponent form."""
    nodes, others = api.data("rules")["groups"]
    alerting, recording = nodes.pop("rules")
    assert nodes == {
        "name": "nodes",
        "file": "own",
        "interval": 30,
        "limit": 5,
        "evaluationTime": 0.25,
        "lastEvaluation": "2026-05-01T12:00:00.5Z",
    }
    assert alerting == {
        "type": "alerting",
        "name": "NodeDown",
        "query": "up == 0",
        "state": "firing",
        "duration": 60,
        "keepFiringFor": 0,
        "labels": {"severity": "critical", "team": "core"},
        "annotations": {"summary": "{{ $labels.node }}"},
        "alerts": [
            {
                "labels": {"alertname": "NodeDown", "node": "a"},
                "annotations": {"summary": "a"},
                "state": "firing",
                "activeAt": "2026-05-01T12:00:00.5Z",
                "keepFiringSince": "2026-05-01T12:00:00.5Z",
                "value": "0e+00",
            }
        ],
        "health": "err",
        "lastError": "no answer",
        "evaluationTime": 0.125,
        "lastEvaluation": "2026-05-01T12:00:00.5Z",
    }
    assert recording == {
        "type": "recording",
        "name": "node:up",
        "query": "sum(up)",
        "labels": {"team": "core"},
        "health": "unknown",
        "evaluationTime": 0,
        "lastEvaluation": "2026-05-01T12:00:00.5Z",
    }
    (unasked,) = others["rules"]
    assert (unasked["state"], unasked["health"]) == ("unknown", "unknown")
    assert others["lastEvaluation"] == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("health", "told"),
    [
        ("ok", "ok"),
        ("no_data", "ok"),
        ("stale", "ok"),
        ("waiting", "ok"),
        ("dormant", "unknown"),
        ("error", "err"),
    ],
)
def test_rules__know_prometheus_healths_alone(two, api, health, told):
    """A rule without data is no broken one; and only what is broken has a last error."""
    RuleState.objects.update(health=health, reason="why")
    shown = api.data("rules")["groups"][0]["rules"][0]
    assert (shown["health"], shown.get("lastError")) == (told, "why" if told == "err" else None)


def named(api, **asked):
    return [one["name"] for found in api.data("rules", **asked)["groups"] for one in found["rules"]]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["NodeDown", "node:up", "Other"]),
        ({"type": "alert"}, ["NodeDown", "Other"]),
        ({"type": "RECORD"}, ["node:up"]),
        ({"rule_name[]": ["Other", "node:up"]}, ["node:up", "Other"]),
        ({"rule_group[]": "others"}, ["Other"]),
        ({"file[]": "built-in"}, []),
        ({"file[]": "own", "rule_group[]": "nodes"}, ["NodeDown", "node:up"]),
        ({"match": '{team="core",severity=""}'}, ["node:up"]),
        ({"match": ['{severity="critical"}', '{alertname="x"}']}, ["NodeDown"]),
    ],
)
def test_rules__are_filtered(two, api, asked, names):
    """By type, name, group, file and labels; groups that have nothing left are not shown."""
    assert named(api, **asked) == names


def test_rules__alerts_are_left_out(two, api):
    """Which Prometheus says by a null; the state stays."""
    (found,) = api.data("rules", exclude_alerts="true", type="alert", **{"rule_group[]": "nodes"})[
        "groups"
    ]
    assert (found["rules"][0]["alerts"], found["rules"][0]["state"]) == (None, "firing")


def test_rules__come_in_pages(two, api):
    """A token leads to the next one, and the last has none."""
    first = api.data("rules", group_limit=1)
    second = api.data("rules", group_limit=1, group_next_token=first["groupNextToken"])
    assert [one["name"] for one in (*first["groups"], *second["groups"])] == ["nodes", "others"]
    assert "groupNextToken" not in second
    assert "groupNextToken" not in api.data("rules", group_limit=2)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"type": "x"}, 'invalid parameter "type": not supported value "x"'),
        ({"group_limit": "0"}, "needs to be greater than 0"),
        ({"group_limit": "-1"}, "needs to be greater than 0"),
        ({"group_limit": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"group_limit": "9" * 20}, "value out of range"),
        ({"group_next_token": "x"}, "group_limit needs to be present"),
        ({"group_next_token": "x", "group_limit": "1"}, "were rule groups changed?"),
        ({"exclude_alerts": "maybe"}, 'strconv.ParseBool: parsing "maybe"'),
        ({"match": "{"}, "parse error"),
        ({"match": '{team!~".+",severity=~"|x",a!="b"}'}, "would select everything"),
    ],
)
def test_rules__bad_parameters_are_named(two, api, asked, told):
    """As Prometheus names them."""
    kind, text = api.refusal("rules", **asked)
    assert kind == "bad_data"
    assert told in text


def test_rules__a_query_for_each_rule_there_is_none(two, api, django_assert_max_num_queries):
    """However many rules and alerts."""
    for _ in range(5):
        alert(rule=rule(group=two.group))
    with django_assert_max_num_queries(4):
        api.data("rules")


def test_alerts__are_those_that_live(two, api):
    """With the newest value where there is one."""
    pending = alert(rule=two, state="pending", fired_at=None, started_at=AT, value=1.0)
    GroupState.objects.update(values={str(pending.pk): "12.5"})
    found = api.data("alerts")["alerts"]
    assert [(one["state"], one["value"]) for one in found] == [
        ("firing", "0e+00"),
        ("pending", "1.25e+01"),
    ]


@pytest.mark.parametrize("path", ["rules", "alerts"])
def test_access__is_that_of_queries(client, db, path):
    """Nobody without token or session."""
    assert client.get(f"/monitoring/api/v1/{path}").status_code == 401


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0e+00"),
        (1.0, "1e+00"),
        (-1.0, "-1e+00"),
        (100.0, "1e+02"),
        (0.1, "1e-01"),
        (1234567.5, "1.2345675e+06"),
        (1e21, "1e+21"),
        (1e100, "1e+100"),
        (5e-324, "5e-324"),
        (0.00012, "1.2e-04"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (float("nan"), "NaN"),
        (float("inf"), "+Inf"),
        (-float("inf"), "-Inf"),
    ],
)
def test_exponent__is_go_s(value, text):
    """strconv's 'e' with -1."""
    assert exponent(value) == text
    if value == value:
        assert float(exponent(value)) == value


def test_time_text__has_no_zeros_at_the_end():
    """As Go's RFC3339Nano."""
    assert time_text(AT.replace(microsecond=0)) == "2026-05-01T12:00:00Z"
    assert time_text(AT.replace(microsecond=10)) == "2026-05-01T12:00:00.00001Z"
