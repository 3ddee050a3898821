"""How values, ages and states look: words with a sign, never a colour alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

EMPTY: Final = "–"

SIGNS: Final = {
    "good": "✔",
    "bad": "✖",
    "warn": "▲",
    "off": "‖",
    "none": "○",
}
"""A sign for each tone, so that a state can be read without its colour."""


def badge(tone: str, text: str, title: str = "") -> SafeString:
    """A state as sign and word; ``tone`` is a key of ``SIGNS``."""
    return format_html(
        '<span class="zsm-badge zsm-{}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
        tone,
        title,
        SIGNS[tone],
        text,
    )


def number(value: float) -> str:
    """A value for reading: exact while short, thousands apart."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "−Inf"}.get(value, "NaN")
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", "\u202f")
    shown = f"{value:,.1f}" if 1e6 <= abs(value) < 1e15 else f"{value:,.6g}"
    return shown.replace(",", "\u202f")


def age(seconds: float) -> str:
    """A time span in its largest fitting unit."""
    if seconds < 120:
        return _("%(n)d s") % {"n": seconds}
    if seconds < 7200:
        return _("%(n)d min") % {"n": seconds // 60}
    if seconds < 172800:
        return _("%(n)d h") % {"n": seconds // 3600}
    return _("%(n)d days") % {"n": seconds // 86400}


def duration(seconds: float | None) -> str:
    """How long something took."""
    if seconds is None:
        return EMPTY
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def breakable(name: str) -> SafeString:
    """A name that may be broken after each ``_`` and ``:``; copied, it is the name."""
    parts = ((part,) for part in re.split(r"(?<=[_:])", name))
    return format_html_join(mark_safe("<wbr>"), "{}", parts)


def labels_text(labels: tuple[tuple[str, str], ...]) -> str:
    """Label pairs as PromQL writes them; control characters are made visible."""
    pairs = (f'{name}="{_visible(value)}"' for name, value in labels)
    return "{" + ", ".join(pairs) + "}" if labels else ""


def _visible(value: str) -> str:
    shown = value if len(value) <= 200 else value[:200] + "…"
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)


def some(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return _("%(names)s and %(n)d more") % {"names": shown, "n": more} if more > 0 else shown


def reasons(found: Mapping[str, str], most: int = 50) -> str:
    """A list of names with the reason of each, escaped; at most ``most`` of them."""
    if not found:
        return EMPTY
    items = [format_html("<code>{}</code>: {}", *pair) for pair in sorted(found.items())[:most]]
    if len(found) > most:
        items.append(format_html("{}", _("and %(n)d more") % {"n": len(found) - most}))
    lines = format_html_join("", "<li>{}</li>", ((item,) for item in items))
    return format_html('<ul class="zsm-reasons">{}</ul>', lines)
