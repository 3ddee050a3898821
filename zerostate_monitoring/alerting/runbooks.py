"""Runbooks of the built-in rules: pages that this app shows, and where they are."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.generators import runbooks
from zerostate_monitoring.generators.addresses import path_of
from zerostate_monitoring.generators.markdown import html
from zerostate_monitoring.generators.runbooks import SUFFIX

_OUTSIDE: Final = "../"


def page_of(name: str) -> SafeString | None:
    """The runbook of a built-in rule as HTML, without its title; ``None`` where there is none."""
    text = runbooks.page(name)
    return None if text is None else _shown(text)


def index() -> SafeString:
    """The list of all runbooks as HTML, without its title."""
    return _shown(runbooks.index())


def _shown(text: str) -> SafeString:
    body = text.partition("\n")[2]
    # Our own text, and everything in it is escaped.
    return mark_safe(html(body, _linked, _asked))  # noqa: S308


def _asked(language: str, code: str) -> str:
    """The way from a query to its answer; the page of admin asks who one is."""
    try:
        explore = reverse("admin:zerostate_monitoring_explore") if language == "promql" else ""
    except NoReverseMatch:
        return ""
    if not explore:
        return ""
    address = f"{explore}?{urlencode({'query': code})}"
    return format_html('<p class="zsm-asked"><a href="{}">{}</a></p>', address, _("Ask it now"))


def _linked(target: str) -> str:
    """Where a link of a runbook leads: to another's page; to documents, nowhere."""
    if target.startswith(_OUTSIDE):
        return ""
    return path_of("runbook", target.removesuffix(SUFFIX)) if target.endswith(SUFFIX) else target
