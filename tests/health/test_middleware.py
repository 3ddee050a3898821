"""Probes are answered before everything else of the project."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.test import AsyncClient, override_settings

from zerostate_monitoring.health import answering

PROBE = "zerostate_monitoring.health.middleware.ProbeMiddleware"


class Refusing:
    """A middleware of a project that asks something which is away."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        raise AssertionError(f"{request.path} came here")


REFUSING = [PROBE, "tests.health.test_middleware.Refusing"]


@pytest.mark.parametrize(
    "address", ["/health/live", "/healthz", "/livez", "/health/ready", "/readyz", "/health/startup"]
)
def test_probes__are_answered_first(client, settings, address):
    """Neither what stands behind it, nor hosts that are allowed, nor https matter."""
    settings.MIDDLEWARE = REFUSING
    settings.ALLOWED_HOSTS = ["ops.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(address, headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.parametrize("address", ["/health", "/metrics", "/nowhere/live", "/nowhere"])
def test_others__go_their_way(client, settings, address):
    """The detail, all pages of the project, and addresses that are not there."""
    settings.MIDDLEWARE = REFUSING
    with pytest.raises(AssertionError, match="came here"):
        client.get(address)


def test_probes__over_asgi():
    """The same where the project is asynchronous."""
    with override_settings(MIDDLEWARE=[PROBE]):
        for address in ("/health/live", "/health/ready", "/health/startup"):
            assert asyncio.run(ask(address)).json()["status"] == "healthy"
        assert asyncio.run(ask("/nowhere/live")).status_code == 404


def test_ready__does_not_hold_up_the_loop(monkeypatch):
    """It may wait for checks: another thread does that; what waits for nothing stays."""
    threads = {}

    def seen(names):
        threads["ready"] = threading.get_ident()
        return []

    monkeypatch.setattr(answering, "examined", seen)
    with override_settings(MIDDLEWARE=[PROBE]):
        asyncio.run(ask("/health/ready"))
    assert threads["ready"] != threading.get_ident()


async def ask(address):
    return await AsyncClient().get(address)
