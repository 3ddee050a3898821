"""``manage.py monitoring_collect``: run collectors by hand, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser

from zerostate_monitoring.collectors import COLLECTORS, CollectorDefinition, node_scraping, nodes
from zerostate_monitoring.collectors.node_chunk import ChunkOutcome
from zerostate_monitoring.collectors.node_steps import bounded
from zerostate_monitoring.collectors.outcome import Outcome
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.collection import advice_on
from zerostate_monitoring.doctor.switch import SWITCHED_OFF
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.store import Store, current_store


class Command(RowsCommand):
    """Run collectors one after another; exit with 1 if one failed."""

    help = "Runs collectors now, all or those that are named, and says how each went."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the names and ``--list``."""
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument("--list", action="store_true", help="Only list the collectors.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and print."""
        if options["list"]:
            self._list()
            return
        names = options["names"] or list(COLLECTORS)
        try:
            for name in names:
                COLLECTORS.find(name)
        except ConfigurationError as error:
            raise CommandError(str(error)) from error
        if not conf.ENABLED:
            self.stdout.write(self.style.WARNING(f"-- nothing was run: {SWITCHED_OFF}"))
            return
        store = current_store()
        outcomes = [self._outcome(name, store) for name in names]
        failures = [outcome.name for outcome in outcomes if outcome.failed]
        if failures:
            raise CommandError(f"{len(failures)} of {len(outcomes)} failed: {', '.join(failures)}")

    def _list(self) -> None:
        for name, definition in sorted(COLLECTORS.items()):
            self.stdout.write(f"{name:<20} {_every(definition):<14} {definition.place}")

    def _outcome(self, name: str, store: Store) -> Outcome:
        """Run one collector and print how it went; one line, also where nodes failed first."""
        self._running(name)
        unscraped = self._scrape(store) if name == NODES else None
        # Run all the same: the failure is to be counted and to stand in the row.
        outcome = run(name, store=store, forced=True)
        if unscraped is not None and not outcome.failed:
            outcome = unscraped
        self._print(outcome)
        return outcome

    def _scrape(self, store: Store) -> Outcome | None:
        """Scrape all nodes, chunk by chunk; None if that went well."""
        return bounded("nodes_not_scraped", lambda: self._ask_nodes(store), store=store)

    def _ask_nodes(self, store: Store) -> None:
        for line in self._scraped(nodes.plan(store=store), store):
            self.stdout.write(line)
            self._running(NODES)

    def _scraped(self, chunks: list[list[int]], store: Store) -> Iterator[str]:
        done = up = 0
        total = sum(len(chunk) for chunk in chunks)
        for chunk in chunks:
            self._running(f"{NODES}: {done}/{total} nodes asked")
            scraped = node_scraping.scrape_chunk(chunk, store=store, now=time.time())
            done, up = done + scraped.nodes, up + scraped.up
            yield f"   {NODES}: {done}/{total} nodes asked, {_ending(scraped, up)}"

    def _running(self, what: str) -> None:
        """Say what is under way, on the line that its ending will take; terminals only."""
        if self.stdout.isatty():
            self.stdout.write(f".. {what}", ending="\r")
            self.stdout.flush()

    def _print(self, outcome: Outcome) -> None:
        if outcome.skipped_reason:
            line = f"-- {outcome.name}: not run: {outcome.skipped_reason}"
            self.stdout.write(self.style.WARNING(line))
            return
        if outcome.failed:
            line = f" x {outcome.name}: {outcome.error_kind}: {outcome.error}"
            self.stdout.write(self.style.ERROR(line))
            self.stdout.write(f"   -> {advice_on(outcome.error_kind)}")
            return
        line = f"ok {outcome.name}: {outcome.samples} samples in {outcome.duration:.2f} s"
        self.stdout.write(self.style.SUCCESS(line))
        for word, reasons in (("absent", outcome.absent), ("refused", outcome.refused)):
            for family, reason in sorted(reasons.items()):
                self.stdout.write(f"   {word} {family}: {reason}")


def _every(definition: CollectorDefinition) -> str:
    """How often a collector runs, or that its interval is none."""
    try:
        return f"every {definition.checked_interval():g} s"
    except ConfigurationError:
        return "no interval"


def _ending(scraped: ChunkOutcome, up: int) -> str:
    """How many are up, and what the others of this chunk suffer from."""
    errors = ", ".join(f"{kind} {count}" for kind, count in sorted(scraped.errors.items()))
    ending = f"{up} up" + (f" ({errors})" if errors else "")
    return ending + (f", {scraped.busy} left to a worker that is at it" if scraped.busy else "")
