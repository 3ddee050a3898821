"""The page of a mail in a real browser: on a desk, on a phone, with anything in its labels."""

from __future__ import annotations

import base64

import pytest

from tests.notifiers.batches import LABELS, alert, batch, on, samples
from tests.real.chromium import chromium
from zerostate_monitoring.notifiers.mail import html, pictures

pytestmark = pytest.mark.real

HOSTILE = {
    **LABELS,
    "node": "n" * 10_000,
    "path": "<b id=evil>bold</b><script>document.title = 'evil'</script> \U0001f525",
}


def whole(*alerts):
    """The page with its pictures inside, as a mail program shows it."""
    told = batch(*alerts)
    images = pictures(told.alerts)
    page = html(told, images)
    for name, image in images.items():
        assert base64.b64decode(image).startswith(b"\x89PNG")
        page = page.replace(f"cid:{name}", f"data:image/png;base64,{image}")
    return page


@pytest.mark.parametrize("width", [600, 360])
def test_page__fits_a_desk_and_a_phone(width):
    """Nothing is wider than the window; all pictures are shown; texts stay texts."""
    alerts = (
        on("edge-3", 1, samples=samples()),
        on("edge-4", 2, ended=725, samples=samples()),
        alert(3, labels=HOSTILE, annotations={"summary": "x" * 3_000}, expr="y" * 3_000),
    )
    with chromium() as page:
        page.set_viewport_size({"width": width, "height": 800})
        page.set_content(whole(*alerts))
        assert page.evaluate("document.documentElement.scrollWidth") == width
        sizes = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.clientWidth])")
        assert [natural for natural, _ in sizes] == [960, 960]
        assert all(width / 2 < shown <= 480 for _, shown in sizes)
        assert page.title() != "evil"
        assert page.locator("#evil").count() == 0
        text = page.inner_text("body")
        assert "RESOLVED after 12m 5s" in text
        assert "<b id=evil>bold</b><script>" in text
