"""Addresses of the site whose health is tested: the app's, and views that take their time."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from zerostate_monitoring.health import process

SECONDS = 60
DIRECTORY = Path(os.environ["TEST_DIRECTORY"])


def until_file(request: HttpRequest, name: str) -> HttpResponse:
    """Say that it has begun, and end when a file is there."""
    (DIRECTORY / f"{name}.begun").touch()
    deadline = time.monotonic() + SECONDS
    while not (DIRECTORY / name).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return HttpResponse("done" if (DIRECTORY / name).exists() else "too late")


def until_leaving(request: HttpRequest) -> HttpResponse:
    """End when this process knows that it leaves, and say by what it knows."""
    (DIRECTORY / "leaving.begun").touch()
    deadline = time.monotonic() + SECONDS
    while not (reason := process.leaving()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return HttpResponse(reason or "nobody said so")


urlpatterns = [
    path("until/<str:name>", until_file),
    path("leaving", until_leaving),
    path("", include("zerostate_monitoring.urls")),
]
