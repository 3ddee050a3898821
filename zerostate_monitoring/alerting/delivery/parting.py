"""Which alerts stand in which message of a flush. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zerostate_monitoring.alerting.delivery.deciding import Plan, Told


@dataclass(frozen=True, slots=True)
class Part:
    """What one message tells: ``lines`` by name, ``counted`` as a number only."""

    lines: Sequence[Told]
    counted: Sequence[Told] = ()


def parts_of(plan: Plan, most: int, *, tells_each: bool) -> Sequence[Part]:
    """The messages that tell a plan; none where there is nothing to send.

    For people one message names ``most`` alerts, counts the others and lists what fires as it
    did before. A receiver that wants to hear of each alert by itself gets as many messages as
    that takes, without those of which there is nothing new: each is tried, recorded and
    repeated for itself.
    """
    if not plan.sends:
        return ()
    lines = plan.lines()
    if not tells_each:
        return (Part(lines[:most], lines[most:]),)
    known = {alert.pk for alert in plan.unchanged}
    news = [one for one in lines if one.alert.pk not in known]
    return [Part(news[start : start + most]) for start in range(0, len(news), most)]
