"""Lines of real processes on both ways to Loki; Loki itself is a stand-in.

No program of Loki or Alloy is to be had where these tests run: ``tests/loki`` has what takes the
lines by Loki's push API and by OTLP, holds them to the limits of the stack's file, and answers
the dashboards' LogQL; and what does with lines as the stack's file for Alloy says.
"""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request

import pytest

from tests.loki.server import Loki
from tests.promql import report
from tests.real.lines_site import SECONDS, lines_site
from tests.real.panel_questions import log_questions
from tests.real.test_logs import Browser
from tests.servers import wait_until

pytestmark = pytest.mark.real

STREAM = {"service", "level", "environment"}
LEVELS = {"debug", "info", "warning", "error", "critical", "unknown"}
WAYS = ("pushed", "exported")
BEGAN = time.time()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Web and worker; somebody has logged in."""
    report.add("Logs", "no Loki and no Alloy was run: the stand-ins of tests/loki were")
    with lines_site(tmp_path_factory.mktemp("lines")) as made:
        browser = Browser(made.web.port)
        login = {"username": "root", "password": "pw-of-root", "next": "/admin/"}
        browser.post("/admin/login/?next=/admin/", login)
        yield made, browser


def found(server: Loki, query: str):
    """Labels and text of each line of this test's time."""
    return server.found(query, BEGAN, time.time() + 60)


def status(port: int, path: str, **headers: str) -> int:
    """What a request is answered with."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture(scope="module")
def asked(running):
    """A request that had a task run, by its id; another had one run on the economy."""
    _, browser = running
    changelist = "/admin/zerostate_monitoring/collector/"
    for name, ident in (("economic", "another-1"), ("p2p", "from-outside-1")):
        listed = browser.get(f"{changelist}?q={name}")
        row = re.findall(r'name="_selected_action" value="(\w+)"', listed)[0]
        chosen = {"action": "run_now", "_selected_action": row}
        browser.post(changelist, chosen, **{"X-Request-ID": ident})
    return "from-outside-1"


@pytest.mark.parametrize("way", WAYS)
def test_request__is_found_by_its_id_and_by_its_trace(running, asked, way):
    """The lines of web and of the worker's task, and no other's."""
    made, _ = running
    server = getattr(made, way)
    by_id = f'{{service=~".+"}} | request_id="{asked}"'

    def services(query: str):
        return {labels["service"] for labels, _ in found(server, query)}

    wait_until(lambda: services(by_id) == {"web", "worker"}, SECONDS, f"both are there\n{way}")
    # The browser follows a redirection: the id is that of two requests, the task's trace of one.
    lines = found(server, by_id)
    [trace] = {labels["trace_id"] for labels, _ in lines if labels["service"] == "worker"}
    assert re.fullmatch("[0-9a-f]{32}", trace)
    by_trace = f'{{service=~".+"}} | trace_id="{trace}"'
    wait_until(lambda: services(by_trace) == {"web", "worker"}, SECONDS, "by the trace, too")
    wait_until(lambda: trace in {span.trace for span in made.traces.spans}, SECONDS, "it is one")
    assert {labels["request_id"] for labels, _ in found(server, by_trace)} == {asked}
    assert found(server, '{service=~".+"} | request_id="another"') == []


@pytest.mark.parametrize("way", WAYS)
def test_streams__are_of_few_labels_however_many_requests(running, asked, way):
    """Ids are structured metadata: a hundred requests make no stream."""
    made, _ = running
    server = getattr(made, way)
    for number in range(100):
        status(made.web.port, "/nowhere", **{"X-Request-ID": f"{way}-{number}"})

    def last_has_come():
        # Of one event a second's first hundred lines are written: it may be one too many.
        status(made.web.port, "/nowhere", **{"X-Request-ID": f"{way}-last"})
        return found(server, f'{{service="web"}} | request_id="{way}-last"')

    wait_until(last_has_come, SECONDS, "the last has come")

    more = {"service_name"} if way == "exported" else set()
    streams = server.keeping.streams()
    assert all(stream.keys() <= STREAM | more for stream in streams)
    assert len(streams) <= 2 * len(LEVELS)
    assert {stream["level"] for stream in streams} <= LEVELS
    assert {stream["service"] for stream in streams} == {"web", "worker"}
    assert set(server.refused) <= {"away"}


@pytest.mark.parametrize("way", WAYS)
def test_panels__find_lines_of_real_processes(running, asked, way):
    """Each query of each dashboard; over OTLP a line is its event, so words in it are fewer."""
    made, _ = running
    server = getattr(made, way)
    # The platform has no tables here: the example's view answers 503, which is an error.
    assert status(made.web.port, "/api/agents") == 503

    def empty():
        # Two minutes ahead: a line of this moment is within what is asked.
        for question in log_questions(time.time() + 120):
            if not server.ask(question.path, **question.parameters)["result"]:
                yield question.key, question.parameters["query"]

    def is_done():
        return all(way == "exported" and "|~" in query for _, query in empty())

    wait_until(is_done, SECONDS, f"all have data, {way}")
    assert len(list(log_questions(0))) == 10


@pytest.mark.parametrize("way", WAYS)
def test_lines__are_as_many_as_were_counted(running, asked, way):
    """What alert rules read of a logger's errors is what was shipped of it."""
    made, _ = running
    server = getattr(made, way)
    # Of an error there is one line, the request's own.
    logger = "django_structlog.middlewares.request"
    query = f'{{service="web", level="error"}} | logger="{logger}"'
    status(made.web.port, "/api/agents")

    def counted():
        return made.web.page().get("zerostate_log_events_total", logger=logger, level="error")

    wait_until(lambda: counted() == len(found(server, query)) > 0, SECONDS, "both are as many")


def test_lines__that_cannot_be_exported_are_counted(running, asked):
    """Lines that Loki does not take are written, counted, and told of without being exported."""
    made, _ = running

    def lost():
        page = made.web.page()
        return sum(
            number
            for (_, labels), number in page.of("zerostate_log_events_dropped_total")
            if ("reason", "export") in labels
        )

    # What others have written is exported before: it does not share a batch with what is not.
    status(made.web.port, "/nowhere", **{"X-Request-ID": "before-it"})
    earlier = '{service="web"} | request_id="before-it"'
    wait_until(lambda: found(made.exported, earlier), SECONDS, "all is exported")
    before = lost()
    made.exported.turned_away = b"while-away"
    status(made.web.port, "/nowhere", **{"X-Request-ID": "while-away"})
    wait_until(lambda: lost() > before, SECONDS, "it is counted")
    wait_until(lambda: "lines_not_exported" in made.web.process.output, SECONDS, "it is told")

    def goes_on():
        status(made.web.port, "/nowhere", **{"X-Request-ID": "back-again"})
        return found(made.exported, '{service="web"} | request_id="back-again"')

    wait_until(goes_on, SECONDS, "it goes on")
    away = '{service="web"} | request_id="while-away"'
    wait_until(lambda: found(made.pushed, away), SECONDS, "it is in the other way's store")
    assert found(made.exported, away) == []
    assert found(made.exported, '{service="web"} |= `lines_not_exported`') == []
