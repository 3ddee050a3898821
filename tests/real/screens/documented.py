"""The pictures that documents show: parts of the very same pages, in few colours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from PIL import Image

COLOURS: Final = 256
"""Pages have few; a file of these is a quarter of what the browser writes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of a page: from its top, or an element's, so many pixels."""

    name: str
    height: int
    look: tuple[str, int] = ("light", 1280)
    element: str = ""


AROUND: Final = 16
"""What is seen of the page beside and above an element."""

PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "overview-list": (
        Part("overview", 1250),
        Part("overview-dark", 1250, ("dark", 1280)),
        Part("overview-phone", 1250, ("light", 360)),
    ),
    "alert-row": (Part("alert-page", 1060),),
    "alert-explain": (Part("explain", 1100),),
    "alert_noise": (Part("noise", 760),),
    "metric-list": (Part("metrics", 960),),
    "metric-row": (Part("metric-chart", 1010),),
    "explore": (Part("explore", 980),),
    "rule-row": (Part("rule-chart", 640, element="#chart"),),
    "node-list": (Part("nodes", 960),),
    "collector-list": (Part("collectors", 800),),
    "silence-list": (Part("silences", 830),),
    "calendar": (Part("calendar", 850),),
    "routing": (Part("routing", 740),),
    "delivery": (Part("delivery", 1260),),
    "health": (Part("health", 1600),),
    "doctor": (Part("doctor", 900),),
    "export": (Part("export", 1000),),
}
"""By the names of pages."""


def keep_parts(page: Any, name: str, look: tuple[str, int], picture: Path, into: Path) -> None:
    """Write what documents show of the page ``name`` in this ``look``."""
    for part in PARTS.get(name, ()):
        if part.look == look:
            _write(picture, _corner(page, part.element), part, into)


def keep(page: Any, name: str, height: int, element: str = "") -> None:
    """Write the picture ``name`` of what a way through the pages has come to, if that is asked."""
    if into := os.environ.get("DOCUMENTS"):
        with TemporaryDirectory() as directory:
            picture = Path(directory) / "page.png"
            # What stays in sight while one scrolls stands where it begins.
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=picture, full_page=True)
            _write(picture, _corner(page, element), Part(name, height, element=element), Path(into))


def _corner(page: Any, element: str) -> tuple[int, int]:
    if not element:
        return 0, 0
    box = page.locator(element).first.bounding_box()
    return max(round(box["x"]) - AROUND, 0), max(round(box["y"]) - AROUND, 0)


def _write(picture: Path, corner: tuple[int, int], part: Part, into: Path) -> None:
    left, top = corner
    with Image.open(picture) as whole:
        below = min(top + part.height, whole.height)
        seen = whole.convert("RGB").crop((left, top, whole.width, below))
    few = seen.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
    few.save(into / f"{part.name}.png", optimize=True)
