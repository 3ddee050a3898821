"""A page in a browser: what its console says, what axe finds, whether it fits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe

from tests.real.screens.documented import keep_parts

DESKTOP, PHONE = (1280, 900), (360, 740)
LOOKS: Final = (
    ("light", DESKTOP),
    ("dark", DESKTOP),
    ("light", PHONE),
    ("dark", PHONE),
)
ICON: Final = "/favicon.ico"
"""A browser asks for it by itself, and stock admin has none."""
DJANGOS: Final = (
    "empty-table-header at thead > tr > .original",
    # The label of the box is a picture with a text; help stands beside it.
    "label-title-only at #searchbar",
)
"""What is Django's own template, and a best practice rather than of WCAG."""
CUT_OFF: Final = """() => [...document.querySelectorAll(".results, #result_list, #result_list *")]
    .filter((one) => {
        const box = one.getBoundingClientRect(), style = getComputedStyle(one);
        const closed = one.parentElement.closest("details:not([open])");
        const hidden = "[data-bare], .visually-hidden, thead th:not(.sortable)";
        if (!box.width || closed || one.closest(hidden)) return false;
        const isCut = style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
        return isCut || box.right > innerWidth + 1 || box.left < -1;
    }).map((one) => `${one.tagName}.${one.className} is cut off: ${one.textContent.slice(0, 60)}`)
"""
"""What of a list's rows stands beyond the edge, or would have to be scrolled to."""
RULES: Final = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@dataclass
class Looked:
    """What was found on one page."""

    said: list[str] = field(default_factory=list)
    """Errors and warnings of the console, and answers that are no answers."""
    violations: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)


def _said(found: Looked, message: Any) -> None:
    if message.type in {"error", "warning"} and not message.location["url"].endswith(ICON):
        found.said.append(message.text)


def _answered(found: Looked, response: Any) -> None:
    if response.url.endswith(ICON):
        return
    if response.status >= 400:
        found.said.append(f"{response.status} {response.url}")


@contextmanager
def listening(page: Any) -> Iterator[Looked]:
    """Whatever a page says while the block runs."""
    found = Looked()

    listeners = (
        ("console", partial(_said, found)),
        ("response", partial(_answered, found)),
        ("pageerror", lambda error: found.said.append(str(error))),
    )
    for event, listener in listeners:
        page.on(event, listener)
    try:
        yield found
    finally:
        for event, listener in listeners:
            page.remove_listener(event, listener)


def look(
    page: Any,
    address: str,
    name: str,
    directory: Path | None = None,
    documents: Path | None = None,
) -> Looked:
    """Open ``address`` in each look; pictures go into ``directory``, parts into ``documents``."""
    _wear(page, *LOOKS[0])
    with listening(page) as found:
        page.goto(address, wait_until="networkidle")
        for scheme, size in LOOKS:
            _wear(page, scheme, size)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > size[0]:
                found.too_wide.append(f"{wide} px of {size[0]}")
            if size == PHONE:
                found.too_wide += page.evaluate(CUT_OFF)
            if directory is not None:
                path = directory / f"{name}-{scheme}-{size[0]}.png"
                page.screenshot(path=path, full_page=True)
                if documents is not None:
                    keep_parts(page, name, (scheme, size[0]), path, documents)
    # After all else: axe has styles of its own, of which the console complains.
    for scheme, size in LOOKS:
        _wear(page, scheme, size)
        found.violations += (f"{scheme} {size[0]}: {one}" for one in _violations(page))
    return found


def _wear(page: Any, scheme: str, size: tuple[int, int]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    # Admin's links fade from colour to colour.
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")


def _violations(page: Any) -> Iterator[str]:
    for violation in Axe().run(page, options=RULES).response["violations"]:
        for node in violation["nodes"]:
            place = " ".join(map(str, node["target"]))
            said = f"{violation['id']} at {place}"
            if said not in DJANGOS:
                yield f"{said}: {node['html'][:120]}"
