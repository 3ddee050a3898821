"""What the network's first dashboards meant to show, and which of our panels shows it.

87 panels in seven dashboards, of which 72 could show nothing: their queries named metrics that
nobody exposes. Here stands each with the panels that answer it now.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Answered(NamedTuple):
    """One of the first panels, and ours: ``dashboard/title``; none where nothing can show it."""

    dashboard: str
    panel: str
    ours: tuple[str, ...]
    why: str = ""


def _all(dashboard: str, *rows: tuple[str, ...]) -> tuple[Answered, ...]:
    return tuple(
        Answered(
            dashboard,
            panel,
            tuple(name.strip() for name in ours.split(";") if name.strip()),
            *why,
        )
        for panel, ours, *why in rows
    )


_CHAIN: Final = "No node exposes a chain; the threshold builder makes rules where one does."

ORIGINAL: Final = (
    *_all(
        "Network Overview",
        ("Network Health Overview", "p2p/Links by state; overview/Network in one piece"),
        ("Total Peers Discovered", "p2p/Peers found; p2p/Peers per node"),
        ("Bandwidth Usage (TX)", "p2p/Bytes by protocol"),
        ("Message Success Rate", "p2p/Message failures; overview/Messages that fail"),
        ("Active Connections by State", "p2p/Links by state; p2p/Links made and failed"),
        ("Bandwidth (TX/RX)", "p2p/Bytes by protocol"),
        (
            "Message Throughput (sent/received/failed)",
            "p2p/Messages by type; p2p/Messages that fail",
        ),
        ("Health Check Status", "nodes/Health checks that fail; nodes/Slowest scrapes"),
        ("Gossip Propagation", "p2p/Gossip propagation p95; p2p/Gossip by action"),
        ("Connection Pool Size", "p2p/Links by state"),
        ("Circuit Relay Usage", "p2p/Relay circuits; p2p/Places and clients"),
        ("DHT Operations", "p2p/DHT look-ups"),
    ),
    *_all(
        "Execution Performance",
        ("Task Execution Success Rate", "execution/Success, 1 h; execution/Tasks that fail"),
        ("Active Guilds", "execution/Guilds"),
        ("Tasks/sec", "execution/Tasks ended"),
        ("Total Receipts Generated", "execution/Receipts"),
        ("Guild Members", "execution/Guilds"),
        (
            "Avg Task Duration (p50/p95/p99)",
            "execution/Task time p95; execution/From submission to the end",
        ),
        ("Task Execution Duration Distribution", "execution/Task time, all tasks"),
        ("WASM Memory Usage", "execution/WASM memory; execution/WASM memory p95"),
        (
            "Task Results (Success/Failure)",
            "execution/Tasks by state; execution/Deadlines that passed",
        ),
        ("Guild Lifecycle", "execution/Operations; execution/Life of guilds"),
        ("Task Cost Distribution", "execution/Cost of a task"),
        ("WASM Exit Codes", "execution/Exit codes, 1 h"),
        ("Receipt Generation Rate", "execution/Receipts; execution/Receipts that are refused"),
    ),
    *_all(
        "Economic Activity",
        ("Total Value Locked (TVL)", "economic/Value locked"),
        ("Active Payment Channels", "economic/Channels by state"),
        ("Active Participants", "economic/Who takes part"),
        ("Payment Success Rate", "economic/Payment success, 1 h"),
        ("Blacklisted Peers", "economic/Blacklisted"),
        ("TVL Trend (24h)", "economic/Value locked over time"),
        ("Channel Lifecycle", "economic/Entering a state; economic/Channels by state"),
        ("Payment Volume & Throughput", "economic/Volume; economic/Payments by result"),
        ("Payment Amount Distribution", "economic/Amounts"),
        ("Reputation Score Distribution", "economic/Most trusted peers; economic/Agents by band"),
        ("Task Success Rate by Peer (Top 10)", "economic/Least successful peers"),
        ("Settlement Activity", "economic/Settlements by result"),
        ("Dispute Rate", "economic/Opened and resolved"),
        ("Blacklist Events", "economic/Blacklist"),
        ("Average Task Cost by Peer (Top 10 Most Active)", "economic/Dearest peers"),
        ("Transaction Throughput (TPS)", "economic/Transactions a second"),
    ),
    *_all(
        "System Health",
        ("Overall System Status", "overview/Nodes up"),
        ("Service Uptime", "nodes/Up by role; nodes/Uptime by role"),
        ("Edge Nodes Uptime", "nodes/Uptime by role"),
        ("Relay Uptime", "nodes/Uptime by role"),
        ("Active Alerts", "overview/Critical alerts; overview/Warnings"),
        ("Error Rate by Component", "overview/Messages; overview/Tasks; overview/Payments"),
        (
            "Component Health Scores",
            "overview/Messages that fail; overview/Tasks that fail; overview/Payments that fail",
        ),
        (
            "Key Metrics Summary",
            "overview/In the economy; overview/Value locked; execution/Guilds; p2p/Links by state",
        ),
        ("Alert History (Last Hour)", "slo/Alert timeline"),
        ("Network Latency (p95)", "overview/How long it takes"),
        ("Resource Warnings", "logs/All lines; logs/Lines by level"),
        ("Critical Metrics Heatmap", "nodes/Up and down"),
    ),
    *_all(
        "Discovery & DHT Performance",
        ("Peer Connections", "nodes/Peers; p2p/Peers per node"),
        ("DHT Lookup Rate (req/s)", "p2p/DHT look-ups"),
        ("DHT Lookup Latency (P95)", "p2p/DHT look-up time"),
        ("DHT Error Rate", "p2p/DHT look-ups that fail"),
        ("Agent Card Operations", "p2p/Agent cards"),
        ("DHT Success vs Error Ratio", "p2p/DHT success"),
    ),
    *_all(
        "Logs Explorer",
        ("Log Volume by Service", "logs/Lines by service"),
        ("Error Rate", "logs/Errors by service"),
        ("Recent Logs (All Services)", "logs/All lines"),
        ("Error Logs", "logs/All lines"),
        ("Warning Logs", "logs/All lines"),
        ("Logs by Trace ID", "logs/All lines"),
        ("Log Level Distribution", "logs/Lines by level"),
        ("Top Services by Log Volume", "logs/Lines by service"),
        ("Error Hotspots (Last Hour)", "logs/Errors by service and logger, 1 h"),
        ("P2P Network Logs", "logs/P2P"),
        ("Execution Logs", "logs/Execution"),
        ("Payment Logs", "logs/Payment"),
    ),
    *_all(
        "Ainur Protocol",
        ("Service Status Overview", "service/Sources; monitoring/Sources"),
        ("SLO Dashboard", "slo/Task budget left, 30 d; slo/Availability budget left, 30 d"),
        ("Task Throughput (tasks/sec)", "execution/Tasks by state"),
        ("API Request Duration P95 (ms)", "service/Time of answers"),
        ("Error Rate (%)", "service/Server errors; execution/Tasks that fail"),
        ("Active Agents", "execution/Agents by status; execution/Executors online"),
        ("Task Queue Depth", "execution/Queue by priority"),
        ("Reputation Updates", "economic/Events by type"),
        ("Payment Status", "economic/Payments by result"),
        ("Blockchain Health", "", _CHAIN),
        ("Circuit Breaker Status", "", "No node exposes a breaker; its state was never set."),
        ("Memory Usage", "nodes/Memory"),
        ("Goroutines", "nodes/Goroutines and threads"),
        (
            "VCG Efficiency Ratio",
            "economic/Winning price and budget, 24 h",
            "The ratio was never set; prices against budgets say how well auctions do.",
        ),
        (
            "Auction Duration Distribution",
            "economic/Auctions that ended, 24 h",
            "No family says how long auctions run; their tables have the planned time alone.",
        ),
        (
            "Agent Selection Performance",
            "p2p/Searches for agents",
            "Selecting was never timed; finding is.",
        ),
    ),
)
