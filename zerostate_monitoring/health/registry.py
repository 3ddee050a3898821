"""What a check is, and the registry of all of them in this process."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from math import inf
from typing import Any, Final, TypeVar, cast

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.health.states import Outcome

logger = logging.getLogger(__name__)

Ask = Callable[[], Outcome]
Seconds = float | Callable[[], float]
A = TypeVar("A", bound=Ask)

KEEP_SECONDS: Final = 1.0
"""For so long an answer is told again without asking."""

TIMEOUT_SECONDS: Final = 2.0

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,49}\Z")


@dataclass(frozen=True, slots=True)
class Check:
    """One registered check. ``timeout`` and ``keep`` are seconds, or functions that give them;
    ``about`` is what it speaks of, such as ``service``; ``place`` is where it was registered.
    """

    name: str
    ask: Ask = field(compare=False)
    timeout: Seconds
    keep: Seconds
    about: str
    place: str

    @property
    def timeout_seconds(self) -> float:
        """After so long without an answer the component is unhealthy."""
        return _number(self, "timeout", self.timeout, TIMEOUT_SECONDS)

    @property
    def keep_seconds(self) -> float:
        """For so long an answer is told again."""
        return _number(self, "keep", self.keep, KEEP_SECONDS)


class CheckRegistry(Mapping[str, Check]):
    """Checks by name, in the order of their registration."""

    def __init__(self) -> None:
        self._checks: Final[dict[str, Check]] = {}

    def add(self, made: Check) -> None:
        """Register ``made``; the same place may register again (a reload).

        Raises:
            ConfigurationError: the name cannot be a label value, what is to be asked is no
                function, a time is no positive number, or another place has the name.
        """
        # Types are promised, and a project without a type checker breaks such promises.
        name, ask = cast("Any", made.name), cast("Any", made.ask)
        if not isinstance(name, str) or not _NAME.match(name) or name == PROCESS:
            message = f"{made.place}: {made.name!r} is no name of a check; use a-z, 0-9, _ and -,"
            raise ConfigurationError(f"{message} from a letter, and not {PROCESS!r}")
        if not callable(ask) or iscoroutinefunction(ask):
            message = f"{made.place}: a check is a function that is called in a thread;"
            raise ConfigurationError(f"{message} wrap a coroutine in asgiref's async_to_sync")
        for what, value in (("timeout", made.timeout), ("keep", made.keep)):
            if not callable(value) and not _is_time(value):
                message = f"{made.place}: {what} is {value!r}; give seconds above 0"
                raise ConfigurationError(message)
        known = self._checks.get(made.name)
        if known is not None and known.place != made.place:
            message = f"check {made.name!r} is registered by {known.place} and by {made.place}"
            raise ConfigurationError(message)
        self._checks[made.name] = made

    def discard(self, name: str) -> None:
        """Forget the check ``name`` if it is known."""
        self._checks.pop(name, None)

    def __getitem__(self, name: str) -> Check:
        return self._checks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)


PROCESS: Final = "process"
"""The component that is always there: whether this process has started, and is not leaving."""

CHECKS: Final = CheckRegistry()


def check(
    name: str,
    *,
    timeout: Seconds = TIMEOUT_SECONDS,
    keep: Seconds = KEEP_SECONDS,
    about: str = "project",
    registry: CheckRegistry = CHECKS,
) -> Callable[[A], A]:
    """Register the decorated function as the check ``name``; the function stays as it is.

    Args:
        name: label value and key in JSON: a-z, 0-9, ``_`` and ``-``, from a letter.
        timeout: seconds after which a check that has not answered is unhealthy. Nothing ends
            it: give what it calls a timeout of its own that is shorter.
        keep: seconds for which an answer is told again without asking.
        about: what it speaks of; the page in admin is sorted by it.
        registry: where to; the process-wide one unless a test says otherwise.

    Raises:
        ConfigurationError: see ``CheckRegistry.add``.
    """

    def register(ask: A) -> A:
        place = f"{ask.__module__}.{getattr(ask, '__qualname__', repr(ask))}"
        registry.add(Check(name, ask, timeout, keep, about, place))
        return ask

    return register


def _is_time(value: object) -> bool:
    """Whether it is a number of seconds; text and truth are none, though float() takes them."""
    return isinstance(value, int | float) and value is not True and 0 < value < inf


def _number(check: Check, what: str, value: Seconds, default: float) -> float:
    """The time as it is now.

    A function may be a setting's, which changes: one that gives no time is told of once, and
    the check goes on with the default.
    """
    try:
        given: Any = value() if callable(value) else value
        if _is_time(given):
            return float(given)
    except Exception as error:  # noqa: BLE001 - a project's code; it is told, and the check still counts
        given = error
    if (check.name, what) not in _told:
        _told.add((check.name, what))
        extra = {"component": check.name, "time": what, "given": repr(given), "used": default}
        logger.warning("health_time_not_usable", extra=extra)
    return default


_told: Final[set[tuple[str, str]]] = set()
