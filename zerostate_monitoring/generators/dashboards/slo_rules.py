"""Alerts and SLO: what holds alerts back, who looks at them, and which rules are too loud."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import LIVE_ALERTS
from zerostate_monitoring.generators.dashboards.values import Colour, Limits, Row, Unit
from zerostate_monitoring.generators.dashboards.words import lines, now, q, table, top

CHOSEN: Final = 'severity=~"$severity", layer=~"$layer"'
"""The variables of this dashboard, as matchers."""

_NOISY: Final = (
    ("transitions", 'to="firing", severity!="none"', "fired"),
    ("messages", "", "messages"),
    ("verdicts", 'verdict="noise"', "noise"),
    ("verdicts", 'verdict="useful"', "useful"),
)
_MINUTES: Final = (
    "5 * sum by (alertname) (count_over_time(ALERTS"
    '{alertstate="firing", severity!="none"}[30d:5m]))'
)


def _of_rules(family: str, matchers: str) -> str:
    chosen = f"{{{matchers}}}" if matchers else ""
    counted = f"zerostate_monitoring_alert_{family}_total{chosen}"
    return f"sum by (alertname) (increase({counted}[30d])) > 0"


HELD: Final = Row(
    title="Silences, maintenance, and who looks",
    panels=(
        lines(
            "Silences and maintenance",
            Unit.COUNT,
            "Active ones hold alerts back now, pending ones will. Which they are stands in admin.",
            q("sum by (kind, state) (zerostate_monitoring_silences)", "{{kind}}: {{state}}"),
        ),
        lines(
            "Taken on",
            Unit.COUNT,
            "Alerts that fire, and those of them that somebody has acknowledged.",
            q(
                f'sum(zerostate_monitoring_alerts{{alertstate="firing", {CHOSEN}}})',
                "firing",
                Colour.RED,
            ),
            q(
                'sum(zerostate_monitoring_alerts_acknowledged{severity=~"$severity"})',
                "acknowledged",
                Colour.PLAIN,
            ),
        ),
        lines(
            "What holds alerts back",
            Unit.COUNT,
            "Alerts that fire, by what keeps them from being sent; and how many there are beside"
            " those that are shown one by one.",
            q(
                f'sum by (held_by) ({LIVE_ALERTS}{{alertstate="firing", {CHOSEN}}})',
                "{{held_by}}",
            ),
            q("max(zerostate_monitoring_live_alerts_left_out)", "left out", Colour.AMBER),
        ),
    ),
)

NOISE: Final = Row(
    title="Noisiest rules, 30 days",
    panels=(
        table(
            "Rules by noise",
            Unit.COUNT,
            "How often the alerts of each rule fired, for how many minutes, how many messages they"
            " made people read, and what these said of them afterwards.",
            *(now(_of_rules(family, matchers), legend) for family, matchers, legend in _NOISY),
            now(_MINUTES, "minutes"),
            by="alertname",
            columns=("alertname", "fired", "minutes", "messages", "noise", "useful"),
            units={"minutes": Unit.MINUTES},
            sort="messages",
            hidden=("Time",),
            width=24,
            height=10,
            empty_when_well=True,
            fault="payments",
        ),
        top(
            "Fired most often",
            "topk(10, sum by (alertname) (increase(zerostate_monitoring_alert_transitions_total"
            '{to="firing"}[30d])))',
            "{{alertname}}",
            Unit.COUNT,
            "Rules to look at first.",
        ),
        top(
            "Minutes of firing",
            f"topk(10, {_MINUTES})",
            "{{alertname}}",
            Unit.MINUTES,
            "How long alerts of a rule fired, to five minutes.",
            empty_when_well=True,
            fault="payments",
        ),
        lines(
            "Changes of state",
            Unit.PER_MINUTE,
            "How often alerts begin, fire and end. inactive is the end of one that never fired.",
            q(
                "60 * sum by (to) (rate(zerostate_monitoring_alert_transitions_total[10m]))",
                "{{to}}",
            ),
        ),
        lines(
            "How long alerts fire",
            Unit.SECONDS,
            "Half of those that ended within a day, by severity.",
            q(
                "histogram_quantile(0.5, sum by (le, severity) "
                "(increase(zerostate_monitoring_alert_firing_seconds_bucket[1d])))",
                "{{severity}}",
            ),
        ),
        top(
            "Messages by receiver, 24 h",
            "topk(10, sum by (receiver, outcome)"
            " (increase(zerostate_monitoring_deliveries_total[24h])))",
            "{{receiver}}: {{outcome}}",
            Unit.COUNT,
            "Who is told how much.",
            to="zerostate-monitoring",
        ),
        top(
            "Verdicts, 30 d",
            "sum by (verdict) (increase(zerostate_monitoring_alert_verdicts_total[30d]))",
            "{{verdict}}",
            Unit.COUNT,
            "What people said of alerts after they were over.",
        ),
        lines(
            "Rules that are silent",
            Unit.COUNT,
            "Rules by how they fare: dormant ones have nothing to look at, observing ones send"
            " nothing yet.",
            q("sum by (health) (zerostate_monitoring_rules)", "{{health}}"),
        ),
        lines(
            "Alerts that nobody is told of",
            Unit.COUNT,
            "No route takes them to a receiver.",
            q("max(zerostate_monitoring_alerts_unrouted)", "unrouted", Colour.RED),
            limits=Limits(red=1),
        ),
    ),
)
