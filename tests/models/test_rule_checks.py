"""What keeps a rule from being saved, and what is kept with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from tests.models.rules import make_group, make_rule, new_rule
from zerostate_monitoring.models import Metric, Rule
from zerostate_monitoring.models.rule_schema import page_requested
from zerostate_monitoring.rules.schema import Metric as Known
from zerostate_monitoring.rules.schema import Metrics

pytestmark = pytest.mark.django_db


def errors_of(rule) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as raised:
        rule.full_clean()
    return raised.value.message_dict


@pytest.fixture
def page():
    """What stands on the page: names, or None while the store is away."""
    names: list[str | None] = []

    def answer(sender, **kwargs):
        return None if None in names else Metrics([Known(name=str(name)) for name in names])

    receivers = page_requested.receivers
    page_requested.receivers = []
    page_requested.connect(answer)
    yield names
    page_requested.receivers = receivers
    page_requested.sender_receivers_cache.clear()


def test_rule__that_is_sound_is_taken():
    """No error and no finding."""
    rule = new_rule()

    rule.full_clean()

    assert rule.findings == []


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"expr": "sum(zerostate_node_up"}, "expr", "^"),
        ({"expr": ""}, "expr", "blank"),
        ({"expr": "zerostate_node_up[5m]"}, "expr", "range vector"),
        ({"expr": "'text'"}, "expr", "string"),
        ({"name": "a\nb"}, "name", "one line"),
        ({"labels": {"alertname": "x"}}, "labels", "evaluation itself"),
        ({"labels": {"team": "{{ $x }}"}}, "labels", "team"),
        ({"labels": {"team": 3}}, "labels", "by their names"),
        ({"labels": ["team"]}, "labels", "by their names"),
        ({"labels": {"severity": "page"}}, "severity", "among the labels"),
        ({"annotations": {"summary": "{{ nothing }}"}}, "annotations", "summary"),
        ({"runbook_url": "https://x/{{ end }}"}, "runbook_url", "template"),
        ({"owner": "{{"}, "owner", "template"),
        ({"for_duration": timedelta(seconds=-1)}, "for_duration", "negative"),
        ({"keep_firing_for": timedelta(microseconds=1)}, "keep_firing_for", "millisecond"),
        ({"expr": "zerostate_node_up{nod='a'} == 0"}, "expr", "no label nod"),
        ({"expr": "rate(zerostate_node_up[5m]) == 0"}, "expr", "gauge"),
        ({"expr": "count(zerostate_node_up) == 0"}, "expr", "never true"),
        ({"labels": {"v": "{{ $value }}"}}, "labels", "$value"),
        ({"kind": "recording", "name": "zerostate_node_up"}, "name", "catalogue"),
        ({"kind": "recording", "name": "ALERTS"}, "name", "evaluation itself"),
    ],
)
def test_rule__that_cannot_work_is_refused_at_its_field(fields, field, said):
    """Syntax, type, names, templates, durations and the lint's errors."""
    assert said in " ".join(errors_of(new_rule(**fields))[field])


def test_error_in_an_expression__is_shown_with_its_place():
    """The line, and carets below what is wrong."""
    (message,) = errors_of(new_rule(expr="max(\n  zerostate_node_up{nod='a'}\n) == 0"))["expr"]

    said, line, mark = message.split("\n")
    assert "(line 2, column 21)" in said
    start = mark.index("^")
    assert line[start : start + mark.count("^")] == "nod='a'"


def test_warnings__are_kept_with_the_rule():
    """A label that the expression takes away."""
    rule = new_rule(annotations={"summary": "{{ $labels.site }}"})

    rule.full_clean()

    (finding,) = rule.findings
    assert (finding["code"], finding["field"]) == ("label-lost", "annotations.summary")
    assert (finding["start"], finding["end"]) == (3, 15)


def test_unknown_metric__is_refused_with_what_to_do(page):
    """Neither catalogued, nor recorded, nor on the page."""
    (message,) = errors_of(new_rule(expr="zerostate_node_upp == 0"))["expr"]

    assert "did you mean zerostate_node_up" in message
    assert "run that first" in message


def test_unknown_metric__says_so_where_nobody_can_tell(page):
    """The store does not answer."""
    page.append(None)

    assert "store does not answer" in str(errors_of(new_rule(expr="shop_orders > 1")))


def test_own_family__is_known_by_the_page(page):
    """A family that a collector of the project gives."""
    page.append("shop_orders")

    new_rule(expr="shop_orders > 1", annotations={}).full_clean()


def test_metric_of_a_server__is_a_warning(settings):
    """Where a Prometheus evaluates it may have what is not known here."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "https://prometheus.example"
    rule = new_rule(expr="node_load1 > 1", annotations={})

    rule.full_clean()

    assert [finding["code"] for finding in rule.findings] == ["unknown-metric"]


def test_recorded_name__is_known_while_its_rule_is_enabled(page):
    """With the labels that its expression leaves."""
    recording = make_rule(
        kind="recording", name="site:up:sum", expr="sum by (site) (zerostate_node_up)", severity=""
    )

    new_rule(expr="site:up:sum == 0", annotations={}).full_clean()
    assert "no label node" in str(errors_of(new_rule(expr="site:up:sum{node='a'} == 0")))

    Rule.objects.filter(pk=recording.pk).update(enabled=False)
    assert "site:up:sum" in str(errors_of(new_rule(expr="site:up:sum == 0")))


def test_rule_on_a_disabled_metric__is_kept_with_a_warning():
    """It sleeps until the metric is enabled."""
    Metric.objects.filter(name="zerostate_escrows").update(enabled=False)
    rule = new_rule(expr="sum(zerostate_escrows) > 5", annotations={})

    rule.full_clean()

    assert [finding["code"] for finding in rule.findings] == ["disabled-metric"]


@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ({}, True),
        ({"labels": {"team": "a"}}, False),
        ({"severity": "warning"}, False),
        ({"enabled": False}, False),
        ({"name": "Another"}, False),
    ],
)
def test_twin__is_refused(fields, is_refused):
    """Same name and same labels; a disabled one does no harm."""
    make_rule()
    rule = new_rule(**fields)

    if is_refused:
        assert "same labels" in str(errors_of(rule)["name"])
    else:
        rule.full_clean()


def test_twin__is_seen_with_the_labels_of_its_group():
    """The group's labels are the rule's."""
    make_rule(labels={"team": "a"})

    twin = new_rule(group=make_group("other", labels={"team": "a"}))

    assert "same labels" in str(errors_of(twin)["name"])


def test_rule__is_no_twin_of_itself():
    """Saving again what is there."""
    rule = make_rule()

    rule.full_clean()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"interval_seconds": 0}, "interval_seconds"),
        ({"interval_seconds": 90_000}, "interval_seconds"),
        ({"labels": {"team": 1}}, "labels"),
        ({"labels": {"__name__": "x"}}, "labels"),
        ({"labels": {"team": "{{"}}, "labels"),
        ({"query_offset_seconds": -5}, "query_offset_seconds"),
    ],
)
def test_group__that_cannot_work_is_refused_at_its_field(fields, field):
    """Name, interval, labels, offset."""
    group = make_group()
    for name, value in fields.items():
        setattr(group, name, value)

    assert field in errors_of(group)


@pytest.mark.parametrize(
    ("interval", "said"), [(30, ""), (45, ""), (50, "no multiple"), (5, "every 15 s")]
)
def test_group__says_where_slots_do_not_sit_on_columns(interval, said):
    """An interval that is no multiple of that of history, or shorter."""
    warnings = make_group(interval_seconds=interval).warnings()

    assert bool(warnings) == bool(said)
    assert said in "".join(warnings)
