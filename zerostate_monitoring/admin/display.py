"""How values, ages and states look: words with a sign, never a colour alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from django.template.defaultfilters import filesizeformat
from django.utils.formats import get_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from zerostate_monitoring.models.words import in_words

EMPTY: Final = "–"
_THIN: Final = "\u202f"
"""Between thousands: a mark there means different things in different languages."""

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
    """A value for reading: four digits of what is no whole number, thousands apart."""
    if not math.isfinite(value) or value == int(value) or abs(value) >= 1e15:
        return exact(value)
    return exact(round(value) if abs(value) >= 1000 else float(f"{value:.4g}"))


def quantity(value: float, unit: str) -> str:
    """A value for reading, with its unit, where that is one that people have words for."""
    if not math.isfinite(value) or not value:
        return number(value)
    if unit == "seconds" and abs(value) < 60:
        return duration(value)
    if unit == "bytes":
        return filesizeformat(value)
    return f"{number(value)} s" if unit == "seconds" else number(value)


def exact(value: float) -> str:
    """A value that is compared with another: six digits, thousands apart."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "−Inf"}.get(value, "NaN")
    if value == int(value) and abs(value) < 1e15:
        return localised(f"{int(value):,}")
    shown = f"{value:,.1f}" if 1e6 <= abs(value) < 1e15 else f"{value:,.6g}"
    return localised(shown)


def localised(shown: str) -> str:
    """A number as Python writes it: thousands apart, and the language's sign before a fraction."""
    whole, point, fraction = shown.partition(".")
    sign = str(get_format("DECIMAL_SEPARATOR")) if point else ""
    return f"{whole.replace(',', _THIN)}{sign}{fraction}"


def held_together(text: str) -> str:
    """A number with its unit, which stays in order where text goes from right to left."""
    return f"\u2068{text}\u2069" if get_language_bidi() else text


def age(seconds: float) -> str:
    """A time span in its largest fitting unit."""
    if seconds < 120:
        return held_together(_("%(n)d s") % {"n": seconds})
    if seconds < 7200:
        return held_together(_("%(n)d min") % {"n": seconds // 60})
    if seconds < 172800:
        return held_together(_("%(n)d h") % {"n": seconds // 3600})
    return held_together(_("%(n)d days") % {"n": seconds // 86400})


def duration(seconds: float | None) -> str:
    """How long something took."""
    if seconds is None:
        return EMPTY
    if seconds < 1:
        return held_together(_("%(n)s ms") % {"n": f"{seconds * 1000:.0f}"})
    return held_together(_("%(n)s s") % {"n": localised(f"{seconds:.2f}")})


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


def some(names: Sequence[str], most: int = 5, separator: str = ", ") -> str:
    """The first names, and how many more there are."""
    shown = separator.join(names[:most])
    more = len(names) - most
    return _("%(names)s and %(n)d more") % {"names": shown, "n": more} if more > 0 else shown


def reasons(found: Mapping[str, str], most: int = 50) -> str:
    """A list of names with the reason of each, escaped; at most ``most`` of them."""
    if not found:
        return EMPTY
    items = [
        format_html("<code>{}</code>: {}", name, in_words(why))
        for name, why in sorted(found.items())[:most]
    ]
    if len(found) > most:
        items.append(format_html("{}", _("and %(n)d more") % {"n": len(found) - most}))
    lines = format_html_join("", "<li>{}</li>", ((item,) for item in items))
    return format_html('<ul class="zsm-reasons">{}</ul>', lines)
