"""The probes over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import override_settings
from django.urls import include, path

from tests.health.checks import PATIENCE, Gate, made
from zerostate_monitoring.health import (
    CheckRegistry,
    answering,
    degraded,
    drain,
    healthy,
    hold,
    release,
    undrain,
    unhealthy,
)
from zerostate_monitoring.health.running import Runner
from zerostate_monitoring.urls import probes

TOKEN = {"HTTP_AUTHORIZATION": "Bearer t0ken"}
urlpatterns = [path("deep/", include("zerostate_monitoring.urls")), path("", include(probes))]


@pytest.fixture
def registry(monkeypatch, settings):
    """Checks of the test's own, which are waited for; no database is there to be asked."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = "t0ken"
    own, asking = CheckRegistry(), Runner()
    monkeypatch.setattr(answering, "CHECKS", own)
    monkeypatch.setattr(answering, "runner", lambda: asking)
    monkeypatch.setattr(Runner.ask, "__defaults__", (PATIENCE,))
    monkeypatch.setattr(answering.detail, "__defaults__", (PATIENCE,))
    monkeypatch.setattr(answering.examined, "__defaults__", (PATIENCE,))
    return own


def add(registry, name, ask):
    registry.add(made(name, ask))


def test_live__asks_nobody(client, registry, settings):
    """No database (pytest-django refuses one here), no session, no check; even while it drains."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["away"]
    gate = Gate()
    add(registry, "away", gate)
    drain()
    try:
        for address in ("/health/live", "/healthz", "/livez"):
            answer = client.get(address, headers={"cookie": "sessionid=x"})
            assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
            assert answer.json()["components"] == {}
    finally:
        undrain()
    assert gate.asked == 0


def test_startup__until_the_start_is_finished(client, registry):
    """503 with the reason; then 200, also while it drains."""
    hold("warming")
    try:
        answer = client.get("/health/startup")
        assert answer.status_code == 503
        assert answer.json()["components"]["process"]["message"] == "starting: warming"
        assert client.get("/health/ready").status_code == 503
    finally:
        release("warming")
    drain()
    try:
        assert client.get("/health/startup").status_code == 200
    finally:
        undrain()


def test_ready__by_default_hangs_on_the_process_alone(client, registry):
    """Whatever is away is not asked."""
    gate = Gate(unhealthy("away"))
    add(registry, "database", gate)
    for address in ("/health/ready", "/readyz"):
        answer = client.get(address)
        assert (answer.status_code, list(answer.json()["components"])) == (200, ["process"])
    assert gate.asked == 0


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        (healthy("fine"), 200, "healthy"),
        (degraded("slow"), 200, "degraded"),
        (unhealthy("secret.internal:5432 is away"), 503, "unhealthy"),
    ],
)
def test_ready__with_a_critical_component(client, registry, settings, outcome, code, status):
    """Its status decides; what the matter is is not told to everybody."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["shop", "shop"]
    add(registry, "shop", lambda: outcome)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (code, status)
    told = answer.json()["components"]["shop"]
    assert told["critical"] is True
    assert (told["message"], told["metadata"]) == ("", {})
    assert b"secret" not in answer.content


def test_ready__a_critical_name_without_a_check_is_not_known_to_work(client, registry, settings):
    """A name that is misspelt takes the site out of service, as a missing component does."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["databse"]
    assert client.get("/health/ready").status_code == 503
    message = client.get("/health", **TOKEN).json()["components"]["databse"]["message"]
    assert "no check is called so" in message


def test_ready__while_it_drains_and_back(client, registry):
    """503 with the reason, then 200 again."""
    drain()
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["components"]["process"]["message"].startswith("draining")
    finally:
        undrain()
    assert client.get("/readyz").status_code == 200


def test_ready__by_the_drain_file(client, registry, settings, tmp_path):
    """A file that a preStop hook makes; its removal puts the site back."""
    file = tmp_path / "drain"
    settings.ZEROSTATE_MONITORING_HEALTH_DRAIN_FILE = str(file)
    assert client.get("/readyz").status_code == 200
    file.touch()
    assert client.get("/readyz").status_code == 503
    file.unlink()
    assert client.get("/readyz").status_code == 200


def test_health__tells_all_to_the_token(client, registry):
    """Each component with every key of the issue's shape; the whole is degraded, and 200."""
    add(registry, "shop", lambda: degraded("slow", waiting=7))
    answer = client.get("/health", **TOKEN)
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "degraded")
    assert set(body) == {"status", "timestamp", "components"}
    shop = body["components"]["shop"]
    assert set(shop) == {*("status", "critical", "message", "timestamp", "duration_ms", "metadata")}
    assert (shop["message"], shop["metadata"]) == ("slow", {"waiting": 7})
    for text in (body["timestamp"], shop["timestamp"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
        assert abs((datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds()) < 600


def test_health__milliseconds_are_milliseconds():
    """Two seconds and a half are 2500 of them."""
    asked = made("a", healthy)
    (found,) = Runner().ask([asked], PATIENCE)
    shown = answering.as_json(found.__class__("a", found.outcome, 1.5, 2.5))
    assert (shown["duration_ms"], shown["timestamp"]) == (2500.0, "1970-01-01T00:00:01.500Z")


def test_health__is_503_where_the_verdict_is(client, registry, settings):
    """As ready; the body says why."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["shop"]
    add(registry, "shop", lambda: unhealthy("away"))
    answer = client.get("/health", **TOKEN)
    assert (answer.status_code, answer.json()["components"]["shop"]["message"]) == (503, "away")


@pytest.mark.parametrize("headers", [{}, {"HTTP_AUTHORIZATION": "Bearer wrong"}])
def test_health__tells_strangers_nothing(client, registry, headers):
    """Without the token, or with a wrong one: 401, and no check is begun."""
    gate = Gate()
    add(registry, "shop", gate)
    answer = client.get("/health", **headers)
    assert answer.status_code == 401
    assert b"shop" not in answer.content
    assert gate.asked == 0


@pytest.mark.parametrize("address", ["/health", "/health/live", "/health/ready", "/healthz"])
def test_probes__take_no_post_and_are_not_cached(client, registry, address):
    """A probe changes nothing and is asked anew each time."""
    assert client.post(address, **TOKEN).status_code == 405
    answer = client.get(address, **TOKEN)
    assert "no-store" in answer["Cache-Control"]
    assert client.head(address, **TOKEN).content == b""


@override_settings(ROOT_URLCONF="tests.health.test_answering")
def test_probes__can_stand_at_the_root_and_under_a_prefix(client, registry):
    """A project that includes the app deep down has the probes at its root as well."""
    for address in ("/deep/health/live", "/health/live", "/readyz", "/deep/healthz"):
        assert client.get(address).status_code == 200


def test_probes__that_are_not_passed_write_no_line_each(client, registry, caplog):
    """Django's own line for each 503 would be one per second and process while it drains."""
    drain()
    try:
        assert client.get("/readyz").status_code == 503
    finally:
        undrain()
    assert [record.name for record in caplog.records if record.name == "django.request"] == []


def test_health__hanging_checks_are_not_waited_for(client, registry, monkeypatch, settings):
    """With everything hanging there is an answer, which says of each that it has not come."""
    monkeypatch.setattr(answering.detail, "__defaults__", (0.0,))
    gates = [Gate() for _ in range(5)]
    try:
        for number, gate in enumerate(gates):
            add(registry, f"c{number}", gate)
        settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["c0"]
        answer = client.get("/health", **TOKEN)
        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        found = answer.json()["components"]
        assert {found[f"c{n}"]["message"] for n in range(5)} == {"has not answered yet"}
    finally:
        for gate in gates:
            gate.open.set()
