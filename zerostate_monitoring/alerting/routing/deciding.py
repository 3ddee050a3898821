"""Which routes take an alert. Pure but for the language in which it says why."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from zerostate_monitoring.alerting.routing.values import Entry, Taken
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.rules.matchers import Test, compile_matchers, parse_matchers

logger: Final = logging.getLogger(__name__)


class Verdict(StrEnum):
    """What came of looking at a route."""

    TAKES = "takes"
    NO_MATCH = "no match"
    NOT_REACHED = "not reached"
    NO_RECEIVER = "no receiver"
    BROKEN = "broken"
    LAST_RESORT = "last resort"


@dataclass(frozen=True, slots=True)
class Look:
    """A route that was looked at for an alert, and why it took it or not."""

    taken: Taken
    verdict: Verdict
    reason: str

    @property
    def takes(self) -> bool:
        """Whether the alert goes to its receivers."""
        return self.verdict in {Verdict.TAKES, Verdict.LAST_RESORT}


@dataclass(frozen=True, slots=True)
class _Compiled:
    entry: Entry
    test: Test | None
    fault: str = ""


class Routing:
    """Routes in their order. The first that matches takes, unless it says ``continue``.

    A route without a usable receiver is passed over, so that it takes an alert from none of
    those after it. A route whose matchers cannot be read takes what no other one takes.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._routes = tuple(map(_compile, entries))

    def of(self, labels: Mapping[str, str]) -> tuple[Taken, ...]:
        """The routes that take an alert with ``labels``; none: it is unrouted."""
        found = []
        for route in self._routes:
            if route.test is not None and route.entry.taken.steps and route.test(labels):
                found.append(route.entry.taken)
                if not route.entry.is_continued:
                    break
        return tuple(found) or self._broken()

    def explain(self, labels: Mapping[str, str]) -> tuple[Look, ...]:
        """Each route, in order, with what came of it for an alert with ``labels``."""
        taken = {id(one) for one in self.of(labels)}
        looks, ended = [], ""
        for route in self._routes:
            look = _look(route, labels, ended, taken=id(route.entry.taken) in taken)
            if look.verdict is Verdict.TAKES and not route.entry.is_continued:
                ended = route.entry.taken.route.name
            looks.append(look)
        return tuple(looks)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The routes as they stand in the table."""
        return tuple(route.entry for route in self._routes)

    def faults(self) -> Mapping[int, str]:
        """Routes whose matchers cannot be read: primary key to reason."""
        return {route.entry.taken.route.pk: route.fault for route in self._routes if route.fault}

    def _broken(self) -> tuple[Taken, ...]:
        broken = (route.entry.taken for route in self._routes if route.fault)
        return tuple(taken for taken in broken if taken.steps)


def _compile(entry: Entry) -> _Compiled:
    try:
        return _Compiled(entry, compile_matchers(parse_matchers(entry.matchers)))
    except RuleError as error:
        route = entry.taken.route
        logger.error("route_broken", extra={"route": route.name, "reason": str(error)})  # noqa: TRY400 - the reason says all
        return _Compiled(entry, None, str(error))


def _look(route: _Compiled, labels: Mapping[str, str], ended: str, *, taken: bool) -> Look:
    entry = route.entry
    if route.test is None:
        if taken:
            why = _("Its matchers cannot be read, and no other route takes the alert.")
            said = f"{why} {route.fault}"
            return Look(entry.taken, Verdict.LAST_RESORT, said)
        return Look(entry.taken, Verdict.BROKEN, route.fault)
    if ended:
        said = _("Not reached: %(route)s took the alert and does not continue.")
        return Look(entry.taken, Verdict.NOT_REACHED, said % {"route": ended})
    if not route.test(labels):
        return Look(entry.taken, Verdict.NO_MATCH, _missed(entry, labels))
    if not entry.taken.steps:
        return Look(entry.taken, Verdict.NO_RECEIVER, _without_receiver(entry))
    return Look(entry.taken, Verdict.TAKES, _("All its matchers are met."))


def _missed(entry: Entry, labels: Mapping[str, str]) -> str:
    """Which matchers are not met, and what stands there instead."""
    missed = [m for m in parse_matchers(entry.matchers) if not compile_matchers([m])(labels)]
    said = _("%(matcher)s is not met: it is %(found)s")
    return "; ".join(
        said % {"matcher": f'{m.name}{m.op}"{m.value}"', "found": f'"{labels.get(m.name, "")}"'}
        for m in missed
    )


def _without_receiver(entry: Entry) -> str:
    names = ", ".join(entry.disabled_receivers)
    if names:
        return _("Passed over: %(names)s disabled.") % {"names": names}
    return _("Passed over: it has no receiver.")
