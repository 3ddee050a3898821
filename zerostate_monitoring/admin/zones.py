"""Times as the clock of who reads shows them: a script tells the browser's zone by a cookie.

Until it has, and where a project says so, they are in the project's zone; each says its zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.forms.widgets import Script
from django.http import HttpRequest
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from zerostate_monitoring.conf import conf

View = Callable[..., Any]

COOKIE: Final = "zerostate_monitoring_zone"
SCRIPT: Final = Script("zerostate_monitoring/zone.js", type="module")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")


def in_viewers_zone(
    patterns: list[URLPattern | URLResolver],
) -> list[URLPattern | URLResolver]:
    """The same addresses; each page shows and takes times in the zone of who asks."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _zoned(pattern.callback)
    return patterns


def _zoned(view: View) -> View:
    @wraps(view)
    def zoned(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        zone = zone_of(request)
        if zone is None:
            return view(request, *args, **kwargs)
        with timezone.override(zone):
            answer = view(request, *args, **kwargs)
        if isinstance(answer, SimpleTemplateResponse) and not answer.is_rendered:
            # Django renders it when this is over.
            answer.render = _within(zone, answer.render)  # type: ignore[method-assign]
        return answer

    return zoned


def _within(zone: ZoneInfo, render: Callable[[], Any]) -> Callable[[], Any]:
    def rendered() -> Any:
        with timezone.override(zone):
            return render()

    return rendered


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """The browser's zone; None where the project's is to be taken, or another was chosen."""
    if not (settings.USE_TZ and conf.BROWSER_TIME_ZONE):
        return None
    # A project that activates zones of its own knows better.
    if timezone.get_current_timezone_name() != timezone.get_default_timezone_name():
        return None
    return _named(request.COOKIES.get(COOKIE, ""))


@lru_cache(maxsize=1_000)
def _named(name: str) -> ZoneInfo | None:
    """The zone of this name; a cookie holds anything."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
