"""Build the wheel, and read the documents, for the tests of both."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_FENCE: Final = re.compile(
    r"(?:<!-- (?P<mark>[a-z-]+): (?P<name>[^>]+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a Markdown page; ``name`` comes from the comment above it."""

    name: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of ``page`` in their order."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Block(m["name"] or "", m["language"], m["text"]) for m in found]


def build_wheel(directory: Path) -> Path:
    """Build the wheel of this checkout into ``directory`` with what is installed here."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    subprocess.run([*command, str(directory), str(ROOT)], check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    return wheel
