"""Monitoring itself: the way out of the house, and what it costs."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    UP,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Limits,
    Row,
    Setting,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    bars,
    lines,
    now,
    q,
    quantiles,
    top,
)

_RECEIVER: Final = 'receiver=~"$receiver"'

_PAGE: Final = 'path=~"/?metrics"'


PAGE_LIMITS: Final = Limits(
    amber=Setting("PAGE_MAX_SERIES", times=0.8), red=Setting("PAGE_MAX_SERIES")
)

DELIVERY: Final = Row(
    title="Delivery",
    panels=(
        lines(
            "Messages by receiver and outcome",
            Unit.PER_MINUTE,
            "What was sent, tried again, and given up.",
            q(
                "60 * sum by (receiver, outcome) "
                f"(rate(zerostate_monitoring_deliveries_total{{{_RECEIVER}}}[10m]))",
                "{{receiver}}: {{outcome}}",
            ),
            rules=("DeliveriesDead",),
        ),
        lines(
            "From slot to receiver",
            Unit.SECONDS,
            "How long it took, within an hour, from the slot at which an alert began or ended"
            " until its receiver had the message: with the wait of its group, 30 s as shipped.",
            *quantiles(
                "zerostate_monitoring_delivery_delay_seconds",
                _RECEIVER,
                window="1h",
                of=(0.5, 0.99),
            ),
            rules=("OutboxDelayed",),
        ),
        lines(
            "Notices on their way",
            Unit.COUNT,
            "Due ones wait to be put into messages, frozen ones to be sent, dead ones for you.",
            q("max by (state) (zerostate_monitoring_outbox_entries)", "{{state}}"),
            stacked=True,
            rules=("OutboxDelayed",),
        ),
        lines(
            "Receivers in trouble",
            Unit.COUNT,
            "Receivers whose last messages failed, and that are paused for it.",
            q("max(zerostate_monitoring_receivers_failing)", "failing", Colour.AMBER),
            q(
                f"sum(zerostate_monitoring_receiver_paused{{{_RECEIVER}}})",
                "paused",
                Colour.RED,
            ),
            rules=("DeliveriesDead",),
            traces=True,
        ),
        lines(
            "From an Alertmanager",
            Unit.PER_MINUTE,
            "Messages of an Alertmanager to our webhook, by the status of the answer. 200 is"
            " taken, 409 is told to an installation that evaluates its rules itself.",
            q(
                "60 * sum by (status) "
                "(rate(zerostate_monitoring_alertmanager_messages_total[10m]))",
                "{{status}}",
            ),
            needs="an Alertmanager that tells us of its alerts",
        ),
    ),
)

STORE: Final = Row(
    title="Store",
    panels=(
        lines(
            "Memory against its limit",
            Unit.BYTES,
            "What the server uses, what it may use, and what of it columns and recorded series"
            " take. No limit, no line: it takes what the machine has.",
            q("max(zerostate_monitoring_store_memory_bytes)", "used", Colour.PLAIN),
            q("max(zerostate_monitoring_store_memory_limit_bytes)", "limit", Colour.RED),
            q("max(zerostate_monitoring_history_bytes)", "history"),
            q("max(zerostate_monitoring_recorded_bytes)", "recorded"),
            rules=("StoreDown",),
        ),
        lines(
            "Round trip",
            Unit.SECONDS,
            "How long the store takes to answer a worker that asks for nothing.",
            q("max(zerostate_monitoring_store_round_trip_seconds)", "round trip", Colour.PLAIN),
            limits=Limits(amber=0.05),
            rules=("StoreDown",),
        ),
        lines(
            "Bytes per frame",
            Unit.BYTES,
            "Values of a collector or node, at the mean. It grows with their series.",
            q(
                "sum(zerostate_monitoring_store_frames_bytes)"
                " / sum(zerostate_monitoring_store_frames)",
                "per frame",
                Colour.PLAIN,
            ),
        ),
        lines(
            "Length of history",
            Unit.SECONDS,
            "How far back queries reach. Less than what is set, and longer than that after the"
            " start: it is cut for lack of room.",
            q("max(zerostate_monitoring_history_span_seconds)", "history", Colour.PLAIN),
        ),
        lines(
            "Columns",
            Unit.PER_MINUTE,
            "Slots without a column, and blocks and entries that were let go of for lack of room.",
            q("60 * sum(rate(zerostate_monitoring_history_missed_slots_total[5m]))", "missed"),
            q("60 * sum(rate(zerostate_monitoring_history_blocks_cut_total[5m]))", "blocks cut"),
            q(
                "60 * sum(rate(zerostate_monitoring_recorded_entries_cut_total[5m]))",
                "recorded cut",
            ),
        ),
        lines(
            "Entries that cannot be read",
            Unit.COUNT,
            "What a newer version has written; 0 but during a deployment.",
            q("max(zerostate_monitoring_store_entries_skipped)", "skipped", Colour.AMBER),
            limits=Limits(amber=1),
        ),
    ),
)

PAGE_ROW: Final = Row(
    title="Page",
    panels=(
        lines(
            "Time of a scrape",
            Unit.SECONDS,
            "How long answers with the page take.",
            *quantiles("zerostate_http_request_duration_seconds", _PAGE, of=(0.5, 0.95)),
        ),
        lines(
            "Size of the page",
            Unit.BYTES,
            "What one answer brings, at the mean; packed, where the scraper takes that.",
            q(
                f"sum(rate(zerostate_http_response_size_bytes_sum{{{_PAGE}}}[5m]))"
                f" / sum(rate(zerostate_http_response_size_bytes_count{{{_PAGE}}}[5m]))",
                "bytes",
                Colour.PLAIN,
            ),
        ),
        lines(
            "Scrapes",
            Unit.PER_MINUTE,
            "Who asks for the page, by status. 401 and 403 are a token or a network that is wrong.",
            q(
                f"60 * sum by (status) (rate(zerostate_http_requests_total{{{_PAGE}}}[5m]))",
                "{{status}}",
            ),
            rules=("MonitoringPageDown",),
        ),
        lines(
            "Scrapers",
            Unit.PER_MINUTE,
            "Which programs had the page, as they call themselves. One Prometheus each 15 s is 4.",
            q(
                "60 * sum by (scraper) (rate(zerostate_monitoring_page_answers_total[5m]))",
                "{{scraper}}",
            ),
            rules=("PageScrapedTwice",),
        ),
        lines(
            "Pages that were kept",
            Unit.RATIO,
            "Share of the answers for which nothing had changed, so that no page was made.",
            q(
                'sum(rate(zerostate_monitoring_page_answers_total{page="kept"}[5m])) / '
                'sum(rate(zerostate_monitoring_page_answers_total{page=~"kept|made"}[5m]))',
                "kept",
                Colour.PLAIN,
            ),
        ),
        lines(
            "Series",
            Unit.COUNT,
            "On the page, and left off it because another producer gives them. The lines are 80 %"
            " of what a scrape may bring, and all of it.",
            q("max(zerostate_monitoring_page_series)", "on the page", Colour.PLAIN),
            q("max(zerostate_monitoring_page_refused_series)", "refused", Colour.AMBER),
            limits=PAGE_LIMITS,
            rules=("SeriesOverflow",),
        ),
        lines(
            "Scraped by this Prometheus",
            Unit.UP,
            "Each target of the chosen jobs. The merged page is one target, however many"
            " replicas there are.",
            q('max by (job, instance) (up{job=~"$job"})', "{{job}} {{instance}}"),
            words=UP,
            limits=Limits(red=1, below=True),
            outside=True,
            needs="a Prometheus that scrapes the page",
            rules=("MonitoringPageDown", "PageScrapedTwice"),
        ),
    ),
)

SIZE: Final = Row(
    title="Cardinality",
    panels=(
        top(
            "Largest families",
            'topk(10, count by (__name__) ({__name__=~"zerostate_.+"}))',
            "{{__name__}}",
            Unit.COUNT,
            "Which families have the most series.",
            rules=("SeriesOverflow",),
        ),
        lines(
            "Series folded",
            Unit.PER_MINUTE,
            "Series that were folded into others because their family is full.",
            q(
                "60 * sum by (family) (rate(zerostate_monitoring_series_dropped_total[15m])) > 0",
                "{{family}}",
            ),
            empty_when_well=True,
            fault="cardinality",
            rules=("SeriesOverflow",),
        ),
        bars(
            "Rows of tables",
            Unit.COUNT,
            "The largest tables of this app. What is old is pruned each night.",
            now("topk(10, max by (table) (zerostate_monitoring_table_rows))", "{{table}}"),
        ),
        lines(
            "Lines of log left out",
            Unit.LINES_PER_SECOND,
            "What sampling leaves out, so that a storm does not fill the disk; and what was not "
            "exported.",
            q(
                "sum by (reason, level) (rate(zerostate_log_events_dropped_total[5m]))",
                "{{reason}} {{level}}",
            ),
            to="zerostate-logs",
        ),
    ),
)
