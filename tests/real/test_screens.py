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
from tests.real.screens.looking import CUT_OFF, DESKTOP, PHONE, look
from tests.real.screens.site import lived_site

pytestmark = pytest.mark.real

MAIN = (
    *("index", "overview-list", "metric-list", "metric-row", "explore", "rule-list", "rule-row"),
    *("rule-add", "alert-list", "alert-row", "alert_grouped", "about", "calendar", "delivery"),
    *("message-row", "node-list", "node-row", "route-row", "routing", "silence-add", "health"),
)
"""Pages that are also looked at from right to left."""
LISTS = tuple(name for name in names() if name.endswith("-list"))
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


@pytest.mark.parametrize("name", [one for one in LISTS if one != "overview-list"])
def test_list__is_a_table_of_titled_cells_on_a_phone(site, page, name):
    """Rows are cards for the eye; for screen readers they stay rows, below heads of columns."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(site[name], wait_until="networkidle")
    cells = page.locator("#result_list tbody :is(td, th)").all()
    assert cells
    titles = [cell.get_attribute("data-title") for cell in cells]
    boxes = page.locator("#result_list tbody .action-checkbox").count()
    assert titles.count(None) == boxes
    table = page.get_by_role("table").first
    rows = page.locator("#result_list tbody tr").count()
    assert table.get_by_role("row").count() == rows + 1
    heads = page.locator("#result_list thead th").count()
    assert table.get_by_role("columnheader").count() == heads
    told = table.get_by_role("cell").count() + table.get_by_role("rowheader").count()
    assert told == len(cells) == rows * heads


# -- from right to left ---------------------------------------------------------------


@pytest.fixture(scope="module")
def hebrew(page):
    """The same browser, whose operator reads Hebrew."""
    context = page.context.browser.new_context(locale="he", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", [*MAIN, *(one for one in LISTS if one not in MAIN)])
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
    assert hebrew.evaluate(CUT_OFF) == []
    assert hebrew.evaluate(FROM_THE_LEFT) == []
