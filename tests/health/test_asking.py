"""Who may see the detail: a session stands in the database, which may hang."""

from __future__ import annotations

import json
import threading

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from tests.health.checks import PATIENCE, in_child, made
from zerostate_monitoring.api.errors import ApiError
from zerostate_monitoring.health import CheckRegistry, answering, asking, healthy

ADDRESS = "/health"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    monkeypatch.setattr(asking, "BUDGET_SECONDS", PATIENCE)
    monkeypatch.setattr(asking, "KEEP_SECONDS", PATIENCE)
    monkeypatch.setattr(asking, "_askings", {})
    monkeypatch.setattr(answering, "CHECKS", CheckRegistry())


def by_session(key="x"):
    return RequestFactory().get(ADDRESS, headers={"cookie": f"sessionid={key}"})


def told(seconds):
    return HttpResponse(str(seconds))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_staff", "code"), [(True, 200), (False, 403)])
def test_session__of_staff_alone(client, is_staff, code):
    """A member of staff sees everything, another user is refused."""
    user = User.objects.create_user("ann", password="x", is_staff=is_staff)
    client.force_login(user)
    answer = client.get(ADDRESS)
    assert answer.status_code == code
    assert ("components" in answer.json()) is is_staff


def test_token__needs_no_thread(monkeypatch):
    """Who sends a token is answered here, whatever the database does."""

    def refuse(self):
        raise AssertionError("no thread is wanted")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    request = RequestFactory().get(
        ADDRESS, headers={"authorization": "Bearer t", "cookie": "sessionid=x"}
    )
    assert asking.patiently(request, lambda: None, told).status_code == 200
    stranger = RequestFactory().get(ADDRESS)
    assert asking.patiently(stranger, lambda: None, told).status_code == 200


def test_session__beside_another_scheme(monkeypatch):
    """A proxy's Basic says nothing here: the session is asked for, and may not hang the answer."""
    monkeypatch.setattr(asking, "_places", threading.BoundedSemaphore(1))
    asking._places.acquire()
    headers = {"authorization": "Basic dTpw", "cookie": "sessionid=x"}
    request = RequestFactory().get(ADDRESS, headers=headers)
    assert asking.patiently(request, lambda: None, told).status_code == 503


@pytest.fixture
def hanging(monkeypatch):
    """A database that hangs until it is let go; how often it was asked."""
    monkeypatch.setattr(asking, "BUDGET_SECONDS", 0.0)
    opened, begun = threading.Event(), []

    def hang():
        begun.append(1)
        assert opened.wait(PATIENCE)

    def go():
        opened.set()
        for thread in threading.enumerate():
            if thread.name == "zerostate-health-caller":
                thread.join(PATIENCE)
        monkeypatch.setattr(asking, "BUDGET_SECONDS", PATIENCE)

    yield hang, begun, go
    go()


def test_session__a_database_that_hangs_is_not_waited_for(hanging, settings):
    """503 with what anybody may know, and what to do; four such threads at most."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["database"]
    hang, begun, go = hanging
    for number in range(10):
        answer = asking.patiently(by_session(str(number)), hang, told)
        assert answer.status_code == 503
        body = json.loads(answer.content)
        assert body["status"] == "unknown"
        assert "bearer token" in body["message"]
        assert body["components"].keys() == {"process", "database"}
        assert body["components"]["database"]["message"] == ""
    assert len(begun) <= 4
    go()
    assert asking.patiently(by_session(), lambda: None, told).status_code == 200


def test_session__an_answer_that_comes_late_serves_who_asks_again(hanging):
    """The same session costs one thread, however often it asks, and is known a moment later."""
    hang, begun, go = hanging
    codes = [asking.patiently(by_session(), hang, told).status_code for _ in range(5)]
    assert codes == [503] * 5
    go()
    assert asking.patiently(by_session(), hang, told).status_code == 200
    assert len(begun) == 1
    other = asking.patiently(by_session("y"), lambda: None, told)
    assert other.status_code == 200


def test_session__is_asked_for_again_after_a_while(monkeypatch):
    """Who was let in is not let in for ever; who was refused neither."""
    monkeypatch.setattr(asking, "KEEP_SECONDS", 0.0)

    def refuse():
        raise ApiError("forbidden", "no")

    assert asking.patiently(by_session(), lambda: None, told).status_code == 200
    with pytest.raises(ApiError, match="no"):
        asking.patiently(by_session(), refuse, told)
    assert asking.patiently(by_session(), lambda: None, told).status_code == 200


def test_session__and_checks_share_one_time():
    """Checks run while the session is read; what is left of the time is theirs."""
    begun = threading.Event()

    def look():
        begun.set()
        return healthy()

    def let_in():
        assert begun.wait(PATIENCE)

    vars(answering)["CHECKS"].add(made("a", look))
    answer = asking.patiently(by_session(), let_in, told)
    assert 0 < float(answer.content) <= PATIENCE


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_session__a_thread_that_ends_without_a_word_lets_nobody_in():
    """What is no Exception leaves no problem behind; neither does a thread that a fork has lost."""

    def leave():
        raise KeyboardInterrupt

    assert asking.patiently(by_session(), leave, told).status_code == 503


def test_fork__forgets_who_was_asked_for(hanging):
    """The thread is the parent's: the child asks by itself, and has all its places."""
    hang, _, _ = hanging
    for number in range(4):
        asking.patiently(by_session(str(number)), hang, told)

    def ask():
        vars(asking)["BUDGET_SECONDS"] = PATIENCE
        return str(asking.patiently(by_session("0"), lambda: None, told).status_code)

    assert in_child(ask)() == "200"


def test_session__no_thread_can_be_had(monkeypatch):
    """The same answer, and the place is free again."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(asking._Asking, "start", refuse)
        for _ in range(10):
            assert asking.patiently(by_session(), lambda: None, told).status_code == 503
    assert asking.patiently(by_session(), lambda: None, told).status_code == 200


def test_session__a_database_that_refuses():
    """The same answer; nobody is let in by an error."""

    def refuse():
        raise OperationalError("no connection")

    assert asking.patiently(by_session(), refuse, told).status_code == 503


def test_session__other_refusals_are_the_callers():
    """What the API refuses it refuses here."""

    def refuse():
        raise ApiError("forbidden", "no")

    with pytest.raises(ApiError, match="no"):
        asking.patiently(by_session(), refuse, told)
