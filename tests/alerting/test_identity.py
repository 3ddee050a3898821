"""Who an alert is, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.identity import Surroundings, fingerprint, present
from zerostate_monitoring.alerting.states import Present
from zerostate_monitoring.promql.data import Sample
from zerostate_monitoring.rules.definitions import AlertingRule

LABELS = st.dictionaries(st.text(), st.text(), max_size=4)


def one(
    labels: Mapping[str, str],
    *,
    value: float = 1.0,
    rule_labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    around: Surroundings | None = None,
) -> Present:
    rule = AlertingRule(
        alert="Down", expr="up", labels=rule_labels or {}, annotations=annotations or {}
    )
    sample = Sample(tuple(sorted(labels.items())), value)
    (found,) = present(rule, [sample], around or Surroundings(1_000))
    return found


def test_labels__are_the_series_ones_then_the_rules_then_the_name() -> None:
    """The metric's name is gone, the rule's label replaces, an empty one takes away."""
    found = one(
        {"__name__": "up", "a": "1", "b": "2", "alertname": "x"},
        rule_labels={"a": "9", "b": "", "severity": "critical", "alertname": "y"},
    )
    assert found.labels == (("a", "9"), ("alertname", "Down"), ("severity", "critical"))
    assert found.key == fingerprint(found.labels)


def test_templates__see_the_series_before_the_rules_labels() -> None:
    """They know value, installation and the metric's name; a missing label is empty."""
    around = Surroundings(1_000, {"cluster": "eu"}, "https://ops.example")
    text = "{{ $labels.a }} {{ $labels.__name__ }} {{ $labels.none }}. {{ $value }} "
    text += "{{ $externalLabels.cluster }} {{ $externalURL }}"
    found = one(
        {"__name__": "up", "a": "1"},
        value=1.5,
        rule_labels={"a": "9", "told": text},
        annotations={"summary": text},
        around=around,
    )
    expected = "1 up . 1.5 eu https://ops.example"
    assert found.annotations["summary"] == expected
    assert dict(found.labels)["told"] == expected


def test_template__that_fails_becomes_an_error_in_its_place() -> None:
    """In labels, too, and hence in who the alert is; the rule is told of both."""
    told: list[str] = []
    broken = '{{ index "x" "y" }}'
    found = one(
        {},
        rule_labels={"site": broken},
        annotations={"summary": broken, "other": "fine"},
        around=Surroundings(0, warn=told.append),
    )
    text = dict(found.labels)["site"]
    assert text.startswith("<error expanding template: ")
    assert found.annotations["summary"] == text
    assert found.annotations["other"] == "fine"
    assert [one.partition(" fails")[0] for one in told] == [
        "The template of the label “site”",
        "The template of the annotation “summary”",
    ]


def test_templates__may_ask_a_query() -> None:
    """The question goes to whoever answers at this instant."""
    around = Surroundings(0, query=lambda text: [({"of": text}, 4.0)])
    text = '{{ with query "up" }}{{ . | first | label "of" }}={{ . | first | value }}{{ end }}'
    assert one({}, annotations={"a": text}, around=around).annotations["a"] == "up=4"


def test_annotations__are_filled_in_when_looked_at() -> None:
    """Those of the first alert at once, the others only for who wants them; then once."""
    asked: list[str] = []

    def query(text: str) -> list[tuple[Mapping[str, str], float]]:
        asked.append(text)
        return []

    text = '{{ query "up" | len }}'
    rule = AlertingRule(alert="Down", expr="up", annotations={"n": text})
    samples = [Sample((("a", str(number)),), 1) for number in range(3)]
    found = present(rule, samples, Surroundings(0, query=query))
    assert len(asked) == 1
    assert [dict(found[2].annotations), dict(found[2].annotations)] == [{"n": "0"}] * 2
    assert len(asked) == 2


@given(LABELS, LABELS)
def test_fingerprint__is_equal_for_equal_labels_alone(
    left: dict[str, str], right: dict[str, str]
) -> None:
    """Whatever stands in names and values, and in whatever order."""
    same = fingerprint(left.items()) == fingerprint(reversed(list(right.items())))
    assert same == (left == right)


@pytest.mark.parametrize(
    ("left", "right"),
    [({"ab": "c"}, {"a": "bc"}), ({"a": "1", "b": "2"}, {"a": "1:b", "": "2"})],
)
def test_fingerprint__knows_where_a_name_ends(
    left: Mapping[str, str], right: Mapping[str, str]
) -> None:
    """Labels are not only written one after another."""
    assert fingerprint(left.items()) != fingerprint(right.items())


def test_fingerprint__stays_the_same() -> None:
    """It stands in databases: 16 hex digits, from this version to the next."""
    assert fingerprint({"alertname": "Down", "node": "a"}.items()) == "5f92ce9560bb8fba"
