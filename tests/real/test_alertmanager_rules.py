"""Matchers, routes, groups, inhibitions and silences, beside a real Alertmanager."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, product
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.alerting.rows import NOW
from tests.processes import processes
from tests.servers import free_port, wait_until
from zerostate_monitoring.alerting.delivery.places import place_of
from zerostate_monitoring.alerting.routing.deciding import Routing
from zerostate_monitoring.alerting.routing.values import Entry, Routed, Step, Taken
from zerostate_monitoring.alerting.suppression import Suppressions
from zerostate_monitoring.alerting.suppression.deciding import Loaded
from zerostate_monitoring.alerting.suppression.inhibiting import Source
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert, Inhibition, Silence
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.promql.nodes import Operator
from zerostate_monitoring.rules.breadth import is_open
from zerostate_monitoring.rules.matchers import Matcher, format_matchers, meets, parse_matchers

pytestmark = pytest.mark.real

ROUNDS: Final = 20
SILENCES: Final = 60
VALUES: Final = ("", "x", "y", "xy", "x y", "z.1")
PATTERNS: Final = ("", "x", "x|y", "x.*", ".+", ".*", "[xy]", "x?", "(x|xy)", r"z\.\d", "|x", "x y")
OPERATORS: Final[tuple[Operator, ...]] = ("=", "!=", "=~", "!~")
NAMES: Final = ("alertname", "a", "b", "c")

Labels = Mapping[str, str]


def labels_of(*values: str) -> Labels:
    return {name: value for name, value in zip(NAMES, values, strict=True) if value}


ALERTS: Final = [
    labels_of(*values)
    for values in product(("Up", "x"), ("", "x", "y", "xy"), ("", "x", "x y"), ("", "z.1"))
]


def matchers(random: Random, most: int = 3) -> tuple[Matcher, ...]:
    """Some matchers, at least one."""
    found = []
    for _ in range(random.randint(1, most)):
        op = random.choice(OPERATORS)
        value = random.choice(PATTERNS if "~" in op else VALUES)
        found.append(Matcher(random.choice(NAMES), op, value))
    return tuple(found)


def written(found: Sequence[Matcher], random: Random) -> str:
    """Matchers as people write them: in braces or not, with blanks, bare where that can be."""
    blank = random.choice(["", " "])
    parts = []
    for one in found:
        bare = one.value.isalnum() and random.random() < 0.5
        value = one.value if bare else format_matchers([one]).partition('"')[2].join(['"', ""])
        parts.append(f"{blank}{one.name}{blank}{one.op}{blank}{value}")
    text = ("," + blank).join(parts) + random.choice(["", ","])
    return f"{{{text}}}" if random.random() < 0.5 else text.strip()


class Alertmanager:
    """A server with rules that change, and all alerts."""

    def __init__(self, directory: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.config = directory / "alertmanager.yml"

    def ask(self, path: str, sent: Any = None) -> Any:
        """What it answers; ``sent`` is posted."""
        data = None if sent is None else json.dumps(sent).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.strip().startswith((b"{", b"[")) else text

    def write(self, routes: Sequence[Any] = (), inhibitions: Sequence[Any] = ()) -> None:
        """Write down other rules."""
        names = ["nobody", *(route["receiver"] for route in routes)]
        config = {
            "route": {"receiver": "nobody", "routes": list(routes)},
            "receivers": [{"name": name} for name in names],
            "inhibit_rules": list(inhibitions),
        }
        self.config.write_text(json.dumps(config))  # JSON is YAML, too.

    def alerts(self) -> list[Any]:
        """All alerts, with what becomes of each, in the order of ``ALERTS``."""
        found = self.ask("/api/v2/alerts")
        return sorted(found, key=lambda alert: ALERTS.index(alert["labels"]))

    def groups(self) -> set[tuple[str, frozenset[int]]]:
        """Receivers, each with the alerts of one message."""
        return {
            (group["receiver"]["name"], frozenset(map(place, group["alerts"])))
            for group in self.ask("/api/v2/alerts/groups")
        }


def place(alert: Any) -> int:
    """Which of ``ALERTS`` it is."""
    return ALERTS.index(alert["labels"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    """An Alertmanager that knows all alerts."""
    directory = tmp_path_factory.mktemp("alertmanager")
    port = free_port()
    one = Alertmanager(directory, port)
    one.write()
    with processes(directory, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}) as started:
        started.start(
            "alertmanager",
            "prometheus-alertmanager",
            f"--config.file={one.config}",
            f"--storage.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        )
        wait_until(lambda: _answers(one), 30, "Alertmanager answers")
        # Without an end they would end five minutes from now, in the middle of a slow run.
        told = [{"labels": labels, "endsAt": "2199-01-01T00:00:00Z"} for labels in ALERTS]
        one.ask("/api/v2/alerts", told)
        wait_until(lambda: len(one.alerts()) == len(ALERTS), 30, "it knows all alerts")
        yield one


def _answers(server: Alertmanager) -> bool:
    try:
        return bool(server.ask("/api/v2/status"))
    except OSError:
        return False


def agrees(what: str, theirs: Any, ours: Any) -> None:
    """What it shows becomes what we say: some of it is worked out behind its answers."""
    wait_until(lambda: theirs() == ours, 30, f"{what}: Alertmanager {theirs()}, ours {ours}")


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_routes_and_inhibitions__are_alertmanagers(server: Alertmanager, seed: int) -> None:
    """The same receivers for each alert, the same messages, and the same alerts held back."""
    random = Random(seed)
    numbers = count()
    routes = [_route(random, next(numbers)) for _ in range(random.randint(1, 7))]
    rows = [_inhibition(random) for _ in range(random.randint(1, 4))]
    server.write([theirs for theirs, _ in routes], [_their_inhibition(row) for row in rows])
    server.ask("/-/reload", {})
    routing = Routing(ours for _, ours in routes)
    takers = [routing.of(labels) for labels in ALERTS]
    names = [[taken.route.name for taken in found] or ["nobody"] for found in takers]
    agrees("receivers", lambda: [_receivers(alert) for alert in server.alerts()], names)
    agrees("messages", server.groups, _messages(takers))
    held = [reason is not None for reason in _reasons(Loaded(NOW, inhibitions=rows, firing=FIRING))]
    shown = "inhibitedBy"
    agrees("held back", lambda: [bool(a["status"][shown]) for a in server.alerts()], held)


FIRING: Final = [Source(number, "x", labels) for number, labels in enumerate(ALERTS)]


def _route(random: Random, number: int) -> tuple[Any, Entry]:
    text, is_continued = written(matchers(random), random), random.random() < 0.5
    group_by = random.choice([[], ["a"], ["alertname", "b"], ["nothing"], ["..."]])
    theirs = {"receiver": f"r{number}", "matchers": [text], "continue": is_continued}
    if group_by:
        theirs["group_by"] = group_by
    route = Routed(number + 1, f"r{number}", tuple(group_by))
    return theirs, Entry(Taken(route, (Step(number),)), text, is_continued)


def _receivers(alert: Any) -> list[str]:
    return [receiver["name"] for receiver in alert["receivers"]]


def _messages(takers: Sequence[Sequence[Taken]]) -> set[tuple[str, frozenset[int]]]:
    found: dict[tuple[str, str], set[int]] = {}
    for number, taken in enumerate(takers):
        for one in taken:
            key = place_of(one.route, one.steps[0].receiver_id, ALERTS[number]).key
            found.setdefault((one.route.name, key), set()).add(number)
        if not taken:
            found.setdefault(("nobody", ""), set()).add(number)
    return {(name, frozenset(numbers)) for (name, _), numbers in found.items()}


def _inhibition(random: Random) -> Inhibition:
    sides = [format_matchers(matchers(random, 2)) for _ in range(2)]
    equal = random.sample(["a", "b", "c", "nothing"], random.randint(0, 2))
    return Inhibition(
        pk=random.randint(1, 10**9), source_matchers=sides[0], target_matchers=sides[1], equal=equal
    )


def _their_inhibition(row: Inhibition) -> Any:
    return {
        "source_matchers": row.source_matchers.splitlines(),
        "target_matchers": row.target_matchers.splitlines(),
        "equal": row.equal,
    }


def _reasons(loaded: Loaded) -> list[Any]:
    """What holds each of ``ALERTS`` back."""
    suppressions = Suppressions(loaded)
    rows = [
        Alert(rule_name=labels["alertname"], labels=dict(labels), state=AlertState.FIRING)
        for labels in ALERTS
    ]
    found = [suppressions.reason_for(row) for row in rows]
    assert not suppressions.faults
    return found


def test_silences__are_alertmanagers(server: Alertmanager) -> None:
    """Each holds the same alerts back; so do all of them together."""
    random = Random(1)
    texts: dict[str, str] = {}
    while len(texts) < SILENCES:
        found = matchers(random)
        if not is_open(text := format_matchers(found)):  # what Alertmanager refuses
            texts[server.ask("/api/v2/silences", _their_silence(found))["silenceID"]] = text
    ours = [
        {key for key, text in texts.items() if meets(parse_matchers(text), labels)}
        for labels in ALERTS
    ]
    agrees("silences", lambda: [set(a["status"]["silencedBy"]) for a in server.alerts()], ours)
    # Together they would hold all back: a few at a time.
    for some in (list(texts.items())[at : at + 3] for at in range(0, SILENCES, 3)):
        rows = [Silence(pk=n, matchers=text, ends_at=NOW) for n, (_, text) in enumerate(some)]
        keys = {key for key, _ in some}
        held = [reason is not None for reason in _reasons(Loaded(NOW, silences=rows))]
        assert held == [bool(keys & found) for found in ours]


def _their_silence(found: Sequence[Matcher]) -> Any:
    return {
        "matchers": [
            {"name": m.name, "value": m.value, "isRegex": "~" in m.op, "isEqual": m.op[0] == "="}
            for m in found
        ],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2199-01-01T00:00:00Z",
        "createdBy": "test",
        "comment": "test",
    }


BROKEN: Final = [
    "a", "=b", "a=~(", 'a=~"["', r'a=~"(?=x)"', r'a=~"(a)\1"', 'a="b', "a=b,,c=d", "a!b", "a~b",
    'a="x"y', "a b", '{a="x"}, b="y"',
]  # fmt: skip
"""Texts that neither takes. Braces that do not close, and a==, are refused from 0.27 on."""


@pytest.mark.parametrize("text", BROKEN)
def test_broken_matchers__are_broken_for_both(tmp_path: Path, text: str) -> None:
    """amtool refuses a configuration with them, and we refuse the text."""
    with pytest.raises(RuleError):
        parse_matchers(text)
    assert not _amtool_takes(tmp_path, text)


def test_sound_matchers__are_sound_for_amtool(tmp_path: Path) -> None:
    """So that a refusal means the text, and nothing else of the configuration."""
    assert _amtool_takes(tmp_path, '{a="x", b=~y.*}')


def _amtool_takes(directory: Path, text: str) -> bool:
    one = Alertmanager(directory, 1)
    one.write([{"receiver": "r", "matchers": [text]}])
    command = ["amtool", "check-config", str(one.config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0
