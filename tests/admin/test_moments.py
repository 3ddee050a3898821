"""Times on the page of a row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from zerostate_monitoring.admin import words
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db


def page_of(node):
    return reverse("admin:zerostate_monitoring_node_change", args=(node.pk,))


def test_times__have_the_form_of_all_pages(browser, store):
    """To the second, with the zone, and for programs; not the minute that Django shows."""
    node = Node.objects.create(name="n1", base_url="http://n1.example")
    Node.objects.update(last_up_at=datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC))

    html = browser.get(page_of(node)).content.decode()

    assert '<time datetime="2026-01-31T12:00:01+00:00">2026-01-31 12:00:01 UTC</time>' in html
    assert "Last answered:" in html


def test_times__that_are_not_known_are_a_dash(browser, store):
    """A node that never answered says so in the sign of all pages."""
    node = Node.objects.create(name="n1", base_url="http://n1.example")
    field = browser.get(page_of(node)).content.decode().partition("Last answered:")[2][:300]
    assert '<div class="readonly">–</div>' in field


def test_times__stay_in_order_from_right_to_left():
    """A date, an hour and a zone are one thing there, and never end with the date."""
    at = datetime(2026, 11, 27, 3, 58, 7, tzinfo=UTC)
    with translation.override("he"):
        assert words.clock(at) == "\u20682026-11-27 03:58:07 UTC\u2069"
    assert words.clock(at) == "2026-11-27 03:58:07 UTC"
