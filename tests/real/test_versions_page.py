"""Versions of a rule in a real browser: expressions are whole, on a phone and on a desk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.models.rules import make_rule
from tests.real.screens.looking import PHONE

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

LONG = " or ".join(
    f'sum by (site) (rate(zerostate_peer_connections{{site="fra{n}", role="edge"}}[5m])) > {n}'
    for n in range(12)
)


def test_versions__show_long_expressions_whole(page, store):
    """Before, then, and the first: each to its last character, on a phone and on a desk."""
    rule = make_rule(expr=LONG)
    rule.expr = f"{LONG} or vector(0) > 1"
    rule.save()
    page.goto(reverse("admin:zerostate_monitoring_rule_versions", args=[rule.pk]))
    for width in (1280, PHONE[0]):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for place in ("pre.zsm-expr", "del", "ins", ".zsm-scroll"):
            one = page.locator(place).first
            box = one.bounding_box()
            assert box["x"] >= 0, (width, place)
            assert box["x"] + box["width"] <= width, (width, place)
            cut = one.evaluate(
                "(one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]"
            )
            if place not in ("del", "ins"):
                assert max(cut) <= 1, (width, place, cut)
        assert page.inner_text("ins").endswith("or vector(0) > 1")
        assert page.inner_text("pre.zsm-expr") == LONG
