"""Lines of real processes: one request through web and worker, and levels that all follow."""

from __future__ import annotations

import json
import re
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

import pytest

from tests.real.site import site
from tests.servers import store_server, wait_until
from tests.settings import MIDDLEWARE
from zerostate_monitoring.logs import logging_settings

pytestmark = pytest.mark.real

NAME = "zerostate_monitoring.collectors.runner"
SECONDS = 60
SETTINGS: dict[str, Any] = {
    "LOGGING": logging_settings("json", service="site"),
    "MIDDLEWARE": [
        "zerostate_monitoring.instrumentation.request_lines.RequestLinesMiddleware",
        *MIDDLEWARE,
    ],
    "ZEROSTATE_MONITORING_PUBLISH_INTERVAL_SECONDS": 1,
    "CSRF_TRUSTED_ORIGINS": ["http://127.0.0.1"],
}
USER = (
    "import django; django.setup(); from django.contrib.auth.models import User;"
    "User.objects.create_superuser('root', '', 'pw-of-root')"
)


class Browser:
    """Somebody in the admin, over HTTP."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        handler = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(handler)

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=SECONDS) as answer:
            text: bytes = answer.read()
            return text.decode()

    def post(self, path: str, data: dict[str, str], **headers: str) -> str:
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.get(path))
        assert found is not None
        body = urllib.parse.urlencode({**data, "csrfmiddlewaretoken": found[1]}).encode()
        request = urllib.request.Request(self.base + path, body, headers)
        with self.opener.open(request, timeout=SECONDS) as answer:
            text: bytes = answer.read()
            return text.decode()


def lines(process) -> list[dict[str, Any]]:
    """What it has written, of those lines that are JSON and have ended."""
    found = re.findall(r"^\{.*\n", process.log.read_text(errors="replace"), re.MULTILINE)
    return [json.loads(line) for line in found]


def said(process, event, **keys):
    """Lines of this event with these keys."""
    wanted = {"event": event, **keys}
    return [line for line in lines(process) if wanted.items() <= line.items()]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Web, and a worker with two processes; their lines are JSON."""
    with (
        store_server() as store,
        site(tmp_path_factory.mktemp("logs"), store, settings=SETTINGS) as made,
    ):
        made.run([sys.executable, "-c", USER])
        web, worker = made.web(), made.worker()
        wait_until(lambda: _ready(worker), SECONDS, "ready")
        browser = Browser(web.port)
        login = {"username": "root", "password": "pw-of-root", "next": "/admin/"}
        browser.post("/admin/login/?next=/admin/", login)
        yield made, web.process, worker, browser


def _ready(worker):
    return [line for line in lines(worker) if str(line["event"]).endswith(" ready.")]


def test_request__and_its_task_have_one_id(running):
    """The id that a client sent stands in the lines of web and of the worker's process."""
    _, web, worker, browser = running
    listed = browser.get("/admin/zerostate_monitoring/collector/?q=monitoring")
    row = re.findall(r'name="_selected_action" value="(\w+)"', listed)[0]
    browser.post(
        "/admin/zerostate_monitoring/collector/",
        {"action": "run_now", "_selected_action": row},
        **{"X-Request-ID": "from-outside-1", "X-Correlation-ID": "evil\tid"},
    )

    def ran():
        return said(worker, "collection_finished", request_id="from-outside-1")

    wait_until(ran, SECONDS, "the task has run")
    [line] = ran()
    [asked] = said(web, "request_finished", request_id="from-outside-1", method="POST")
    assert asked["user_id"] == line["user_id"] == "1"
    assert asked["correlation_id"] == line["correlation_id"] == "from-outside-1"
    assert (line["task"], len(line["task_id"])) == ("zerostate_monitoring.collect", 36)
    assert said(web, "login_succeeded", logger="zerostate.security")


def test_level__is_followed_by_all_processes_and_ended(running):
    """Web, the worker's main process and both of its pool; then what stood before is back."""
    _, web, worker, browser = running
    add = "/admin/zerostate_monitoring/loglevel/add/"
    browser.post(add, {"logger": NAME, "level": "DEBUG", "lasts": "15m", "comment": "why"})

    wait_until(lambda: said(web, "log_level_set", of=NAME), SECONDS, "web follows")
    wait_until(lambda: len(said(worker, "log_level_set", of=NAME)) >= 3, SECONDS, "all follow")
    listed = "/admin/zerostate_monitoring/loglevel/"
    browser.post(listed, {"action": "end_now", "_selected_action": "1"})
    wait_until(lambda: said(web, "log_level_reverted", of=NAME), SECONDS, "web goes back")
    wait_until(
        lambda: len(said(worker, "log_level_reverted", of=NAME)) >= 3, SECONDS, "all go back"
    )


def test_lines__are_counted_on_the_page(running):
    """By logger and level, of web and worker together."""
    _, web, _, browser = running
    told = re.compile(r'zerostate_log_events_total\{[^}]*"(celery[^"]*|zerostate\.security)"')

    def counted():
        return told.findall(browser.get("/metrics"))

    wait_until(lambda: len(set(counted())) >= 2, SECONDS, f"both count\n{web.tail}")
