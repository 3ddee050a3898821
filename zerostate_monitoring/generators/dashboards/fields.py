"""Units, colours, words and links of what a panel shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import ascii_uppercase
from typing import Any, Final

from zerostate_monitoring.generators.dashboards.links import Link, Links
from zerostate_monitoring.generators.dashboards.sdk import dashboard
from zerostate_monitoring.generators.dashboards.shapes import custom_of
from zerostate_monitoring.generators.dashboards.thresholds import Thresholds
from zerostate_monitoring.generators.dashboards.values import Colour, Kind, Limits, Panel, Unit

_CLICKED: Final = ("alert", "alertname", "node")
"""Columns of tables that open what they name."""

_GRAVE: Final = {"critical": Colour.RED, "warning": Colour.AMBER}
_PALETTE: Final = frozenset({Kind.LINES})


def link(given: Link) -> dashboard.DashboardLink:
    """A link of a panel or of a cell."""
    return dashboard.DashboardLink(
        title=given.title,
        url=given.url,
        type_val=dashboard.DashboardLinkType.LINK,
        icon="external link",
        target_blank=not given.url.startswith("/d/"),
    )


def field_config(panel: Panel, thresholds: Thresholds, links: Links) -> dashboard.FieldConfigSource:
    """What the fields of a panel's answers look like."""
    defaults = dashboard.FieldConfig(
        unit=panel.unit,
        no_value="none" if panel.empty_when_well else "no data",
        thresholds=_thresholds(panel.limits, thresholds),
        color=dashboard.FieldColor(mode=_colour_mode(panel)),
        mappings=_mappings(panel, thresholds),
        links=[link(one) for one in links.of_time(panel)],
        custom=custom_of(panel),
        **_range(panel),
    )
    overrides = [
        *_named(panel, thresholds),
        *_colours(panel),
        *_units(panel),
        *_severities(panel),
        *_clicks(panel, links),
    ]
    return dashboard.FieldConfigSource(defaults, overrides)


def _thresholds(limits: Limits | None, thresholds: Thresholds) -> dashboard.ThresholdsConfig:
    steps = [dashboard.Threshold(s.value, s.colour) for s in thresholds.steps(limits)]
    return dashboard.ThresholdsConfig(dashboard.ThresholdsMode.ABSOLUTE, steps)


def _colour_mode(panel: Panel) -> dashboard.FieldColorModeId:
    modes = dashboard.FieldColorModeId
    return modes.PALETTE_CLASSIC if panel.kind in _PALETTE else modes.THRESHOLDS


def _mappings(panel: Panel, thresholds: Thresholds) -> list[dashboard.ValueMapping]:
    if not panel.words:
        return []
    results = {
        value: dashboard.ValueMappingResult(
            text=word,
            color=panel.hues.get(value) or thresholds.colour(panel.limits, float(value)),
            index=place,
        )
        for place, (value, word) in enumerate(panel.words.items())
    }
    return [dashboard.ValueMap(results)]


def _range(panel: Panel) -> dict[str, Any]:
    """Shares are drawn from 0 on; curves of shares end where they end."""
    if panel.unit is Unit.RATIO and panel.kind is Kind.BARS:
        return {"min_val": 0.0, "max_val": 1.0}
    return {"min_val": 0.0} if panel.kind is Kind.BARS else {}


def _named(
    panel: Panel, thresholds: Thresholds
) -> Iterator[dashboard.DashboardFieldConfigSourceOverrides]:
    for name, limits in panel.limits_of.items():
        made = {"thresholds": _thresholds(limits, thresholds)}
        yield _override("byName", name, made.items())


def _colours(panel: Panel) -> Iterator[dashboard.DashboardFieldConfigSourceOverrides]:
    for letter, query in zip(ascii_uppercase, panel.queries, strict=False):
        if query.colour is None or panel.kind is not Kind.LINES:
            continue
        mode = "shades" if "{{" in query.legend else "fixed"
        colour = {"mode": mode, "fixedColor": query.colour.value}
        yield _override("byFrameRefID", letter, {"color": colour}.items())


def _units(panel: Panel) -> Iterator[dashboard.DashboardFieldConfigSourceOverrides]:
    for name, unit in panel.units.items():
        yield _override("byName", name, {"unit": unit.value}.items())


def _severities(panel: Panel) -> Iterator[dashboard.DashboardFieldConfigSourceOverrides]:
    """How grave a row is, in the colours of tiles."""
    if "severity" not in panel.columns:
        return
    words = {
        word: dashboard.ValueMappingResult(color=colour, index=place)
        for place, (word, colour) in enumerate(_GRAVE.items())
    }
    told = {"mappings": [dashboard.ValueMap(words)], "custom.cellOptions": {"type": "color-text"}}
    yield _override("byName", "severity", told.items())


def _clicks(panel: Panel, links: Links) -> Iterator[dashboard.DashboardFieldConfigSourceOverrides]:
    if panel.kind is not Kind.TABLE:
        return
    for name in _CLICKED:
        if found := links.of_field(name):
            yield _override("byName", name, {"links": [link(one) for one in found]}.items())


def _override(
    matcher: str, what: str, properties: Iterable[tuple[str, Any]]
) -> dashboard.DashboardFieldConfigSourceOverrides:
    return dashboard.DashboardFieldConfigSourceOverrides(
        matcher=dashboard.MatcherConfig(matcher, what),
        properties=[dashboard.DynamicConfigValue(name, value) for name, value in properties],
    )
