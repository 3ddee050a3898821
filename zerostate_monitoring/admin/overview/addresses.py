"""Where pages of this app's admin are."""

from __future__ import annotations

from typing import Final

from django.urls import NoReverseMatch, reverse

APP: Final = "zerostate_monitoring"


class Addresses:
    """Addresses of pages of this app's admin; none where the project's site lacks the page."""

    def __init__(self, site: str) -> None:
        self._site = site

    def __call__(self, page: str, *args: object, query: str = "") -> str:
        try:
            address = reverse(f"{self._site}:{APP}_{page}", args=args)
        except NoReverseMatch:
            return ""
        return f"{address}?{query}" if query else address
