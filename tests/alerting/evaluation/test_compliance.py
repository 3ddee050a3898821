"""The four groups of the alert generator compliance suite, on a clock that is turned by hand.

Source of rules, samples and times: ``prometheus/compliance``, ``alert_generator``. There a
window of one interval is allowed; here slots sit on columns, so times are exact. How often an
Alertmanager is told again is not asked: delivery does not go that way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.alerting.evaluation.harness import (
    INTERVAL_MS,
    SECONDS,
    START_MS,
    Installation,
    group,
    labels_of,
    rule,
)
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.rule_group import RuleGroup

SOURCE = "alert_generator_test_suite"


def runs(*parts: tuple[float, int]) -> list[float]:
    """Values, each so many times."""
    return [value for value, times in parts for _ in range(times)]


def walk(made: Installation, series: Mapping[Labels, Sequence[float]], more: int = 0) -> None:
    """A column every 15 seconds, and a tick after each; ``more`` columns after the last sample."""
    for place in range(max(map(len, series.values())) + more):
        made.step({own: run[place] for own, run in series.items() if place < len(run)})


def own(of: str, name: str, **labels: str) -> Labels:
    return labels_of(SOURCE, rulegroup=of, alertname=f"{of}_{name}", **labels)


def expr(of: str, name: str, threshold: int) -> str:
    return f'{{__name__="{SOURCE}", alertname="{of}_{name}", rulegroup="{of}"}} > {threshold}'


def told(name: str, **labels: str) -> list[tuple[str, str]]:
    """When what happened to the alerts of a rule, as minutes and seconds since the start."""
    found = []
    events = AlertEvent.objects.exclude(slot_ms=None).select_related("alert").order_by("pk")
    for event in events.filter(alert__rule_name=name):
        if labels.items() <= event.alert.labels.items():
            minutes, seconds = divmod(((event.slot_ms or 0) - START_MS) // 1000, 60)
            found.append((f"{minutes}:{seconds:02}", event.kind))
    return found


def suite(name: str) -> RuleGroup:
    return group(name, interval_seconds=30, labels={"rulegroup": name})


def test_pending_and_firing_and_resolved(made: Installation) -> None:
    """Up, down and up again: the second time is another alert, with its own beginning."""
    name = "PendingAndFiringAndResolved"
    rule(
        suite(name),
        f"{name}_SimpleAlert",
        expr(name, "SimpleAlert", 10),
        for_duration=360 * SECONDS,
        labels={"foo": "bar"},
        annotations={"summary": "The value is {{$value}} {{.Value}}"},
    )
    samples = runs((3, 1), (5, 3), (9, 4), (11, 13), (15, 32), (19, 16), (9, 20), (15, 45), (8, 16))
    walk(made, {own(name, "SimpleAlert"): samples})
    assert told(f"{name}_SimpleAlert") == [
        ("2:00", "pending"),
        ("8:00", "firing"),
        ("17:30", "resolved"),
        ("22:30", "pending"),
        ("28:30", "firing"),
        ("33:30", "resolved"),
    ]
    first, second = Alert.objects.order_by("pk")
    assert first.labels == {"alertname": f"{name}_SimpleAlert", "foo": "bar", "rulegroup": name}
    assert first.fingerprint == second.fingerprint
    assert first.annotations == second.annotations == {"summary": "The value is 15 15"}


def test_pending_and_resolved_and_always_inactive(made: Installation) -> None:
    """What never lasted long enough is never told of; what never was has no alert."""
    name = "PendingAndResolved_AlwaysInactive"
    of = suite(name)
    for short, threshold in (("PendingAlert", 10), ("InactiveAlert", 99)):
        text = expr(name, short, threshold)
        rule(of, f"{name}_{short}", text, for_duration=180 * SECONDS)
    samples = runs((3, 1), (5, 3), (9, 4), (11, 11), (9, 1))
    walk(made, {own(name, short): samples for short in ("PendingAlert", "InactiveAlert")}, 40)
    assert told(f"{name}_PendingAlert") == [("2:00", "pending"), ("5:00", "expired")]
    assert told(f"{name}_InactiveAlert") == []


def test_zero_for_and_small_for(made: Installation) -> None:
    """Without ``for`` it fires at once, with a small one at the second evaluation."""
    name = "ZeroFor_SmallFor"
    of = suite(name)
    rule(
        of,
        f"{name}_ZeroFor",
        expr(name, "ZeroFor", 10),
        annotations={
            "template_query_test": (
                '{{ define "testtemplate" }}Args are: {{.arg0}} {{.arg1}} {{.arg2}}. '
                f"{{{{ with query \"{SOURCE}{{rulegroup='{name}',for='template'}}\" }}}}"
                'first_id:{{ . | sortByLabel "id" | first | label "id"}},'
                '{{ range $v := sortByLabel "id" .}}{{ . | label "id" }}:{{ . | value }},{{end}}'
                '{{end}}{{ end }}{{ template "testtemplate" (args "foo" "bar" 99) }}'
            ),
            "template_test": (
                "{{humanize 1048576}} {{humanize1024 1048576}} {{humanizeDuration 135.3563}} "
                "{{humanizePercentage 0.959}} {{humanizeTimestamp 1643114203}}"
            ),
        },
    )
    rule(
        of,
        f"{name}_SmallFor",
        expr(name, "SmallFor", 13),
        for_duration=15 * SECONDS,
        annotations={
            "template_test": (
                '{{title "this part"}} {{toUpper "is testing"}} {{toLower "THE STRINGS"}}. '
                '{{ stripPort "[::1]:6006"}} {{ stripPort "127.0.0.1:4004"}}. '
                '{{parseDuration "2h10m15s"}}. '
                '{{if match "[0-9]+" "1234"}}{{reReplaceAll "r.*d" "replaced" "rpld text"}}{{end}}.'
                ' {{if match "[0-9]+$" "1234a"}}WRONG{{end}}.'
            )
        },
    )
    samples = runs((3, 1), (5, 3), (9, 4), (15, 13), (9, 72), (11, 13), (9, 1))
    series = {own(name, short): samples for short in ("ZeroFor", "SmallFor")}
    for number in (1, 2, 3):
        labels = {"rulegroup": name, "for": "template", "id": str(100 + number)}
        series[labels_of(SOURCE, **labels)] = runs((number, 28), (2 * number, 201))[:107]
    walk(made, series, 20)
    assert told(f"{name}_ZeroFor") == [
        ("2:00", "firing"),
        ("5:30", "resolved"),
        ("23:30", "firing"),
        ("26:30", "resolved"),
    ]
    assert told(f"{name}_SmallFor") == [
        ("2:00", "pending"),
        ("2:30", "firing"),
        ("5:30", "resolved"),
    ]
    first, again = Alert.objects.filter(rule_name=f"{name}_ZeroFor").order_by("pk")
    key = "template_query_test"
    assert first.annotations[key] == "Args are: foo bar 99. first_id:101,101:1,102:2,103:3,"
    assert again.annotations[key] == "Args are: foo bar 99. first_id:101,101:2,102:4,103:6,"
    expected = "1.049M 1Mi 2m 15s 95.9% 2022-01-25 12:36:43 +0000 UTC"
    assert first.annotations["template_test"] == expected
    small = Alert.objects.get(rule_name=f"{name}_SmallFor").annotations["template_test"]
    assert small == "This Part IS TESTING the strings. ::1 127.0.0.1. 7815. replaced text. ."


def test_new_alerts_and_order_check(made: Installation) -> None:
    """A rule over ``ALERTS`` sees at the same slot what the rule before it has made of it."""
    name = "NewAlerts_OrderCheck"
    of = suite(name)
    rule(
        of,
        f"{name}_Rule1",
        expr(name, "Rule1", 10),
        for_duration=180 * SECONDS,
        labels={"foo": "bar"},
    )
    one, two = (
        f'ALERTS{{alertstate="firing", alertname="{name}_Rule1", foo="bar", '
        f'rulegroup="{name}", variant="{variant}"}}'
        for variant in ("one", "two")
    )
    rule(
        of,
        f"{name}_Rule2",
        f"({one} + ignoring(variant) {two}) == 2",
        labels={"foo": "baz", "ba_dum": "tss"},
        annotations={"description": "{{$labels.alertname}} was {{.Labels.foo}}."},
    )
    series = {
        own(name, "Rule1", variant="one"): runs((1, 8), (11, 65), (9, 21)),
        own(name, "Rule1", variant="two"): runs((1, 32), (11, 33), (9, 29)),
    }
    walk(made, series)
    assert told(f"{name}_Rule1", variant="one") == [
        ("2:00", "pending"),
        ("5:00", "firing"),
        ("18:30", "resolved"),
    ]
    assert told(f"{name}_Rule1", variant="two") == [
        ("8:00", "pending"),
        ("11:00", "firing"),
        ("16:30", "resolved"),
    ]
    assert told(f"{name}_Rule2") == [("11:00", "firing"), ("16:30", "resolved")]
    alert = Alert.objects.get(rule_name=f"{name}_Rule2")
    assert alert.annotations == {"description": f"{name}_Rule1 was bar."}
    assert alert.labels["foo"] == "baz"
    assert made.newest - START_MS == 93 * INTERVAL_MS
