"""A querier over series in memory, and clients that may ask."""

from __future__ import annotations

import math

import pytest
from django.contrib.auth.models import User
from django.test import Client

from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.querying import engines

TOKEN = "s3cret"
NOW = 1_700_000_000
TIMES = [(NOW - 300 + 15 * step) * 1000 for step in range(21)]


def labelled(name, **labels):
    return tuple(sorted({"__name__": name, **labels}.items()))


SERIES = [
    (labelled("up", job="api", instance="a"), TIMES, [1.0] * 21),
    (labelled("up", job="api", instance="b"), TIMES, [0.0] * 21),
    (labelled("up", job="node", instance="c"), TIMES, [1.0] * 21),
    (labelled("tasks_total", status="failed"), TIMES, [float(step) for step in range(21)]),
    (labelled("tasks_total", status="ok"), TIMES, [10.0 * step for step in range(21)]),
    (labelled("strange", value="tiny"), TIMES, [1.5e-7] * 21),
    (labelled("strange", value="large"), TIMES, [1e21] * 21),
    (labelled("strange", value="nan"), TIMES, [math.nan] * 21),
    (labelled("strange", value="inf"), TIMES, [-math.inf] * 21),
    (labelled("old"), [(NOW - 86_400) * 1000], [1.0]),
]


class Storage:
    """What the app's engine reads.

    A test puts an error into ``failures``, and names into ``vanishes`` that are gone after the
    next selector.
    """

    def __init__(self):
        self.memory = MemoryStorage(SERIES)
        self.failures = []
        self.vanishes = []

    def select(self, matchers, start_ms, end_ms):
        if self.failures:
            raise self.failures[0]
        found = self.memory.select(matchers, start_ms, end_ms)
        if self.vanishes:
            left = [one for one in SERIES if dict(one[0])["__name__"] not in self.vanishes]
            self.memory = MemoryStorage(left)
        return found


@pytest.fixture
def history(monkeypatch):
    """The app's engine reads these series."""
    storage = Storage()
    monkeypatch.setattr(engines, "storage", lambda: storage)
    return storage


class Api:
    """Asks with the token, and takes the answer apart."""

    def __init__(self):
        self.client = Client(headers={"authorization": f"Bearer {TOKEN}"})

    def response(self, path, method="GET", **parameters):
        address = f"/monitoring/api/v1/{path}"
        named = {name.replace("match", "match[]"): value for name, value in parameters.items()}
        ask = self.client.get if method == "GET" else self.client.post
        return ask(address, named)

    def answer(self, path, status=200, **parameters):
        """The document of an answer with this status."""
        response = self.response(path, **parameters)
        assert response.status_code == status, response.content
        assert response["Content-Type"] == "application/json"
        document = response.json()
        assert document["status"] == ("success" if status == 200 else "error")
        return document

    def data(self, path, **parameters):
        """The data of a success that says nothing else."""
        document = self.answer(path, **parameters)
        assert set(document) == {"status", "data"}
        return document["data"]

    def refusal(self, path, status=400, **parameters):
        """Type and text of an error."""
        document = self.answer(path, status, **parameters)
        assert set(document) == {"status", "errorType", "error"}
        return document["errorType"], document["error"]


@pytest.fixture
def api(history, settings):
    """Who may ask."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    return Api()


@pytest.fixture
def staff(db):
    """A client with the session of a member of staff, who is held to CSRF."""
    user = User.objects.create_user("ops", password="x", is_staff=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client
