"""The network in figures: what is asked, in one question for now and one for yesterday."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.promql.data import NAME, Matrix, Vector
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier
from zerostate_monitoring.storage.store import Store, current_store

Points = Sequence[tuple[int, float]]

SPAN_MS: Final = 3_600_000
STEP_MS: Final = 60_000
DAY_MS: Final = 86_400_000
_HALF_HOUR_MS: Final = 1_800_000
_KEPT_STEP_MS: Final = 300_000
_NAME: Final = "figure"
_OPTIONS: Final = Options(timeout_seconds=1.5)
_ENDED: Final = 'zerostate_tasks_total{status=~"completed|failed"}'
_FAILED: Final = 'zerostate_tasks_total{status="failed"}'
_PAID: Final = 'zerostate_economic_payments_total{status=~"success|failed"}'
_UNPAID: Final = 'zerostate_economic_payments_total{status="failed"}'


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what is asked now, what is kept of it for weeks, and where more stands.

    ``kept`` names series of sums or means of five minutes, for where no whole day is remembered:
    one, whose mean over ``kept_over`` is the figure, or of a share the part and the whole.
    """

    key: str
    title: str | Promise
    unit: str | Promise | Callable[[int], str]
    expr: str
    family: str
    kept: tuple[str, ...] = ()
    kept_over: float = 1
    is_share: bool = False

    def unit_of(self, value: float) -> str:
        """The unit, as it follows ``value``: one peer, two peers."""
        if not callable(self.unit):
            return str(self.unit)
        whole = abs(value)
        return self.unit(int(whole) if whole == int(whole) else _BROKEN)


_BROKEN: Final = 2
"""Half a peer is said as many are."""


def _share(part: str, whole: str) -> str:
    return f"1 - sum(increase({part}[15m])) / sum(increase({whole}[15m]))"


FIGURES: Final = (
    Figure(
        "peers",
        _("Peers linked"),
        lambda n: ngettext("peer", "peers", n),
        "sum(zerostate_p2p_peers_connected) or sum(zerostate_peer_connections)",
        "zerostate_p2p_peers_connected",
    ),
    Figure(
        "guilds",
        _("Guilds"),
        _("active"),
        'max(zerostate_guilds{state="active"})',
        "zerostate_guilds",
    ),
    Figure(
        "tasks",
        _("Tasks ended"),
        _("a second"),
        f"sum(rate({_ENDED}[5m]))",
        "zerostate_tasks_total",
        ("zerostate:tasks_ended:increase5m",),
        kept_over=300,
    ),
    Figure(
        "task_success",
        _("Task success"),
        _("of 15 min"),
        _share(_FAILED, _ENDED),
        "zerostate_tasks_total",
        ("zerostate:tasks_failed:increase5m", "zerostate:tasks_ended:increase5m"),
        is_share=True,
    ),
    Figure(
        "value_locked",
        _("Value locked"),
        lambda n: ngettext("unit", "units", n),
        "sum(zerostate_economic_total_value_locked)",
        "zerostate_economic_total_value_locked",
        ("zerostate:value_locked:avg5m",),
    ),
    Figure(
        "payments",
        _("Payments"),
        _("a second"),
        f"sum(rate({_PAID}[5m]))",
        "zerostate_economic_payments_total",
        ("zerostate:payments_ended:increase5m",),
        kept_over=300,
    ),
    Figure(
        "payment_success",
        _("Payment success"),
        _("of 15 min"),
        _share(_UNPAID, _PAID),
        "zerostate_economic_payments_total",
        ("zerostate:payments_failed:increase5m", "zerostate:payments_ended:increase5m"),
        is_share=True,
    ),
    Figure(
        "disputes",
        _("Open disputes"),
        lambda n: ngettext("dispute", "disputes", n),
        'sum(zerostate_disputes{status=~"open|reviewing"})',
        "zerostate_disputes",
    ),
)


DROPPED: Final = Figure(
    "dropped", "", "", "sum(increase(zerostate_log_events_dropped_total[1h]))", ""
)
"""Log lines that were left out; shown among what monitoring lacks."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The last hour of all figures, and their values yesterday, by the figures' keys.

    ``problem`` says why there are none.
    """

    points: Mapping[str, Points] = field(default_factory=dict)
    yesterday: Mapping[str, float] = field(default_factory=dict)
    start_ms: int = 0
    end_ms: int = 0
    problem: str = ""

    def now(self, key: str) -> float | None:
        """The newest value, if it is of now."""
        points = self.points.get(key, ())
        if not points or points[-1][0] < self.end_ms - 2 * STEP_MS:
            return None
        value = points[-1][1]
        return value if math.isfinite(value) else None


def ask(at_ms: int | None = None) -> Shown:
    """All figures; two questions with timeouts, and no error."""
    now_ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    end_ms = now_ms // _interval_ms() * _interval_ms()
    start_ms = end_ms - SPAN_MS
    if not conf.ENABLED or (conf.HISTORY <= 0 and not conf.PROMETHEUS_URL):
        return Shown(problem=str(_("No history is kept here: ZEROSTATE_MONITORING_HISTORY is 0.")))
    try:
        asked = _together((*FIGURES, DROPPED), lambda one: one.expr)
        result = querier(long=False).range(asked, start_ms, end_ms, STEP_MS, _OPTIONS)
        runs = result.value.runs if isinstance(result.value, Matrix) else ()
        points = {
            dict(run.labels)[_NAME]: list(zip(run.times.tolist(), run.values.tolist(), strict=True))
            for run in runs
        }
        return Shown(points, yesterday(now_ms), start_ms, end_ms)
    except MonitoringError as error:
        return Shown(problem=in_words(str(error)))


def _interval_ms() -> int:
    return max(round(conf.HISTORY_INTERVAL_SECONDS * 1000), 1_000)


def _together(figures: Sequence[Figure], of: Callable[[Figure], str]) -> str:
    """All as one question: each answers with its key as a label."""
    asked = ((one.key, of(one)) for one in figures)
    return " or ".join(
        f'label_replace({text}, "{_NAME}", "{key}", "", "")' for key, text in asked if text
    )


# -- yesterday --------------------------------------------------------------------

_known: Final[WeakKeyDictionary[Store, tuple[tuple[int, str], Mapping[str, float]]]] = (
    WeakKeyDictionary()
)
"""What was found of yesterday; it is new every five minutes, so it is not asked each time."""


def yesterday(now_ms: int) -> Mapping[str, float]:
    """The means of the hour around this time yesterday, of what is remembered.

    Raises:
        MonitoringError: whoever has the answer is away.
    """
    moment = (now_ms // _KEPT_STEP_MS, conf.PROMETHEUS_URL)
    store = current_store()
    key, found = _known.get(store, ((0, ""), {}))
    if key != moment:
        found = _asked_of_yesterday(now_ms)
        _known[store] = (moment, found)
    return found


def _asked_of_yesterday(now_ms: int) -> Mapping[str, float]:
    at_ms = now_ms // _KEPT_STEP_MS * _KEPT_STEP_MS - DAY_MS + _HALF_HOUR_MS
    if conf.PROMETHEUS_URL or conf.HISTORY * 1000 > DAY_MS + _HALF_HOUR_MS:
        text = _together(FIGURES, lambda one: f"avg_over_time(({one.expr})[1h:5m])")
        result = querier().instant(text, at_ms, _OPTIONS)
        samples = result.value.samples if isinstance(result.value, Vector) else ()
        found = {dict(one.labels)[_NAME]: one.value for one in samples}
    else:
        # One selector: one look into the database.
        names = "|".join(sorted({name for one in FIGURES for name in one.kept}))
        result = querier().instant(f'{{{NAME}=~"{names}"}}[1h]', at_ms, _OPTIONS)
        runs = result.value.runs if isinstance(result.value, Matrix) else ()
        found = kept_figures({dict(run.labels)[NAME]: float(run.values.mean()) for run in runs})
    return {key: value for key, value in found.items() if math.isfinite(value)}


def kept_figures(means: Mapping[str, float]) -> dict[str, float]:
    """Figures out of the means of series that are kept, by their names. Pure."""
    found = {}
    for one in FIGURES:
        if not one.kept or any(name not in means for name in one.kept):
            continue
        if not one.is_share:
            found[one.key] = means[one.kept[0]] / one.kept_over
        elif means[one.kept[1]]:
            found[one.key] = 1 - means[one.kept[0]] / means[one.kept[1]]
    return found
