"""What all admin pages of the app have in common."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.urls import reverse

from tests.real.screens.addresses import APP
from zerostate_monitoring.admin import base, display

OURS = [one for one in admin.site._registry.values() if one.opts.app_label == APP]


@pytest.mark.parametrize("model_admin", OURS, ids=lambda one: one.opts.model_name)
def test_media__has_no_script_for_slugs(model_admin):
    """A page weighs less by it; what pages need is still there."""
    scripts = str(model_admin.media)
    assert "admin/js/core.js" in scripts
    assert "prepopulate" not in scripts
    assert "xregexp" not in scripts


@pytest.mark.django_db
def test_media__lists_have_no_scripts_of_forms_and_forms_none_of_lists(browser, store):
    """Each page loads what it needs: a list weighs a third less, and can still choose rows."""
    of_list = browser.get(reverse(f"admin:{APP}_node_changelist")).content.decode()
    of_form = browser.get(reverse(f"admin:{APP}_node_add")).content.decode()

    assert "admin/js/actions.js" in of_list
    assert "jquery" not in of_list
    assert "jquery.min.js" in of_form
    assert "admin/js/actions.js" not in of_form


def test_empty__has_one_sign():
    """A field of the database that is empty looks like a column of ours that is."""
    ours = [one for model, one in admin.site._registry.items() if model._meta.app_label == APP]
    assert ours
    assert {one.get_empty_value_display() for one in ours} == {display.EMPTY}


@pytest.mark.django_db
def test_media__forms_load_what_djangos_calendar_calls_only_with_it(browser, store):
    """Ours have the browser's own fields of dates; a list has the look of lists, a form has not."""
    form = browser.get(reverse("admin:zerostate_monitoring_silence_add")).content.decode()
    rows = browser.get(reverse("admin:zerostate_monitoring_silence_changelist")).content.decode()
    assert "admin/js/core.js" not in form
    assert "lists.css" not in form
    assert "zerostate_monitoring/lists.css" in rows
    with_calendar = forms.Media(js=["admin/js/core.js"]) + AdminDateWidget().media
    assert base.unneeded(with_calendar) == ()
