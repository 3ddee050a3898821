"""The stack as somebody walks it: one fault, from a node to the history in admin and back."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.stack_series import ask, series
from tests.example_project.stack import Stack, directory, stack
from tests.promql import report
from tests.real import jaeger
from tests.rounds import ROUND, own
from tests.servers import wait_until

pytestmark = pytest.mark.real

NAME: Final = "PaymentsFailing"
PAYMENTS: Final = "zerostate_economic_payments_total"
FAILED: Final = f'{PAYMENTS}{{status="failed"}}'
ALERTS: Final = f"/admin/zerostate_monitoring/alert/?show=all&q={NAME}"
# All that takes its time takes a tenth of it; more happens in that time.
FAST: Final = {"STACK_LAPSE": "10", "STACK_SPEED": "3", "STACK_NODES": "4"}
WHOLE: Final = {
    *("POST /api/orders", "apply_async/example.execute_order", "run/example.execute_order"),
    *("SET", "guild.join", "wasm.execute", "receipt.generate", "payment.flow", "payment.send"),
    *("SELECT platform", "SELECT default", "POST", "payment.verify"),
}
"""From gunicorn over Celery, Valkey and PostgreSQL to a node, which goes on with the trace."""
WAITING: Final = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
"""How /proc/net writes that a socket waits for anybody."""
SECONDS: Final = 180
"""A limit for a machine that is busy with other things, not what a step takes."""


@pytest.fixture
def place() -> Iterator[Path]:
    with directory() as made:
        yield made


class Admin:
    """Somebody who is logged in, without a browser."""

    def __init__(self, made: Stack) -> None:
        self._made = made
        self._cookies = http.cookiejar.CookieJar()
        keep = urllib.request.HTTPCookieProcessor(self._cookies)
        self._opener = urllib.request.build_opener(keep)
        page = self.page("/admin/login/")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        form = {
            "csrfmiddlewaretoken": found[1],
            "username": "admin",
            "password": made.secret("admin-password"),
        }
        assert "Log out" in self.page("/admin/login/?next=/admin/", form)

    def page(self, path: str, form: dict[str, str] | None = None) -> str:
        data = urllib.parse.urlencode(form).encode() if form else None
        with self._opener.open(self._made.url("web", path), data, timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def states(self) -> list[str]:
        """The states of the alert's rows in the list of alerts, the newest first."""
        rows = re.findall(r"<tr>.*?</tr>", self.page(ALERTS), re.DOTALL)
        words = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in rows]
        known = ("firing", "resolved", "pending", "expired")
        return [next(w for w in row if w in known) for row in words if NAME in row]

    def newest(self) -> str:
        """The page of the newest alert."""
        found = re.search(
            r'href="(/admin/zerostate_monitoring/alert/\d+/[^"?]*)', self.page(ALERTS)
        )
        assert found
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page(found[1])))


def rule_state(made: Stack) -> str:
    """What Prometheus says of the rule: inactive, pending or firing; empty if it is away."""
    answer = made.get("prometheus", "/api/v1/rules", type="alert")
    groups = json.loads(answer)["data"]["groups"] if answer else []
    states = [r["state"] for group in groups for r in group["rules"] if r["name"] == NAME]
    return str(states[0]) if states else ""


def active(made: Stack) -> list[Any]:
    """Alerts of the rule that Alertmanager holds for active."""
    answers: list[str] = []

    def answered() -> str:
        asked = made.get("alertmanager", "/api/v2/alerts", filter=f'alertname="{NAME}"')
        answers.append(asked)
        return asked

    wait_until(answered, SECONDS, "Alertmanager answers")
    return list(json.loads(answers[-1]))


def failed_at_nodes(made: Stack) -> float:
    """Failed payments as the nodes' own pages have them."""
    urls = re.findall(r"http://\S+/metrics", (made.data / "logs" / "network.log").read_text())
    pages = [urllib.request.urlopen(url, timeout=10).read().decode() for url in urls]
    pattern = r'^zerostate_economic_payments_total\{[^}]*status="failed"[^}]*\} (\S+)'
    return sum(float(n) for page in pages for n in re.findall(pattern, page, re.MULTILINE))


def viewers() -> dict[str, str]:
    """Where Jaeger's program is; the end of the run tells where there is none."""
    if why := jaeger.missing():
        report.add(report.NO_JAEGER, why)
        return {}
    return {"STACK_JAEGER_PROGRAM": jaeger.program()}


def is_followed(made: Stack) -> bool:
    """Whether Jaeger has a failed payment as one trace, from the order to the node."""
    answer = made.get(
        "jaeger",
        "/api/traces",
        service="zerostate-monitoring",
        operation="payment.send",
        tags='{"error":"true"}',
        limit="100",
    )
    found = jaeger.traces(json.loads(answer)) if answer else []
    return any(trace.names >= WHOLE for trace in found)


def rounds(made: Stack) -> list[jaeger.Trace]:
    """What Jaeger has of the executor's rounds."""
    about = {"service": "zerostate-monitoring", "operation": "run/example.make_round"}
    answer = made.get("jaeger", "/api/traces", **about, limit="100")
    return jaeger.traces(json.loads(answer)) if answer else []


def is_rounded(made: Stack) -> bool:
    """Whether Jaeger has all that a round is made of, from beat's tick, with its attributes."""
    return any(
        {s.name: own(s.tags) for s in trace.spans if s.name in ROUND} == ROUND
        and trace.way(trace.one("payment.settle"))[1:]
        == ["payment.channel.settle", "run/example.make_round", "apply_async/example.make_round"]
        for trace in rounds(made)
    )


def is_linked(made: Stack) -> bool:
    """Whether an exemplar that Prometheus has scraped names a trace that Jaeger has."""
    answer = made.get(
        "prometheus",
        "/api/v1/query_exemplars",
        query="zerostate_http_request_duration_seconds_bucket",
        start=str(time.time() - 600),
        end=str(time.time()),
    )
    found = json.loads(answer)["data"] if answer else []
    ids = {one["labels"]["trace_id"] for series in found for one in series["exemplars"]}
    return any(made.get("jaeger", f"/api/traces/{number}") for number in ids)


def kill(made: Stack, name: str) -> int:
    """Kill one server as the kernel does that has no memory left; its process id."""
    pid = made.pid(name)
    os.kill(pid, signal.SIGKILL)
    return pid


def test_stack__a_fault_walks_through(place):
    """Node, Prometheus, rule, Alertmanager, webhook, admin; and back, although two are killed."""
    with stack(place, **FAST, **(seen := viewers())) as made:
        admin = Admin(made)
        wait_until(lambda: ask(made, f"sum({PAYMENTS})"), SECONDS, "payments are in Prometheus")
        assert admin.states() == []
        before, scraped = failed_at_nodes(made), ask(made, f"sum({FAILED})")

        assert made.network("break", "payments").returncode == 0
        wait_until(lambda: failed_at_nodes(made) > before + 5, SECONDS, "payments fail at nodes")
        wait_until(lambda: ask(made, f"sum({FAILED})") > scraped + 5, SECONDS, "it is scraped")
        wait_until(lambda: rule_state(made) in {"pending", "firing"}, SECONDS, "the rule sees it")
        killed = {name: kill(made, name) for name in ("prometheus", "worker")}
        for name, pid in killed.items():
            wait_until(lambda: made.pid(name) != pid, SECONDS, f"{name} is started again")  # noqa: B023
        wait_until(lambda: rule_state(made) == "firing", SECONDS, "the rule fires")
        wait_until(lambda: active(made), SECONDS, "Alertmanager has it")
        wait_until(lambda: "firing" in admin.states(), SECONDS, "the app has it")
        if seen:
            wait_until(lambda: is_followed(made), SECONDS, "a failed payment is one trace")
            wait_until(lambda: is_linked(made), SECONDS, "an exemplar leads to a trace")
            wait_until(lambda: is_rounded(made), SECONDS, "a round has every layer's spans")

        assert made.network("mend", "payments").returncode == 0
        wait_until(lambda: rule_state(made) == "inactive", SECONDS, "the rule is quiet")
        wait_until(lambda: set(admin.states()) == {"resolved"}, SECONDS, "the app knows the end")
        assert active(made) == []
        assert re.search(r"firing.*resolved", admin.newest(), re.IGNORECASE)
        # A single answer may be late on a busy machine, or a single scrape.
        wait_until(lambda: series(made) > 1000, SECONDS, "the page is in Prometheus")
        told = 'zerostate_monitoring_alertmanager_messages_total{status="200"}'
        page = partial(made.get, "web", "/metrics", "metrics-token")
        wait_until(lambda: told in page(), SECONDS, "the page counts what it was told")


def listening(pids: set[int]) -> dict[str, str]:
    """Sockets of these processes that wait for others: address in hexadecimals to protocol."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                inodes.add(str(link.readlink()))
            except OSError:
                continue
    found = {}
    for protocol, state in WAITING.items():
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == state and f"socket:[{fields[9]}]" in inodes:
                found[fields[1]] = protocol
    return found


def test_stack__loopback_alone_nothing_left_and_goes_on(place):
    """It listens to this machine alone; ``kill -9`` leaves nothing; the next has its data."""
    with stack(place, **FAST, **viewers()) as made:
        wait_until(lambda: ask(made, "sum(zerostate_node_up)") == 4, SECONDS, "nodes are scraped")
        found = listening(set(made.processes()))
        # Web, PostgreSQL, Valkey, Prometheus, Alertmanager, four nodes.
        assert len(found) >= 9, found
        loopback = {"0100007F", "00000000000000000000000001000000"}
        assert {address.partition(":")[0] for address in found} <= loopback, found
        refused = Stack(place)
        assert refused.process.wait(60) == 2
        assert "already" in refused.text
        seen = time.time()
        made.process.kill()
        wait_until(lambda: not made.left(), 30, "nothing is left")
        ports = json.loads((place / "ports.json").read_text())
    chosen = {f"STACK_{n.upper()}_PORT": str(ports[n]) for n in ("prometheus", "alertmanager")}
    with stack(place, **FAST, **chosen) as again:
        Admin(again)
        before = f"count(count_over_time(zerostate_node_up[1h] @ {seen:.3f}))"
        wait_until(lambda: ask(again, before) == 4, SECONDS, "what was scraped before is there")
        kept = {name: ports[name] for name in ("postgresql", "valkey")}
        assert kept.items() <= json.loads((place / "ports.json").read_text()).items()
        again.process.terminate()
        assert again.process.wait(60) == 0
        assert again.left() == []
