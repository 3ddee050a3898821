"""Which alerts are not sent while others fire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ShippedInhibition:
    """While an alert that meets ``source`` fires, one that meets ``target`` is not sent.

    Both are lists of matchers in Alertmanager's notation. Labels in ``equal`` must agree.
    """

    key: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    equal: tuple[str, ...] = ()


def _alerts(*names: str) -> str:
    return f'alertname="{names[0]}"' if len(names) == 1 else f'alertname=~"{"|".join(names)}"'


INHIBITIONS: Final = (
    ShippedInhibition(
        "critical over warning",
        ('severity="critical"',),
        ('severity="warning"', 'fault!=""'),
        ("fault", "node"),
    ),
    ShippedInhibition(
        "collector isolated: layer p2p",
        (_alerts("CollectorIsolated"),),
        ('layer="p2p"', 'alertname!="CollectorIsolated"'),
    ),
    ShippedInhibition(
        "collector isolated: availability",
        (_alerts("CollectorIsolated"),),
        (_alerts("AvailabilityBudgetBurn"),),
    ),
    ShippedInhibition(
        "many nodes down",
        (_alerts("NodesDownMany"),),
        (_alerts("NodeDown", "BootnodeDown", "NodeIsolated", "PeersLow", "NodeRestarting"),),
    ),
    ShippedInhibition(
        "node down: all else of that node",
        (_alerts("NodeDown", "BootnodeDown"),),
        ('node!=""', 'alertname!~"NodeDown|BootnodeDown"'),
        ("node",),
    ),
    ShippedInhibition(
        "no executors",
        (_alerts("ExecutorsUnavailable"),),
        (_alerts("TasksStalled", "TaskQueueNearFull"),),
    ),
    ShippedInhibition(
        "tasks failing: budgets",
        (_alerts("TasksFailing"),),
        (_alerts("TaskBudgetBurnFast", "TaskBudgetBurnSlow"),),
    ),
    ShippedInhibition(
        "payments failing: budgets",
        (_alerts("PaymentsFailing"),),
        (_alerts("PaymentBudgetBurnFast", "PaymentBudgetBurnSlow"),),
    ),
    ShippedInhibition(
        "platform down: layer economic",
        (_alerts("PlatformSourceDown"),),
        ('layer="economic"',),
    ),
    ShippedInhibition(
        "platform down: executors",
        (_alerts("PlatformSourceDown"),),
        (_alerts("ExecutorsUnavailable"),),
    ),
    ShippedInhibition(
        "platform down: its collectors",
        (_alerts("PlatformSourceDown"),),
        (_alerts("CollectorStale"), 'collector=~"economic|execution"'),
    ),
    ShippedInhibition(
        "store down",
        (_alerts("StoreDown"),),
        (_alerts("CollectorStale", "SeriesOverflow", "RulesFailing"),),
    ),
)


@dataclass(frozen=True, slots=True)
class ShippedRoute:
    """Which alerts go to a receiver that leaves nothing to anybody but this app."""

    key: str
    matchers: tuple[str, ...]
    receiver: str
    kind: str
    group_by: tuple[str, ...]
    group_wait_seconds: float
    group_interval_seconds: float
    repeat_interval_seconds: float


ROUTES: Final = (
    ShippedRoute(
        key="heartbeat",
        matchers=('alertname="Watchdog"', 'severity="none"'),
        receiver="canary",
        kind="canary",
        group_by=("alertname",),
        group_wait_seconds=0,
        group_interval_seconds=60,
        repeat_interval_seconds=60,
    ),
)
