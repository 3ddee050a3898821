"""Inhibitions in the admin."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from tests.alerting import rows
from zerostate_monitoring.models import Inhibition
from zerostate_monitoring.models.words import Origin

pytestmark = pytest.mark.django_db

ADD = reverse("admin:zerostate_monitoring_inhibition_add")
LIST = reverse("admin:zerostate_monitoring_inhibition_changelist")
SENT = {
    "name": "down hides slow",
    "enabled": "on",
    "source_matchers": "alertname=NodeDown",
    "target_matchers": "severity=warning",
    "equal": "node, site",
}


def html(response):
    return unescape(response.content.decode())


def test_form__shows_sources_and_what_they_hold_back(browser):
    """Both sides as they are now; saved when sent again."""
    rows.alert(node="n1")
    rows.alert("Slow", node="n1", severity="warning")
    rows.alert("Slow", node="n2", severity="warning")
    text = html(browser.post(ADD, SENT))
    assert "These hold back now: 1 firing" in text.replace("</strong>", "")
    assert "Held back now: 1 firing" in text.replace("</strong>", "")
    seen = text.partition('name="previewed" value="')[2].partition('"')[0]
    assert browser.post(ADD, {**SENT, "previewed": seen}).status_code == 302
    row = Inhibition.objects.get()
    assert row.equal == ["node", "site"]
    listed = html(browser.get(LIST))
    assert "1 firing" in listed
    assert "ready" in listed
    url = reverse("admin:zerostate_monitoring_inhibition_change", args=(row.pk,))
    assert 'value="node, site"' in html(browser.get(url))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source_matchers": "a="}, "Line 1: a value of a is missing."),
        ({"equal": "no-de"}, "no-de is not the name of a label."),
        ({"target_matchers": "alertname=NodeDown", "equal": ""}, "Both sides are the same"),
    ],
)
def test_form__says_what_is_wrong(browser, fields, said):
    """Field and reason."""
    assert said in html(browser.post(ADD, {**SENT, **fields}))


@pytest.mark.parametrize("equal", [["node"], "node", {"a": 1}, None])
def test_list__shows_whatever_stands_in_a_row(browser, equal):
    """A broken one is shown as such."""
    row = rows.inhibition("i", "a=b" if equal == ["node"] else "a=", "c=d")
    Inhibition.objects.filter(pk=row.pk).update(equal=equal or [])
    text = html(browser.get(LIST))
    assert ("ready" if equal == ["node"] else "broken") in text


def test_built_in__is_switched_off_and_not_changed(browser):
    """Each migrate would write it anew: its sides cannot be edited, and it cannot be deleted."""
    row = rows.inhibition("shipped", "a=b", "c=d", origin=Origin.SHIPPED, shipped_key="x")
    url = reverse("admin:zerostate_monitoring_inhibition_change", args=(row.pk,))
    assert "Built-in: disable it" in html(browser.get(url))
    sent = {"name": "mine", "source_matchers": "z=z"}
    seen = html(browser.post(url, sent)).partition('name="previewed" value="')[2].partition('"')[0]
    assert browser.post(url, {**sent, "previewed": seen}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.enabled, row.source_matchers) == ("mine", False, "a=b")
    delete = reverse("admin:zerostate_monitoring_inhibition_delete", args=(row.pk,))
    assert browser.post(delete, {"post": "yes"}).status_code == 403
