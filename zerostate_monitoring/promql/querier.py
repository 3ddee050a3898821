"""Who answers queries: what callers may ask, whoever answers.

One implementation reads this installation's history, another asks a server that speaks
Prometheus's HTTP API. Both take the same questions, give the same values and raise the
same errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Result
from zerostate_monitoring.promql.nodes import Matcher

T = TypeVar("T")

Matchers = tuple[Matcher, ...]
"""All conditions of one selector."""

EARLIEST_MS: Final = -(2**62)
LATEST_MS: Final = 2**62
"""No instant lies beyond: what is added to one of these is still an int64."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a question may say about how it is answered.

    ``timeout_seconds`` can only shorten what the installation allows. ``lookback_ms`` is
    how old a sample may be; ``None`` is the engine's own.
    """

    timeout_seconds: float | None = None
    lookback_ms: int | None = None


DEFAULT: Final = Options()


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in milliseconds since 1970, both ends included."""

    start_ms: int = EARLIEST_MS
    end_ms: int = LATEST_MS


ALWAYS: Final = Window()


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What stands in the window, in order, without repetition."""

    items: tuple[T, ...]
    warnings: tuple[str, ...] = field(default=())


class Metadata(NamedTuple):
    """What is known of a family; ``type`` is ``unknown`` where nobody said."""

    type: str
    help: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """Families by the name that stands in queries, a counter's with its ``_total``."""

    families: Mapping[str, tuple[Metadata, ...]]
    warnings: tuple[str, ...] = field(default=())


class Querier(Protocol):
    """Answers questions about series.

    All methods raise a ``QueryError`` where the question has no answer
    (``QuerySyntaxError``, ``QueryLimitError``, ``QueryTimeoutError``), and a
    ``StoreError`` or a ``SourceError`` where whoever has the answer is away. ``limit``
    says that no more than one item beyond it is needed; 0 is no limit.
    """

    def instant(self, text: str, at_ms: int, options: Options = DEFAULT) -> Result:
        """What the expression ``text`` gives at one instant."""

    def range(
        self, text: str, start_ms: int, end_ms: int, step_ms: int, options: Options = DEFAULT
    ) -> Result:
        """What it gives at start, start + step, …, up to end: a ``Matrix``."""

    def series(
        self, selectors: Sequence[Matchers], window: Window = ALWAYS, limit: int = 0
    ) -> Found[Labels]:
        """The label sets that meet one of ``selectors``, of which there is at least one."""

    def label_names(
        self, selectors: Sequence[Matchers] = (), window: Window = ALWAYS, limit: int = 0
    ) -> Found[str]:
        """The labels' names, of all series where there is no selector."""

    def label_values(
        self, name: str, selectors: Sequence[Matchers] = (), window: Window = ALWAYS, limit: int = 0
    ) -> Found[str]:
        """The values of one label, of all series where there is no selector."""

    def metadata(self, metric: str = "", limit: int = 0) -> Described:
        """What is known of all families, or of the one that ``metric`` names."""
