"""Writing a rule, and following its alert, in a real browser without scripts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.admin.rules.posting import ADD, THRESHOLD, change_url, url
from tests.admin.scene import make_history
from tests.alerting.alerts import make_alert
from zerostate_monitoring.models import Rule, Silence
from zerostate_monitoring.models.words import AlertState, EndReason

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]


def build(page):
    page.goto(ADD + THRESHOLD)
    page.fill("#id_name", "NodeUnreachable")
    page.fill("#id_metric", "zerostate_node_up")
    page.select_option("#id_aggregation", "max")
    page.fill("#id_by", "node")
    page.select_option("#id_comparison", "==")
    page.fill("#id_threshold", "0")
    page.fill("#id_for_duration", "1m")
    page.fill("#id_annotations", "summary: {{ $labels.node }} does not answer")


def test_rule__is_built_looked_at_and_saved(settings, page, request):
    """A metric that is none is refused; the preview says what it would have done; then saved."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    make_history(request.getfixturevalue("store"))
    build(page)
    page.fill("#id_metric", "zerostate_nodes_up")
    page.click("[name=_preview]")
    assert "did you mean zerostate_node_up" in page.inner_text(".field-metric .errorlist")
    page.fill("#id_metric", "zerostate_node_up")
    page.click("[name=_preview]")
    assert "It would have fired 2 times, 1 still firing." in page.inner_text("#preview")
    assert page.query_selector("#preview svg") is not None
    assert not Rule.objects.exists()
    page.click("[name=_save]")
    assert "was added successfully" in page.inner_text(".messagelist")
    assert Rule.objects.get().expr == "max by (node) (zerostate_node_up) == 0"


def test_rule__is_changed_with_a_word_and_brought_back(page, store):
    """Another name ends its alert, once the box is ticked; the old version is one click away."""
    build(page)
    page.click("[name=_save]")
    rule = Rule.objects.get()
    alert = make_alert(rule, "edge-7")
    page.goto(change_url(rule))
    page.fill("#id_name", "NodeGone")
    page.click("[name=_save]")
    assert "node=edge-7" in page.inner_text("#closing")
    page.check("#closing input")
    page.click("[name=_save]")
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (AlertState.RESOLVED, EndReason.EDITED)
    page.goto(url("versions", rule))
    page.click("text=Go back to this version")
    assert page.input_value("#id_name") == "NodeUnreachable"
    page.click("[name=_save]")
    rule.refresh_from_db()
    assert (rule.name, rule.version) == ("NodeUnreachable", 3)


def test_alert__is_followed(page, store):
    """Acknowledged with a comment, silenced with one click, judged; all of it in the timeline."""
    build(page)
    page.click("[name=_save]")
    alert = make_alert(Rule.objects.get(), "edge-7")
    page.goto(reverse("admin:zerostate_monitoring_alert_changelist"))
    page.click("#result_list a:has-text('NodeUnreachable')")
    page.fill("form[action='../acknowledge/'] [name=comment]", "on it")
    page.click("form[action='../acknowledge/'] button")
    page.click("form[action='../silence/'] button")
    page.click("button[value=noise]")
    timeline = page.inner_text("#timeline")
    for said in ("acknowledged", "on it", "silenced", "verdict", "root"):
        assert said in timeline
    alert.refresh_from_db()
    assert (alert.acknowledgement, alert.verdict) == ("on it", "noise")
    assert Silence.objects.get().alert == alert
