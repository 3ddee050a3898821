"""Every page of the admin: how many queries it takes, and what it says to whom it refuses."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from benchmarks.admin_rows import fill
from zerostate_monitoring.models import Overview

pytestmark = pytest.mark.django_db

MODELS = [
    model for model in admin.site._registry if model._meta.app_label == "zerostate_monitoring"
]
MOST = 9
"""Session and user are two of them."""
EXCEPTIONS = {
    "rule": "reads the rule's group, versions, alerts and history for its preview",
    "alert": "draws what its rule compares now, where history is young from what was kept",
    "route": "has a formset of steps, whose receivers are choices",
}
"""Pages of one row that take more, with the reason; they take as many for one row as for many."""
MOST_OF_THESE = 16


def url(page, *args):
    return reverse(f"admin:zerostate_monitoring_{page}", args=args)


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture
def many(store, one_moment):
    """A small installation as large as a test may be: pages of 50 rows are full."""
    fill(live=120, past=120)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_list__takes_fewer_than_ten_queries(browser, many, model):
    """Each list with many rows."""
    assert queries(browser, url(f"{model._meta.model_name}_changelist")) <= MOST


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_page__takes_fewer_than_ten_queries(browser, many, model):
    """The page of one row of each; those that take more are named, with the reason."""
    name, row = model._meta.model_name, model._default_manager.order_by("-pk").first()
    if model is Overview or row is None:
        return
    found = queries(browser, url(f"{name}_change", row.pk))
    assert found <= (MOST_OF_THESE if name in EXCEPTIONS else MOST)


@pytest.mark.parametrize("page", ["alert_grouped", "about"])
def test_pages_of_their_own__take_fewer_than_ten_queries(browser, many, page):
    """Groups, and everything about a label."""
    assert queries(browser, f"{url(page)}?by=node&label=node&value=node-0001") <= MOST


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_refused__in_words(client, model):
    """Status 403, a page of the admin, and the rights that are lacking."""
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    name = model._meta.model_name
    answer = client.get(url(f"{name}_changelist"))
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "You are logged in as nobody" in html
    assert 'id="site-name"' in html
    if model is not Overview:
        assert f"view_{name}" in html
    try:
        address = url(f"{name}_add")
    except NoReverseMatch:
        return
    assert client.post(address, {}).status_code == 403


def test_refused__who_has_no_session_is_sent_to_log_in(client):
    """A stranger learns nothing of rights."""
    assert "/login/" in client.get(url("alert_changelist")).headers["Location"]
