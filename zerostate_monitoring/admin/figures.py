"""Series as a figure of a page: the picture, what its lines are called, and their values.

The page loads ``chart.css``, and ``chart.js`` for what is shown under the pointer; without the
script all of it is still to be read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.charts.lines import ALARM, COLOURS, MOST, Frame, Line, lines
from zerostate_monitoring.charts.packing import packed
from zerostate_monitoring.charts.timeline import COLOURS as KINDS
from zerostate_monitoring.charts.units import named, told

_LONGEST: Final = 160
_WHOLE: Final = 2_000


class _Short(DjangoJSONEncoder):
    """Without the blanks between thousands of values."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "separators": (",", ":")})


def figure(
    series: Sequence[Line],
    frame: Frame,
    *,
    name: str,
    zoom: bool = False,
    caption: str = "",
    note: str = "",
    lives: bool = True,
) -> SafeString:
    """A ``<figure>``; empty where no series has a number.

    ``name`` is its id on the page. With ``zoom`` a span that is drawn with the pointer is asked
    for by ``from`` and ``to`` in the page's address: the page must understand them. ``note`` is
    said below it. One that does not live has no values for the script, and is half as heavy.
    """
    frame = replace(frame, words=chart_words())
    drawn = lines(series, frame)
    if not drawn:
        return mark_safe("")
    return format_html(
        '<figure class="zsm-chart" id="{}"{}>{}<div class="zsm-plot">{}</div>{}{}{}</figure>',
        name,
        mark_safe(" data-zoom") if zoom else "",
        _caption(caption or frame.title, frame),
        # Made of numbers and escaped names alone.
        mark_safe(drawn),  # noqa: S308
        _key(series, frame),
        format_html('<p class="zsm-note">{}</p>', note) if note else "",
        _values(series, frame, name) if lives else "",
    )


def _values(series: Sequence[Line], frame: Frame, name: str) -> SafeString:
    values = {**packed(series, frame), "words": _words()}
    return json_script(values, f"{name}-values", _Short)


def _caption(text: str, frame: Frame) -> SafeString:
    """What it is, with a unit that the axis leaves out; all of it opens where it was cut."""
    unit = f" ({named(frame.unit)})" if named(frame.unit) else ""
    whole, short = max(text, frame.title, key=len)[:_WHOLE], cut(text, _LONGEST)
    if short == whole or "…" not in short:
        return format_html('<figcaption dir="auto">{}{}</figcaption>', short, unit)
    return format_html(
        '<figcaption dir="auto"><details><summary>{}{}</summary><code>{}</code></details>'
        "</figcaption>",
        short,
        unit,
        whole,
    )


def cut(text: str, most: int) -> str:
    """So many letters at most: cut after a word, where one ends in its second half."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    words, blank, _rest = kept.rpartition(" ")
    return f"{words if blank and len(words) > most // 2 else kept} …"


def _words() -> dict[str, str]:
    return {
        "hint": _("Arrow keys read the values, Home and End go to the ends."),
        "zoom": _("Drag to look closer."),
        "none": _("no value"),
        "only": _("Show only this one, or all again"),
    }


def _key(series: Sequence[Line], frame: Frame) -> SafeString:
    return format_html(
        '<ul class="zsm-key">{}</ul>',
        format_html_join("", "{}", ((o,) for o in _rows(series, frame))),
    )


def _rows(series: Sequence[Line], frame: Frame) -> Iterator[SafeString]:
    for at, line in enumerate(series[:MOST]):
        yield format_html(
            '<li data-line="{}">{}<bdi title="{}">{}</bdi> '
            '<bdi dir="ltr" class="zsm-last">{}</bdi></li>',
            at,
            _swatch(COLOURS[at]),
            (line.whole or line.name)[:_WHOLE],
            cut(line.name, _LONGEST),
            _last(line, frame),
        )
    if len(series) > MOST:
        yield format_html("<li>{}</li>", _("and %(n)d more") % {"n": len(series) - MOST})
    if frame.thresholds:
        limits = ", ".join(
            told(limit, frame.unit, frame.words) for limit in sorted(set(frame.thresholds))
        )
        yield format_html(
            '<li>{}{} <bdi dir="ltr">{}</bdi></li>',
            _swatch(ALARM, thin=True),
            _("threshold"),
            limits,
        )
    for kind in dict.fromkeys(bar.kind for bar in frame.spans):
        yield format_html("<li>{}{}</li>", _swatch(KINDS[kind]), frame.words.kind(kind))


def _last(line: Line, frame: Frame) -> str:
    """The value at the end of the picture; nothing where the series has ended before."""
    at, value = line.points[-1] if line.points else (0, math.nan)
    ended = at < frame.end_ms - 2.5 * frame.step_ms
    return "" if ended or not math.isfinite(value) else told(value, frame.unit, frame.words)


def _swatch(colour: str, *, thin: bool = False) -> SafeString:
    y, height = (4, 2) if thin else (0, 10)
    return format_html(
        '<svg width="10" height="10" aria-hidden="true">'
        '<rect width="10" y="{}" height="{}" fill="{}"/></svg>',
        y,
        height,
        colour,
    )
