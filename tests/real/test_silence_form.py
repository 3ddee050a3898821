"""Silencing an alert in a real browser, without scripts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.alerting import rows
from zerostate_monitoring.admin.holding.silences import silence_alert_url
from zerostate_monitoring.models import Silence

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]


def test_alert__is_silenced_without_scripts(page):
    """One click from the alert, a chip for the length, a look, and saved; then extended, ended."""
    alert = rows.alert(node="edge-7", severity="warning")
    rows.alert(node="edge-8", severity="warning")
    page.goto(silence_alert_url(alert))
    assert 'node="edge-7"' in page.input_value("#id_matchers")
    assert all(page.is_visible(f".field-{name} label") for name in ("starts_at", "ends_at"))
    page.fill("#id_comment", "new disks")
    page.click("text=4 hours")
    page.click("text=Show what it hits")
    assert "It hits 1 firing and 0 pending of 2 live alerts." in page.inner_text(".zsm-preview")
    assert "edge-8" not in page.inner_text(".zsm-preview")
    assert not Silence.objects.exists()
    page.click("[name=_save]")
    assert "was added successfully" in page.inner_text(".messagelist")
    row = Silence.objects.get()
    assert (row.ends_at - row.starts_at).total_seconds() == 4 * 3600
    assert row.alert == alert
    page.goto(reverse("admin:zerostate_monitoring_silence_change", args=(row.pk,)))
    page.click("text=Extend by 1 hour")
    page.click("text=End now")
    assert "1 silence ended." in page.inner_text(".messagelist")
    before, row = row, Silence.objects.get()
    assert row.ends_at < before.ends_at


def test_broad_silence__is_confirmed_without_scripts(page):
    """A box appears with the reason, and nothing is saved before it is ticked."""
    rows.alert(node="edge-7")
    page.goto(reverse("admin:zerostate_monitoring_silence_add"))
    page.fill("#id_matchers", "severity!=critical")
    page.fill("#id_comment", "quiet")
    page.click("text=Show what it hits")
    page.click("[name=_save]")
    assert not Silence.objects.exists()
    page.check("#id_confirmed")
    page.click("[name=_save]")
    assert Silence.objects.exists()
