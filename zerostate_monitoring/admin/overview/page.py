"""All that the overview shows, for whoever looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.live import Live
from zerostate_monitoring.admin.overview import lacks, listing
from zerostate_monitoring.admin.overview.addresses import APP, Addresses
from zerostate_monitoring.admin.overview.counting import (
    Counted,
    alerts_by_kind,
    by_severity,
    count,
)
from zerostate_monitoring.admin.overview.figures import (
    DROPPED,
    FIGURES,
    STEP_MS,
    Figure,
    Shown,
    ask,
)
from zerostate_monitoring.admin.overview.nodes import Nodes, nodes_by_state
from zerostate_monitoring.admin.overview.verdict import verdict_of
from zerostate_monitoring.charts.spark import spark
from zerostate_monitoring.collectors.node_names import NOTE
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.storage.store import current_store

_SEEN: Final = ("alert", "node", "collector", "metric", "rule", "message", "receiver", "rulegroup")

May = Callable[[str], bool]


def may_see(request: HttpRequest) -> bool:
    """Whether there is anything on the page for whoever asks."""
    may = _views(request)
    return any(may(model) for model in _SEEN)


def _views(request: HttpRequest) -> May:
    return lambda model: bool(request.user.has_perm(f"{APP}.view_{model}"))


def overview_context(request: HttpRequest, now: datetime, site: str) -> dict[str, Any]:
    """Everything; a constant number of queries, and two questions to whoever has history."""
    may, to = _views(request), Addresses(site)
    notes, away = _notes()
    shown = Shown(problem=away) if away and not conf.PROMETHEUS_URL else ask()
    counted = count(now)
    kinds = alerts_by_kind() if may("alert") else {}
    looked = listing.looked_at(now) if may("alert") else listing.Looked()
    standings = by_severity(kinds)
    nodes = nodes_by_state(notes) if may("node") else Nodes()
    signs = lacks.signs(counted, standings.values(), shown.now(DROPPED.key), now)
    trouble = sum(sign.is_trouble for sign in signs)
    facts = listing.facts(standings, looked, nodes)
    blind = lacks.blindness(counted, now) or _blind(away)
    facts = replace(facts, blind=blind, lacks=trouble, watches=_watches(counted, shown))
    verdict = verdict_of(facts)
    return {
        "at": now,
        "live": Live(up=not away, enabled=conf.ENABLED),
        "verdict": verdict,
        "sign": display.SIGNS[verdict.tone],
        "script_words": script_words(),
        "elsewhere": _elsewhere(may, to),
        "sees": {model: may(model) for model in _SEEN},
        "table": listing.table(standings, to) if may("alert") else [],
        **listing.listed(kinds, looked, now, to),
        "may_acknowledge": request.user.has_perm(f"{APP}.acknowledge_alert"),
        "may_silence": request.user.has_perm(f"{APP}.silence_alert"),
        "knows_yesterday": bool(shown.yesterday),
        "figures": [_figure(one, shown, to if may("metric") else None) for one in FIGURES],
        "figures_problem": shown.problem,
        "nodes": nodes,
        "signs": [_sign(sign, may, to) for sign in signs],
        "trouble": trouble,
    }


def _notes() -> tuple[Mapping[str, Mapping[str, Any]], str]:
    """What nodes' last scrapes left word of, and why the store does not answer."""
    if not conf.ENABLED:
        return {}, ""
    try:
        return current_store().notes(NOTE), ""
    except MonitoringError as error:
        return {}, in_words(str(error))


def _watches(counted: Counted, shown: Shown) -> bool:
    """Whether anything of the network is looked at: processes may tell of it, too."""
    has_figures = any(shown.now(figure.key) is not None for figure in FIGURES)
    return has_figures or bool(counted["nodes"].count or conf.PLATFORM_DATABASE)


def _blind(away: str) -> str:
    return _("the store does not answer.") if away else ""


def script_words() -> dict[str, str]:
    """What the script says; ``{age}`` is filled in there."""
    return {
        "age": _("{age} old"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "pause": _("Stop refreshing"),
        "go": _("Refresh by itself"),
        "failed": _("It cannot be refreshed: {why}. What is shown is {age} old."),
        "status": _("the server answered {status}"),
        "unreachable": _("the server does not answer"),
        "login": _("you are logged out; reload to log in"),
        "back": _("Refreshed again."),
    }


# -- figures ----------------------------------------------------------------------


def _figure(figure: Figure, shown: Shown, to: Addresses | None) -> dict[str, Any]:
    points, value = shown.points.get(figure.key, ()), shown.now(figure.key)
    before = shown.yesterday.get(figure.key)
    heard = _("%(title)s in the last hour") % {"title": figure.title}
    # Made of numbers and an escaped name alone.
    picture = mark_safe(spark(points, name=heard, step_ms=STEP_MS)) if points else ""  # noqa: S308
    return {
        "title": figure.title,
        "value": _number(value, figure),
        "unit": figure.unit_of(_rounded(value)) if value is not None else "",
        "spark": picture,
        "yesterday": _number(before, figure) if before is not None else "",
        "change": _change(value, before, figure),
        "url": to("metric_changelist", query=urlencode({"q": figure.family})) if to else "",
    }


def _number(value: float | None, figure: Figure) -> str:
    if value is None:
        return display.EMPTY
    if figure.is_share:
        return f"{display.number(round(value * 100, 1))} %"
    return display.number(_rounded(value))


def _rounded(value: float) -> float:
    return round(value, 2 if abs(value) < 100 else 0)


def _change(value: float | None, before: float | None, figure: Figure) -> str:
    """How much more or less than yesterday, with a sign."""
    if value is None or before is None or not (before or figure.is_share):
        return ""
    if figure.is_share:
        points = round((value - before) * 100, 1)
        return (_("%+.1f points") % points).replace("-", "−") if points else _("the same")
    percent = round((value - before) / abs(before) * 100)
    return f"{percent:+d}\u00a0%".replace("-", "−") if percent else _("the same")


# -- signs, and where things are -----------------------------------------------------


def _sign(sign: lacks.Sign, may: May, to: Addresses) -> dict[str, Any]:
    """A link only for whoever may follow it."""
    args = () if sign.arg is None else (sign.arg,)
    url = to(sign.page, *args, query=sign.query) if sign.page and may(sign.model) else ""
    return {
        "title": sign.title,
        "badge": sign.badge,
        "text": sign.text,
        "url": url,
        "remedy": sign.remedy if url else "",
        "trouble": sign.is_trouble,
    }


def _elsewhere(may: May, to: Addresses) -> list[tuple[str, str]]:
    """Pages of the whole installation that no list leads to, for whoever may open them."""
    pages = (
        (_("Explore"), "explore", "metric"),
        (_("Doctor"), "doctor", "collector"),
        (_("Delivery"), "delivery", "message"),
        (_("Health"), "health", "collector"),
    )
    found = [(title, to(page)) for title, page, model in pages if may(model)]
    return [(title, url) for title, url in found if url]
