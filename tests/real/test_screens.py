"""Every page of the admin in a real browser: no violation of WCAG, no word in the console.

``make screenshots`` runs this and keeps the pictures; with ``DOCUMENTS=docs/images`` what
documents show of them, too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.real.chromium import PATIENCE_MS, chromium
from tests.real.screens.addresses import names
from tests.real.screens.looking import DESKTOP, PHONE, look
from tests.real.screens.site import lived_site

pytestmark = pytest.mark.real

MAIN = (
    *("index", "overview-list", "metric-list", "metric-row", "explore", "rule-list", "rule-row"),
    *("rule-add", "alert-list", "alert-row", "alert_grouped", "about", "calendar", "delivery"),
    *("message-row", "node-list", "node-row", "route-row", "routing", "silence-add", "health"),
)
"""Pages that are also looked at from right to left."""
FROM_THE_LEFT = """() => [...document.querySelectorAll(
    "svg[role=img]:has(text), .zsm-code, code, pre, .zsm-labels, textarea[name$=matchers]"
)].filter((one) => getComputedStyle(one).direction !== "ltr").map((one) => one.outerHTML)
"""
"""What must be read from the left in every language, and is not."""
PICTURES = os.environ.get("SCREENSHOTS")
DOCUMENTS = os.environ.get("DOCUMENTS")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Where each page of a network that has lived for an hour is."""
    with lived_site(tmp_path_factory.mktemp("screens")) as found:
        yield found


@pytest.fixture(scope="module")
def page():
    """One browser for all."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def pictures():
    """Where pictures are kept, if they are."""
    if PICTURES is None:
        return None
    directory = Path(PICTURES)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.mark.parametrize("name", names())
def test_page__is_readable_for_everybody(site, page, pictures, name):
    """Light and dark, on a desk and on a phone: readable, within the window, and silent."""
    documents = Path(DOCUMENTS) if DOCUMENTS else None
    found = look(page, site[name], name, pictures, documents)
    assert found.said == []
    assert found.too_wide == []
    assert found.violations == []


# -- from right to left ---------------------------------------------------------------


@pytest.fixture(scope="module")
def hebrew(page):
    """The same browser, whose operator reads Hebrew."""
    context = page.context.browser.new_context(locale="he", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", MAIN)
def test_page__from_right_to_left(site, hebrew, pictures, name):
    """Nothing is wider than the window; time, queries and matchers go on from the left."""
    hebrew.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    hebrew.goto(site[name], wait_until="networkidle")
    assert hebrew.evaluate("document.documentElement.dir") == "rtl"
    for width, height in (DESKTOP, PHONE):
        hebrew.set_viewport_size({"width": width, "height": height})
        assert hebrew.evaluate("document.documentElement.scrollWidth") <= width
        if pictures is not None:
            hebrew.screenshot(path=pictures / f"{name}-rtl-{width}.png", full_page=True)
    assert hebrew.evaluate(FROM_THE_LEFT) == []
