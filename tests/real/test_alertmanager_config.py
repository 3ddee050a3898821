"""What a real Alertmanager makes of the file that is generated for it."""

from __future__ import annotations

import tempfile
from datetime import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.generators.alertmanager.hostile import NAMES, VALUES, definitions, matchers
from tests.notifiers.receiver import fake_receiver
from tests.real.alertmanager import configured
from tests.real.amtool import complaint, receivers
from tests.servers import wait_until
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.alerting.routing.deciding import Routing
from zerostate_monitoring.alerting.routing.values import Entry, Routed, Step, Taken
from zerostate_monitoring.generators import alertmanager
from zerostate_monitoring.generators.alertmanager.document import APP, NOBODY, written
from zerostate_monitoring.generators.alertmanager.values import (
    Definitions,
    ReceiverValue,
    RouteValue,
    WindowValue,
)
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import Inhibition, Receiver, Route, RouteStep

pytestmark = pytest.mark.real

OPTIONS = ExportOptions()
PHASES = [Phase.explicit, Phase.generate]
"""Making an example smaller would take amtool hundreds of runs."""
WEBHOOK = "http://127.0.0.1:8000/webhook"
HOOK = {"url": "http://127.0.0.1:9/x"}


@settings(max_examples=80, deadline=None, phases=PHASES)
@given(definitions())
def test_file__is_taken_whatever_the_rows_hold(found):
    """Quotes, braces, line ends, words of YAML, times that are none: it loads, all of it."""
    with tempfile.TemporaryDirectory() as directory:
        text = written(found, OPTIONS)
        assert complaint(text, Path(directory)) == "", text


ROUTES = st.lists(
    st.tuples(st.one_of(matchers(), matchers(), st.just("a==")), st.booleans(), st.booleans()),
    max_size=6,
)
LABELS = st.dictionaries(NAMES, VALUES, max_size=4)
WINDOW = WindowValue(
    name="w", matchers='severity="warning"', weekdays=(0,), start=time(1), end=time(2)
)


def entry(number, matchers, is_continued, has_receiver):
    steps = (Step(number, None, f"r{number}"),) if has_receiver else ()
    return Entry(Taken(Routed(number, f"r{number}"), steps), matchers, is_continued)


def value(number, matchers, is_continued, has_receiver):
    steps = (number,) if has_receiver else ()
    name = f"r{number}"
    return RouteValue(name=name, matchers=matchers, is_continued=is_continued, steps=steps)


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(ROUTES, st.lists(LABELS, min_size=1, max_size=3), st.booleans())
@example([('node=~"edge-.*"', False, True)], [{"node": "edge-\n1"}], False)
@example([("a=b", True, True), ("", True, True)], [{"a": "b"}], True)
def test_routes__lead_where_ours_do(rows, label_sets, has_windows):
    """For any routes and labels amtool names the receivers that this app would tell."""
    numbered = list(enumerate(rows))
    ours = Routing(entry(number, *row) for number, row in numbered)
    hooks = {n: ReceiverValue(pk=n, name=f"r{n}", kind="webhook", config=HOOK) for n, _ in numbered}
    found = Definitions(
        receivers=hooks,
        routes=[value(number, *row) for number, row in numbered],
        windows=[WINDOW] if has_windows else [],
        webhook_url=WEBHOOK,
    )
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "alertmanager.yml"
        path.write_text(written(found, OPTIONS), encoding="utf-8")
        for labels in label_sets:
            taken = [one.route.name for one in ours.of(labels)]
            broken = ours.faults()
            if all(int(name[1:]) in broken for name in taken):
                # Alertmanager has one receiver for what no route takes.
                taken = taken[:1] or [NOBODY]
            assert receivers(path, labels) == [APP, *taken], (labels, path.read_text())


@pytest.fixture
def people():
    """A server that takes messages for everybody, each under a path of their own."""
    with fake_receiver() as server:
        yield server


@pytest.fixture
def rows(people, settings):
    """Receivers, routes and an inhibition, as an operator would make them."""
    settings.ZEROSTATE_MONITORING_DELIVERY_REFUSED_NETWORKS = ()
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    made = {}
    for name in ("on call", "team", "edge's", "rest"):
        url = f"http://127.0.0.1:{people.port}/{name.replace(' ', '-')}"
        made[name] = Receiver.objects.create(name=name, kind="webhook", config={"url": url})
    asked = (
        ("on call", 'severity="critical"', False),
        ("edge's", 'node=~"edge-.*"', True),
        ("team", 'severity="warning", alertname!="Quiet\\n{{ x }}"', False),
        ("rest", "", False),
    )
    for position, (name, text, is_continued) in enumerate(asked):
        route = Route.objects.create(
            name=name,
            position=position,
            matchers=text,
            is_continued=is_continued,
            group_by=["..."],
            group_wait_seconds=0,
            group_interval_seconds=1,
        )
        RouteStep.objects.create(route=route, receiver=made[name])
    Inhibition.objects.create(
        name="down",
        source_matchers="alertname=Down",
        target_matchers="alertname=Slow",
        equal=["node"],
    )


def told(people, labels):
    """The receivers' names in the messages that tell of an alert with ``labels``."""
    bodies = [posted.json for posted in list(people.posted)]
    return sorted(b["receiver"] for b in bodies if labels in [a["labels"] for a in b["alerts"]])


def has_told(people, labels, wanted):
    return told(people, labels) == wanted


@pytest.mark.django_db
def test_alerts__reach_whom_this_app_would_tell(rows, people, tmp_path):
    """A real Alertmanager with the file tells the same receivers, and this app of all of them."""
    options = ExportOptions(address=f"127.0.0.1:{people.port}", base_url="https://ops.example")
    files = {**alertmanager.files(options), "secrets/webhook-token": "tok"}
    label_sets = [
        {"alertname": "A", "severity": "critical", "node": "edge-1"},
        {"alertname": "B", "severity": "warning", "node": "edge-\n2"},
        {"alertname": "C", "severity": "warning", "node": "relay-1"},
        {"alertname": "Quiet\n{{ x }}", "severity": "warning"},
        {"alertname": 'Q"\\', "severity": "info", "node": "edge"},
    ]
    ours = load()
    expected = {
        labels["alertname"]: sorted(
            [APP, *(step.receiver_name for one in ours.of(labels) for step in one.steps)]
        )
        for labels in label_sets
    }
    with configured(tmp_path, files) as server:
        server.tell(*label_sets)
        for labels in label_sets:
            wanted = expected[labels["alertname"]]
            wait_until(partial(has_told, people, labels, wanted), 30, f"{labels}: {wanted}")
    to_app = [posted for posted in people.posted if posted.path.endswith("/alertmanager/webhook")]
    assert {posted.headers["Authorization"] for posted in to_app} == {"Bearer tok"}


@pytest.mark.django_db
def test_alerts__are_held_back_by_inhibitions(rows, people, tmp_path):
    """While a node is down nobody hears that it is slow; of another node everybody does."""
    options = ExportOptions(address=f"127.0.0.1:{people.port}")
    files = {**alertmanager.files(options), "secrets/webhook-token": "tok"}
    down, slow, other = ({"alertname": n, "node": m} for n, m in
                         (("Down", "a"), ("Slow", "a"), ("Slow", "b")))  # fmt: skip
    with configured(tmp_path, files) as server:
        server.tell(down)
        wait_until(lambda: told(people, down) == ["rest", APP], 30, "it is down")
        server.tell(slow)
        server.tell(other)
        wait_until(lambda: told(people, other) == ["rest", APP], 30, "the other one is slow")
        assert told(people, slow) == []
