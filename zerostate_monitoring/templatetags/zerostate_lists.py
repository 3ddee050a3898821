"""Lists on a phone: each cell says its column, so that a row can stand there as a card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django import template
from django.contrib.admin.templatetags.admin_list import ResultList
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()

_OF_A_ROW: Final = ' scope="row"'
_NOTHING: Final = frozenset({"", "-", "–"})


@register.filter
def labelled(results: Iterable[Any], headers: Sequence[Mapping[str, Any]]) -> list[ResultList]:
    """Django's rows, whose cells carry the titles of their columns in ``data-title``."""
    titles = [_title(header) for header in headers]
    return [ResultList(getattr(row, "form", None), _cells(row, titles)) for row in results]


def _title(header: Mapping[str, Any]) -> str:
    """The text of a column; the one of boxes has a box of its own, and none."""
    text = str(header.get("text", ""))
    return "" if "<input" in text else str(capfirst(text))


def _cells(row: Iterable[Any], titles: Sequence[str]) -> Iterator[SafeString]:
    for number, cell in enumerate(row):
        html, title = str(cell), titles[number] if number < len(titles) else ""
        tag = html[:3]
        if tag not in {"<td", "<th"}:
            yield mark_safe(html)  # noqa: S308 - Django's own cell
            continue
        scope = _OF_A_ROW if tag == "<th" else ""
        said = format_html(' data-title="{}"', title) if title else ""
        bare = " data-bare" if _is_bare(html) else ""
        # Escaped where it was made, by Django; the title is escaped above.
        yield mark_safe(f"{tag}{scope}{said}{bare}{html[3:]}")  # noqa: S308


def _is_bare(html: str) -> bool:
    """Whether a cell says nothing: a card leaves it out."""
    if len(html) > 200 or "<input" in html or "<svg" in html or "<img" in html:
        return False
    return strip_tags(html).strip() in _NOTHING
