"""The outbox and the notification groups: rows to look at."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.alerting.delivery.house import refused
from zerostate_monitoring.models import Alert, OutboxEntry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_outboxentry_changelist")
GROUPS = reverse("admin:zerostate_monitoring_notificationgroup_changelist")


def html_of(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def told(house):
    """One alert that is silenced for one receiver's word, one that was sent, one that waits."""
    house.route(house.receiver())
    house.silence("1")
    house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    house.fire("3")
    return house


def test_outbox__says_of_each_entry_what_became_of_it(browser, told):
    """Suppressed with the reason, sent with the message, due with the time."""
    html = html_of(browser.get(LIST))

    for text in ("suppressed", "by ann", "sent", "1 alerts", "leaves at"):
        assert text in html


def test_outbox__leads_to_why(browser, told):
    """Each alert's explanation is one click away."""
    html = html_of(browser.get(LIST))
    for alert in Alert.objects.all():
        assert reverse("admin:zerostate_monitoring_alert_explain", args=(alert.pk,)) in html


def test_outbox__of_one_alert(browser, told):
    """The address that an alert's page leads to."""
    silenced = Alert.objects.get(labels__n="1")
    html = html_of(browser.get(LIST, {"alert": silenced.pk}))
    assert "by ann" in html
    assert "leaves at" not in html


def test_outbox__asks_no_more_for_more_rows(browser, told, django_assert_max_num_queries):
    """The number of queries does not grow with entries."""
    told.fire_many([{"n": str(n)} for n in range(40)])
    assert OutboxEntry.objects.count() > 40
    with django_assert_max_num_queries(14):
        browser.get(LIST)


def test_groups__say_when_they_are_flushed(browser, told):
    """Receiver, what its alerts share, how many wait."""
    html = html_of(browser.get(GROUPS))
    assert "ops" in html
    assert re.search(r'class="field-waiting"[^>]*>1<', html)


def test_alert__leads_from_its_page_to_the_message(browser, house):
    """The state of each telling is a link, where somebody may follow it."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [refused()]
    alert = house.fire("1")
    house.deliver()
    page = reverse("admin:zerostate_monitoring_alert_change", args=(alert.pk,))
    message = reverse("admin:zerostate_monitoring_message_change", args=(house.message().pk,))
    assert message in html_of(browser.get(page))
