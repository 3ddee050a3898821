"""The page of health in admin."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.health.checks import PATIENCE, made
from zerostate_monitoring.admin.health import pages, showing
from zerostate_monitoring.health import (
    CheckRegistry,
    answering,
    degraded,
    healthy,
    unhealthy,
    unknown,
)
from zerostate_monitoring.health.notes import Noted, remember
from zerostate_monitoring.health.running import Runner
from zerostate_monitoring.health.states import Status

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:zerostate_monitoring_health")


@pytest.fixture
def registry(monkeypatch):
    """Checks of the test's own; those of the app would ask databases in threads."""
    own, asking = CheckRegistry(), Runner()
    for module in (answering, showing):
        monkeypatch.setattr(module, "CHECKS", own)
    monkeypatch.setattr(answering, "runner", lambda: asking)
    monkeypatch.setattr(pages, "BUDGET_SECONDS", PATIENCE)
    own.add(made("shop", lambda: degraded("slow <b>", waiting=7, advice="add a till")))
    own.add(made("till", lambda: healthy("rings")))
    return own


def test_page__shows_each_component(browser, registry, settings):
    """Status as sign and word, message escaped, numbers and advice; no script is needed."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["till"]
    html = browser.get(PAGE).content.decode()
    for words in ("slow &lt;b&gt;", "waiting 7", "add a till", "rings", "process", "critical"):
        assert words in html
    assert "It serves. Look at: shop." in html
    assert "<b>" not in html.partition('id="content-main"')[2]


def test_page__says_when_a_critical_component_does_not_work(browser, registry, settings):
    """The process takes itself out of service; that is what matters."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["gone"]
    assert "takes itself out of service" in browser.get(PAGE).content.decode()


def test_page__shows_since_when(browser, registry, store):
    """By what a worker noted, while it found the same; another status has no time yet."""
    now = time.time()
    since = Noted(Status.DEGRADED, "", {}, now, 0.1, now - 7200 * 2)
    remember({"shop": since, "till": since})
    html = browser.get(PAGE).content.decode()
    assert html.count("4 h") == 1


def test_page__without_a_store_or_history(browser, registry, settings):
    """It shows what it can, and says why there is no picture."""
    html = browser.get(PAGE).content.decode()
    assert "rings" in html
    assert "does not answer" in html
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert "ZEROSTATE_MONITORING_HISTORY is 0" in browser.get(PAGE).content.decode()


def test_page__is_for_who_may_see_collectors(client, registry):
    """Staff without the right is refused, strangers are asked to log in."""
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_user("new", password="x", is_staff=True))
    assert client.get(PAGE).status_code == 403


def test_page__is_found_from_the_others(browser, registry):
    """The app's first page and its lists lead there."""
    index = browser.get(reverse("admin:app_list", args=("zerostate_monitoring",)))
    assert b'href="collector/health/"' in index.content
    nodes = browser.get(reverse("admin:zerostate_monitoring_node_changelist"))
    assert b"../collector/health/" in nodes.content


@pytest.mark.parametrize("outcome", [healthy("a"), degraded("a"), unhealthy("a"), unknown("a")])
def test_badge__has_a_sign_and_a_word(outcome):
    """No state by its colour alone."""
    assert outcome.status.value in showing.badge_of(outcome.status)
