"""Debian's Chromium, as tests drive it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import sync_playwright

PROGRAM: Final = "/usr/bin/chromium"
PATIENCE_MS: Final = 60_000
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@contextmanager
def chromium(**options: Any) -> Iterator[Any]:
    """A page of 1280 × 900, English and UTC; ``options`` as of playwright's new_context."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(FLAGS))
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            locale="en-US",
            timezone_id="UTC",
            reduced_motion="reduce",
            **options,
        )
        # Pages of a busy machine; where one is there sooner nobody waits.
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()
        context.close()
        browser.close()
