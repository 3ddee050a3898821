"""What django_prometheus.urls answer with."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django_prometheus import exports

from zerostate_monitoring.exposition.substitute import answer_with, process_page

SCRIPT = """
import sys, django
django.setup()
print("zerostate_monitoring.views" in sys.modules, "zerostate_monitoring.api.door" in sys.modules)
"""


def greeting(request):
    """A view to answer with."""
    return HttpResponse(f"{request.path} was asked for")


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """django-prometheus as it was before the test."""
    monkeypatch.setattr(exports, "ExportToDjangoView", exports.ExportToDjangoView)


def test_answer_with__is_what_django_prometheus_serves():
    """The named view answers; django-prometheus's own stays what it was."""
    answer_with(f"{__name__}.greeting")
    answer = exports.ExportToDjangoView(RequestFactory().get("/prometheus/metrics"))
    assert answer.content == b"/prometheus/metrics was asked for"
    assert b"python_info" in process_page(RequestFactory().get("/")).content


def test_set_up__loads_no_page():
    """A worker or a command, which answers nobody, has neither views nor the API in memory."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split() == ["False", "False"]
