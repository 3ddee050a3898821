"""One scrape of one node: its page, its health and peers, its orchestrator; one frame."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.sources.nodes.boundary import (
    Broken,
    Failure,
    guarded,
    kind_of_failure,
)
from zerostate_monitoring.sources.nodes.client import Answer, NodeClient, is_openmetrics, ok
from zerostate_monitoring.sources.nodes.orchestrator import ROLE, Report, report
from zerostate_monitoring.sources.nodes.own import joined, own_frame
from zerostate_monitoring.sources.nodes.parse import Page, PageParser
from zerostate_monitoring.sources.nodes.probes import Probes, probe
from zerostate_monitoring.sources.nodes.rules import Rules
from zerostate_monitoring.sources.nodes.select import NO_MEMBERS, Selector
from zerostate_monitoring.sources.nodes.target import Target, constant_labels

# Kinds of failure that are an answer, if none that can be used.
_ANSWERED: Final = frozenset({"invalid", "redirect", "too_large"})
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a chunk of nodes is to be scraped.

    ``shown`` are the labels of a row that stand on its series; ``interval`` is in
    seconds and says how old health and peers may become; ``stops`` are exceptions by
    which the caller is told that its time is up.
    """

    rules: Rules
    shown: Sequence[str]
    interval: float
    stops: tuple[type[BaseException], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier scrapes found out of a node; the next one asks only for what is old.

    ``members`` says which series of full families are shown, see ``Selection``.
    """

    probes: Probes = field(default_factory=Probes)
    report: Report | None = None
    members: Mapping[str, str] = field(default_factory=lambda: NO_MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a node sent in one scrape, unread, or why that is nothing.

    ``at`` is the time that the samples get, in unix seconds; ``duration`` is in seconds,
    to the last byte of the node's page. ``known`` is true of the node, page or no page,
    where it ``stands``.
    """

    target: Target
    at: float
    duration: float
    known: Known
    answer: Answer | Failure
    stands: bool = False

    @property
    def size(self) -> int:
        """Bytes of the node's page."""
        return len(self.answer.body) if isinstance(self.answer, Answer) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """How one scrape ended.

    ``frame`` holds what is said of the node itself, what its orchestrator says, and,
    where it is ``up``, what its page gave. ``samples`` counts the page before anything
    was left out, ``dropped`` what nothing names; ``refused`` maps families to reasons;
    ``duration`` is in seconds. ``stands`` is one without a page of a node that answers;
    ``broken`` is one that ended in an error of this app.
    """

    name: str
    at: float
    up: bool
    frame: Frame
    duration: float
    known: Known
    samples: int = 0
    dropped: int = 0
    refused: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    overflow: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    error_kind: str = ""
    stands: bool = False
    broken: bool = False


class Scraper:
    """All that one process keeps for scraping: connections, layouts, selections.

    A scrape has two halves. ``fetch`` waits for the network and may run in many threads;
    ``read`` computes, and is cheapest in one.
    """

    def __init__(self) -> None:
        self.client: Final = NodeClient()
        series = conf.NODE_CACHE_SERIES
        self._parser: Final = PageParser(max_series=series)
        self._selector: Final = Selector(max_series=series)

    def scrape(self, target: Target, order: Order, *, at: float) -> Scrape:
        """Fetch and read a node of which nothing is known; see both for what that means."""
        fetched = self.fetch(
            target, Known(), at=at, interval=order.interval, seconds=target.timeout
        )
        return self.read(fetched, order)

    def fetch(
        self, target: Target, known: Known, *, at: float, interval: float, seconds: float
    ) -> Fetched:
        """Ask ``target`` for its page and for what is old, all within ``seconds``.

        An API server is asked for the latter whatever its page said: today's answers 500
        there, and its orchestrator is the best source of what runs. Errors of the node
        end in the result, never in the caller. ``at`` is the time that the samples get,
        in unix seconds.
        """
        began = time.monotonic()
        deadline = began + seconds
        said = guarded(
            target.name,
            lambda: self.client.get(target, target.metrics_path, deadline=deadline),
        )
        duration = time.monotonic() - began
        answer = guarded(target.name, lambda: ok(said)) if isinstance(said, Answer) else said
        stands = target.role == ROLE and _has_answered(said)
        if stands or isinstance(answer, Answer):
            asked = guarded(target.name, lambda: self._asked(target, known, at, interval, deadline))
            if isinstance(asked, Known):
                known = asked
            else:
                answer, stands = asked, False
        return Fetched(
            target=target, at=at, duration=duration, known=known, answer=answer, stands=stands
        )

    def read(self, fetched: Fetched, order: Order) -> Scrape:
        """Make a frame of what a node sent; errors of the node end in the result."""
        answer = fetched.answer
        if not isinstance(answer, Answer):
            return _down(fetched, order, answer)
        scrape = guarded(
            fetched.target.name, lambda: self._read(fetched, answer, order), stops=order.stops
        )
        return scrape if isinstance(scrape, Scrape) else _down(fetched, order, scrape)

    def forget(self, name: str) -> None:
        """Drop what is known of a node that is gone."""
        self._parser.forget(name)
        self._selector.forget(name)

    def _asked(
        self, target: Target, known: Known, at: float, interval: float, deadline: float
    ) -> Known:
        probes = probe(
            self.client, target, known.probes, now=at, interval=interval, deadline=deadline
        )
        said = report(self.client, target, known.report, now=at, deadline=deadline)
        return replace(known, probes=probes, report=said)

    def _read(self, fetched: Fetched, answer: Answer, order: Order) -> Scrape:
        began = time.monotonic()
        page = self._page(fetched, answer)
        return self._up(fetched, order, page, began)

    def _page(self, fetched: Fetched, answer: Answer) -> Page:
        return self._parser.parse(
            fetched.target.name,
            answer.body,
            openmetrics=is_openmetrics(answer),
            at=fetched.at,
            max_series=fetched.target.max_series,
        )

    def _up(self, fetched: Fetched, order: Order, page: Page, began: float) -> Scrape:
        at, known = fetched.at, fetched.known
        labels = constant_labels(fetched.target, order.shown)
        selection = self._selector.select(
            fetched.target.name, page.frame, order.rules, labels, known.members
        )
        frame = selection.apply(page.frame, labels)
        duration = fetched.duration + time.monotonic() - began
        samples = page.frame.schema.size
        own = _own(known, order, labels, at=at, up=True, duration=duration, samples=samples)
        return Scrape(
            name=fetched.target.name,
            at=at,
            up=True,
            frame=joined(own, frame, selection.after(own.schema)),
            duration=duration,
            known=replace(known, members=selection.members),
            samples=samples,
            dropped=selection.dropped,
            refused={**page.refused, **selection.refused},
            overflow=selection.overflow,
        )


def _has_answered(said: Answer | Failure) -> bool:
    """Whether the node answered anything at all, so that asking it for more may help."""
    return isinstance(said, Answer) or kind_of_failure(said) in _ANSWERED


def _own(
    known: Known,
    order: Order,
    labels: Labels,
    *,
    at: float,
    up: bool,
    duration: float,
    samples: int,
    error: str = "",
) -> Frame:
    """What is said of a node without its page: by the app, and by its orchestrator."""
    healthy = known.probes.healthy
    own = own_frame(
        labels, at=at, up=up, duration=duration, samples=samples, healthy=healthy, error=error
    )
    if known.report is None:
        return own
    return joined(own, known.report.frame(lambda d: order.rules.refused.get(d.name, ""), at))


def _down(fetched: Fetched, order: Order, error: Failure) -> Scrape:
    """Where no page came, or none that can be read: ``zerostate_node_up`` is 0."""
    at, duration, known = fetched.at, fetched.duration, fetched.known
    labels, kind = constant_labels(fetched.target, order.shown), kind_of_failure(error)
    shown = known if fetched.stands else Known()
    if not fetched.stands:
        known = replace(known, probes=known.probes.after_failure())
    return Scrape(
        name=fetched.target.name,
        at=at,
        up=False,
        frame=_own(shown, order, labels, at=at, up=False, duration=duration, samples=0, error=kind),
        duration=duration,
        known=known,
        error=str(error)[:500],
        error_kind=kind,
        stands=fetched.stands,
        broken=isinstance(error, Broken),
    )
