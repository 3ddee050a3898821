"""Levels in admin: set for a while, ended, and written down."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from zerostate_monitoring.logs.levels import read
from zerostate_monitoring.logs.security import LOGGER
from zerostate_monitoring.models import LogLevel
from zerostate_monitoring.storage.publishing import LEVELS_KEY, LEVELS_NOTE, LOGGERS_NOTE

pytestmark = pytest.mark.django_db

ADD = reverse("admin:zerostate_monitoring_loglevel_add")
LIST = reverse("admin:zerostate_monitoring_loglevel_changelist")
NAME = "tests.admin.a_logger"


@pytest.fixture(autouse=True)
def _logger():
    logging.getLogger(NAME)


def add(browser, **other):
    return browser.post(ADD, {"logger": NAME, "level": "DEBUG", "lasts": "1h", **other})


def announced(store):
    found = read(store.notes(LEVELS_NOTE)[LEVELS_KEY])
    return [(one.logger, one.level) for one in found]


def test_add__tells_all_processes_and_writes_it_down(browser, store, caplog):
    """With an end, an author, an entry in the admin's log, and an event of security."""
    with caplog.at_level(logging.INFO, LOGGER):
        assert add(browser, comment="why").status_code == 302
    row = LogLevel._default_manager.get()
    left = row.until - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert (row.author, row.comment) == ("root", "why")
    assert announced(store) == [(NAME, "DEBUG")]
    assert LogEntry.objects.get().object_repr == f"{NAME} DEBUG"
    [record] = [one for one in caplog.records if one.name == LOGGER]
    assert (record.msg, record.of, record.author) == ("log_level_changed", NAME, "root")


@pytest.mark.parametrize("name", ["tests.admin.a_loger", "x\ny", "", "a" * 201])
def test_add__refuses_a_logger_that_no_process_has(browser, store, name):
    """The answer says so, and which are near."""
    response = add(browser, logger=name)
    assert response.status_code == 200
    assert not LogLevel._default_manager.exists()
    if name.startswith("tests"):
        text = response.content.decode()
        assert "No process has a logger" in text
        assert f"There is: {NAME}" in text


def test_add__takes_a_logger_of_another_process(browser, store):
    """A worker has told of it; this process has never heard of it."""
    store.note(LOGGERS_NOTE, {"only.of.a.worker": {}})
    assert "only.of.a.worker" in browser.get(ADD).content.decode()
    assert add(browser, logger="only.of.a.worker").status_code == 302


@pytest.mark.parametrize("wrong", [{"level": "LOUD"}, {"lasts": "forever"}, {"lasts": ""}])
def test_add__refuses_a_level_or_length_that_there_is_not(browser, store, wrong):
    """No level without an end."""
    assert add(browser, **wrong).status_code == 200
    assert not LogLevel._default_manager.exists()


@pytest.mark.parametrize("level", ["WARNING", "CRITICAL"])
def test_add__cannot_make_the_log_of_security_quiet(browser, store, level):
    """Nobody hides what he does next."""
    response = add(browser, logger=LOGGER, level=level)
    assert "cannot be made quiet" in response.content.decode()
    assert not LogLevel._default_manager.exists()
    assert add(browser, logger=LOGGER, level="DEBUG").status_code == 302


def test_add__again_ends_the_one_before(browser, store):
    """A logger has one level at a time."""
    add(browser)
    add(browser, level="ERROR")
    assert announced(store) == [(NAME, "ERROR")]
    assert [row.is_active for row in LogLevel._default_manager.order_by("pk")] == [False, True]


def test_end__by_the_list_and_by_the_page(browser, store):
    """What stood before comes back; the row stays, as a record."""
    for end in (
        lambda row: browser.post(LIST, {"action": "end_now", "_selected_action": [row.pk]}),
        lambda row: browser.post(reverse("admin:zerostate_monitoring_loglevel_end", args=[row.pk])),
    ):
        add(browser)
        row = LogLevel._default_manager.first()
        assert end(row).status_code == 302
        row.refresh_from_db()
        assert not row.is_active
        assert announced(store) == []
    assert LogEntry.objects.filter(change_message="Ended.").count() == 2


def test_page__of_a_level_is_read_only(browser, store):
    """It can be ended while it holds, and is not deleted."""
    add(browser)
    row = LogLevel._default_manager.get()
    url = reverse("admin:zerostate_monitoring_loglevel_change", args=[row.pk])
    assert "End now" in browser.get(url).content.decode()
    assert browser.post(url, {"logger": "other", "level": "ERROR"}).status_code == 403
    browser.post(LIST, {"action": "end_now", "_selected_action": [row.pk]})
    assert "zsm-end" not in browser.get(url).content.decode()
    delete = reverse("admin:zerostate_monitoring_loglevel_delete", args=[row.pk])
    assert browser.post(delete, {"post": "yes"}).status_code == 403


def test_store__that_is_away_is_said(browser, settings):
    """The row is there, and processes hear of it when the store is back."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 0.2
    response = browser.post(ADD, {"logger": NAME, "level": "DEBUG", "lasts": "1h"}, follow=True)
    assert "The store does not answer" in response.content.decode()
    assert LogLevel._default_manager.count() == 1


@pytest.mark.parametrize("state", ["active", "ended"])
def test_list__can_be_filtered(browser, store, state):
    """Those that hold, or those that are over."""
    now = timezone.now()
    # Names that cannot stand within a token of a form by chance.
    for name, minutes in (("tests.ended", -5), ("tests.active", 5)):
        LogLevel._default_manager.create(
            logger=name, level="INFO", until=now + timedelta(minutes=minutes), author="x"
        )
    text = browser.get(LIST, {"state": state}).content.decode()
    assert [name for name in ("active", "ended") if f"tests.{name}" in text] == [state]


def test_end__wants_the_permission(client, store):
    """Who may add may not end what others have set."""
    user = User.objects.create_user("adder", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="add_loglevel"))
    client.force_login(user)
    row = LogLevel._default_manager.create(
        logger=NAME, level="INFO", until=timezone.now() + timedelta(hours=1), author="x"
    )
    url = reverse("admin:zerostate_monitoring_loglevel_end", args=[row.pk])
    assert client.post(url).status_code == 403
    assert client.get(url).status_code == 405
