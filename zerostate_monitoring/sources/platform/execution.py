"""What is asked of the platform about work: tasks and the agents that do them."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.sources.platform.figures import (
    added,
    by_value,
    joined,
    one_of,
    over,
    rows,
    single,
    spelled,
)

AGENT_STATUSES: Final = spelled("online", "busy", "offline", "maintenance")
# The orchestrator numbers its priorities from 0 and takes "normal" where none is named.
PRIORITIES: Final = spelled(
    "low", "normal", "high", "critical", low=("0",), normal=("1",), high=("2",), critical=("3",)
)
WORKING: Final = one_of("{status}", ("online", "busy"))
WAITING: Final = one_of("{status}", ("pending", "queued"))

EXECUTION: Final = (
    over(
        "tasks",
        single("tasks_total", "count(*)", "submitted"),
        rows("tasks_total", "{status} = 'completed'", "completed"),
        rows("tasks_total", "{status} = 'failed'", "failed"),
        events=("created_at", "completed_at"),
    ),
    joined(
        {"t": "tasks"},
        f"tasks AS t WHERE {WAITING}",
        by_value("task_queue_depth", "coalesce({priority:text}, 'normal')", PRIORITIES),
        by_value("task_queue_depth", "coalesce({metadata:key priority}, 'normal')", PRIORITIES),
    ),
    over(
        "agents",
        by_value("agents", "{status}", AGENT_STATUSES),
        added("agent_load", "{current_load}", WORKING),
        added("agent_capacity", "{max_capacity}", WORKING),
    ),
)
