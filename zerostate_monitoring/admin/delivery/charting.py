"""What waited, was sent and failed over time, as history has it; bounded, and never in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.figures import figure
from zerostate_monitoring.charts.lines import Frame, Line
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.notifiers.canary import NAME as CANARY
from zerostate_monitoring.promql.data import Matrix, Run
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier

HOURS: Final = (1, 6, 24, 168)
"""How far back a picture may go; the first where nobody asks: history has it."""
_TIMEOUT: Final = Options(timeout_seconds=2.0)
_POINTS: Final = 240
_HOUR_MS: Final = 3_600_000

_WAITING: Final = "sum by (state) (zerostate_monitoring_outbox_entries)"
_STATES: Final[Mapping[str, object]] = {
    "due": gettext_lazy("waiting for their message"),
    "frozen": gettext_lazy("in a message that is on its way"),
    "dead": gettext_lazy("in a dead letter"),
}
_OUTCOMES: Final[Mapping[str, object]] = {
    "sent": gettext_lazy("sent"),
    "retried": gettext_lazy("tried in vain"),
    "dead_letter": gettext_lazy("given up"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart and its title, or why there is none."""

    title: str
    svg: SafeString | str = ""
    problem: str = ""


def pictures(hours: int, now: datetime) -> list[Picture]:
    """Two charts: what stands in the outbox, and what became of messages."""
    if conf.HISTORY <= 0 and not conf.PROMETHEUS_URL:
        problem = _("No history is kept here: ZEROSTATE_MONITORING_HISTORY is 0.")
        return [Picture(_("Over time"), problem=problem)]
    step = _step_ms(hours)
    seconds = max(step * 4 // 1000, 300)
    titles = (
        _("Notices in the outbox; a message holds one or more of them"),
        _("What became of messages, counted over %s each time; without those of the canary")
        % display.age(seconds),
    )
    asked = (
        (titles[0], _WAITING, "state", _STATES),
        (titles[1], became(seconds), "outcome", _OUTCOMES),
    )
    return [_picture(*one, hours, step, now) for one in asked]


def became(seconds: int) -> str:
    """How many messages came to each end within so many seconds, without those of the canary.

    What is counted over a window is worked out; nobody sends 2.105 messages.
    """
    family = f'zerostate_monitoring_deliveries_total{{receiver!="{CANARY}"}}'
    return f"round(sum by (outcome) (increase({family}[{seconds}s])))"


def _step_ms(hours: int) -> int:
    least = max(round(conf.HISTORY_INTERVAL_SECONDS * 1000), 15_000)
    return max(-(-hours * _HOUR_MS // _POINTS // least) * least, least)


def _picture(
    title: str,
    expr: str,
    label: str,
    names: Mapping[str, object],
    hours: int,
    step: int,
    now: datetime,
) -> Picture:
    end = int(now.timestamp() * 1000) // step * step
    try:
        result = querier().range(expr, end - hours * _HOUR_MS, end, step, _TIMEOUT)
    except MonitoringError as error:
        return Picture(title, problem=in_words(str(error)))
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    found = _lines(runs, label, names)
    if not found:
        return Picture(title, problem=_("Nothing is known of this time."))
    zone = timezone.get_current_timezone()
    # A young history is not pressed against the edge.
    first = min(line.points[0][0] for line in found)
    start = max(end - hours * _HOUR_MS, min(first, end - 900_000))
    frame = Frame(start, end, step, zone, title=title)
    return Picture(title, figure(found, frame, name=f"delivery-{label}"))


def _lines(runs: Sequence[Run], label: str, names: Mapping[str, object]) -> list[Line]:
    """In the order of ``names``, so that a colour means the same each time."""
    found = {dict(run.labels).get(label, ""): run for run in runs}
    return [
        Line(
            str(word),
            list(zip(found[key].times.tolist(), found[key].values.tolist(), strict=True)),
        )
        for key, word in names.items()
        if key in found
    ]
