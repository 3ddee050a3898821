"""The admin of a large installation, asked page by page. Needs Django to be set up."""

from __future__ import annotations

import statistics
import time
from typing import Final

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from benchmarks.admin_rows import fill
from benchmarks.network_series import Network
from benchmarks.promql import recorder, slots_of
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import Alert
from zerostate_monitoring.storage.parts import named

COLUMNS: Final = 270
"""An hour, and what a rate at its beginning looks back to."""
ROUNDS: Final = 15


class Watched(Network):
    """A network whose nodes also say what the overview shows."""

    def series(self) -> list[Labels]:
        """All label sets; those of the overview last."""
        return [*super().series(), *self._shown()]

    def _shown(self) -> list[Labels]:
        nodes = [f"node-{place:04d}" for place in range(100)]
        names = ("zerostate_p2p_peers_connected", "zerostate_economic_payments_total")
        found = [
            named(name, [("node", node), ("status", status)])
            for name in names
            for node in nodes
            for status in ("success", "failed")
        ]
        found += [named("zerostate_guilds", [("node", one), ("state", "active")]) for one in nodes]
        ended = ("completed", "failed", "submitted")
        found += [named("zerostate_tasks_total", [("status", status)]) for status in ended]
        found += [named("zerostate_disputes", [("status", one)]) for one in ("open", "closed")]
        return [*found, named("zerostate_economic_total_value_locked", [])]


class Asked:
    """A superuser before the admin."""

    def __init__(self) -> None:
        every = apps.get_app_config("zerostate_monitoring").get_models()
        self._models = [model for model in every if admin.site.is_registered(model)]
        self._client = Client()

    def prepare(self, size: int, live: int, past: int) -> None:
        """``size`` series of an hour, ``live`` alerts, ``past`` rows of what grows with time."""
        call_command("migrate", verbosity=0)
        self._client.force_login(User.objects.create_superuser("bench"))
        network = Watched(size)
        record, samples = recorder(network), network.samples(COLUMNS)
        for slot, row in zip(slots_of(COLUMNS), samples, strict=True):
            record(slot, row)
        fill(live, past)
        connection.cursor().execute("ANALYZE")

    def session(self) -> str:
        """The superuser's, for a browser."""
        return str(self._client.cookies["sessionid"].value)

    def times(self) -> dict[str, dict[str, float]]:
        """Milliseconds of each list, the first answer apart; and of its process's work alone."""
        return {name: self._timed(page) for name, page in self._lists().items()}

    def queries(self) -> dict[str, int]:
        """How many each page takes, once it was asked before."""
        found = {}
        for name, page in {**self._lists(), **self._rows()}.items():
            self._client.get(page)
            with CaptureQueriesContext(connection) as captured:
                self._client.get(page)
            found[name] = len(captured)
        return found

    def _lists(self) -> dict[str, str]:
        names = [str(model._meta.model_name) for model in self._models]
        found = {name: address(f"{name}_changelist") for name in names}
        found["alert all"] = f"{found['alert']}?show=all"
        found["alert grouped"] = address("alert_grouped")
        found["delivery"] = address("delivery")
        found["calendar"] = address("calendar")
        found["about"] = f"{address('about')}?label=node&value=node-0001"
        return found

    def _rows(self) -> dict[str, str]:
        found = {}
        for model in self._models:
            name, row = model._meta.model_name, model._default_manager.order_by("-pk").first()
            try:
                found[f"one {name}"] = address(f"{name}_change", row.pk) if row else ""
            except NoReverseMatch:
                continue
        firing = Alert.objects.filter(state="firing").order_by("pk").first()
        found["one alert"] = address("alert_change", firing.pk) if firing else ""
        return {name: page for name, page in found.items() if page}

    def _timed(self, page: str) -> dict[str, float]:
        seconds, worked = [], []
        for _ in range(ROUNDS + 1):
            began, work = time.perf_counter(), time.process_time()
            answer = self._client.get(page)
            seconds.append(time.perf_counter() - began)
            worked.append(time.process_time() - work)
            if answer.status_code != 200:
                raise RuntimeError(f"{page}: {answer.status_code}")
        return {
            "first_ms": seconds[0] * 1000,
            "ms": statistics.median(seconds[1:]) * 1000,
            "processor_ms": statistics.median(worked[1:]) * 1000,
        }


def address(page: str, *args: object) -> str:
    """Where a page of the admin is."""
    return reverse(f"admin:zerostate_monitoring_{page}", args=args)
