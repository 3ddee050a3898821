"""Which producer feeds a family: one kind per installation, so nothing is counted twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from zerostate_monitoring.catalogue.definition import Definition, Feed


def feeder(
    definition: Definition,
    available: Collection[Feed],
    order: Sequence[str],
    override: str = "",
) -> Feed | None:
    """The one kind of producer that feeds ``definition``; None if none of them is there.

    ``available`` are the kinds that this installation has, ``order`` says which goes
    first; kinds that it leaves out come last. ``override`` is an operator's choice for
    this family: it holds even while that producer is away, since another one taking
    over would make counters jump. A choice that the family does not offer is ignored.
    What the app says of itself has no competitor.
    """
    if Feed.SELF in definition.feeds:
        return Feed.SELF
    if override in definition.feeds:
        return Feed(override)
    return next((f for f in _ranked(definition.feeds, order) if f in available), None)


def _ranked(feeds: Sequence[Feed], order: Sequence[str]) -> list[Feed]:
    rank = {name: position for position, name in enumerate(order)}
    return sorted(feeds, key=lambda feed: rank.get(feed, len(rank)))


def refusal(
    definition: Definition,
    feed: Feed,
    available: Collection[Feed],
    order: Sequence[str],
    override: str = "",
) -> str | None:
    """Why samples of ``definition`` from ``feed`` are not taken; None if they are.

    A producer that has samples is there, whether ``available`` names it or not.
    """
    if feed not in definition.feeds:
        possible = " or ".join(definition.feeds)
        return f"{definition.name} cannot come from {feed}, only from {possible}"
    chosen = feeder(definition, {*available, feed}, order, override)
    if chosen is feed:
        return None
    return f"{definition.name} is fed by {chosen} here; {feed} would count it a second time"
