"""Who may look may look, and no more; on every page of the admin."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from tests.admin.scene import make_scene
from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.models import Overview, Rule

pytestmark = pytest.mark.django_db

MODELS = [
    model
    for model in admin.site._registry
    # The overview is a page without rows.
    if model._meta.app_label == "zerostate_monitoring" and model is not Overview
]
PAGES = ["overview", "noise", "grouped"]


def url(model, page, *args):
    return reverse(f"admin:zerostate_monitoring_{model._meta.model_name}_{page}", args=args)


def the(model):
    return admin.site._registry[model]


@pytest.fixture
def nobody(client):
    """A member of staff without any permission."""
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    return client


def test_models__all_that_stand_here():
    """A page that is added is tested, too."""
    assert {model._meta.model_name for model in MODELS} >= {
        "alert", "collector", "evaluation", "inhibition", "maintenancewindow", "metric", "node",
        "receiver", "route", "rule", "rulegroup", "silence",
    }  # fmt: skip
    assert all(isinstance(the(model), ModelAdmin) for model in MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_viewer__looks_and_changes_nothing(viewer, store, model):
    """Lists and pages open; nothing can be added, changed, deleted or done to many."""
    make_scene()
    page = viewer.get(url(model, "changelist"))
    assert page.status_code == 200
    assert "delete_selected" not in page.content.decode()
    row = model.objects.first()
    assert viewer.post(url(model, "add"), {}).status_code == 403
    if row is None:
        return
    before = model.objects.values().get(pk=row.pk)
    assert viewer.get(url(model, "change", row.pk)).status_code == 200
    viewer.post(url(model, "change", row.pk), {"name": "other", "enabled": ""})
    assert viewer.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    for action in the(model).actions or ():
        name = action if isinstance(action, str) else action.__name__
        posted = {"action": name, "_selected_action": [row.pk], "confirmed": "yes", "post": "yes"}
        viewer.post(url(model, "changelist"), posted)
    assert model.objects.values().get(pk=row.pk) == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("model", MODELS)
def test_nobody__sees_nothing(nobody, store, model):
    """Without the permission to view there is no page."""
    make_scene()
    assert nobody.get(url(model, "changelist")).status_code == 403
    row = model.objects.first()
    if row is not None:
        assert nobody.get(url(model, "change", row.pk)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_nobody__sees_no_summary(nobody, page):
    """The overview and the table of noise want the permission to view alerts."""
    assert nobody.get(reverse(f"admin:zerostate_monitoring_alert_{page}")).status_code == 403


def test_nobody__sees_no_versions_and_no_reasons(nobody):
    """Pages beside Django's own ask, too."""
    alert = make_scene()
    assert nobody.get(url(Rule, "versions", alert.rule_id)).status_code == 403
    assert nobody.get(url(type(alert), "explain", alert.pk)).status_code == 403


def test_permissions__of_what_is_done():
    """Acknowledge, silence, judge and test are permissions of their own."""
    wanted = {"acknowledge_alert", "silence_alert", "judge_alert", "test_receiver"}
    assert (
        set(Permission.objects.filter(codename__in=wanted).values_list("codename", flat=True))
        == wanted
    )
