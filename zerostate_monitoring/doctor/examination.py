"""Run all examinations: those that wait for others side by side, each with a timeout."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor import (
    alerting,
    collection,
    heartbeat,
    history,
    holding,
    page,
    project,
    prometheus,
    queue,
    rules,
    server,
    sqlite,
    switch,
)
from zerostate_monitoring.doctor.finding import Finding, error, unknown

logger = logging.getLogger(__name__)

Examination = Callable[[], Iterable[Finding]]

TIMEOUT_SECONDS: Final = 5.0

HERE: Final[tuple[Examination, ...]] = (
    switch.examine_switch,
    project.examine_migrations,
    sqlite.examine_sqlite,
    project.examine_access,
    project.examine_time_zone,
    server.examine_caches,
)
"""Those that only look into this process and its own database."""

ELSEWHERE: Final[tuple[Examination, ...]] = (
    server.examine_store,
    queue.examine_beat,
    queue.examine_worker,
    project.examine_platform,
    prometheus.examine_prometheus,
    prometheus.examine_node_scrapers,
    page.examine_page,
)
"""Those that ask somebody who may hang."""

AFTERWARDS: Final[tuple[Examination, ...]] = (
    collection.examine_collectors,
    collection.examine_nodes,
    history.examine_history,
    rules.examine_rules,
    alerting.examine_evaluation,
    alerting.examine_delivery,
    alerting.examine_clocks,
    heartbeat.examine_heartbeat,
    holding.examine_routing,
    holding.examine_holding,
)


def examine(timeout: float = TIMEOUT_SECONDS) -> list[Finding]:
    """All findings, in the order in which an operator would look.

    Takes about ``timeout`` seconds at the longest for those that ask others; one that
    hangs is ``unknown``, one that breaks is an error, and neither costs the rest. Where
    the app is switched off, that is all there is to say.
    """
    if not conf.ENABLED:
        return list(switch.examine_switch())
    deadline = time.monotonic() + timeout
    asked = [_Asked(examination) for examination in ELSEWHERE]
    findings = [finding for examination in HERE for finding in guarded(examination)]
    for one in asked:
        findings += one.findings(deadline, timeout)
    findings += [finding for examination in AFTERWARDS for finding in guarded(examination)]
    return findings


def guarded(examination: Examination) -> list[Finding]:
    """The findings; an examination that breaks becomes one. The boundary of the doctor."""
    try:
        return list(examination())
    except DatabaseError as problem:
        # What to do is told once, by who examines the migrations.
        message = _("the database cannot be asked: %(problem)s") % {"problem": problem}
        return [unknown(title_of(examination), message)]
    except Exception as problem:
        logger.exception("examination_failed", extra={"examination": title_of(examination)})
        message = _("cannot be examined: %(problem)s") % {"problem": problem}
        return [error(title_of(examination), message, _("See the traceback in the log."))]


class _Asked:
    """An examination under way, in a thread of its own.

    The thread is a daemon: one that hangs is left behind, and neither the end of the
    process nor of a request waits for it. Its own timeouts end it in a server. It speaks the
    language of who asked.
    """

    def __init__(self, examination: Examination) -> None:
        self._title = title_of(examination)
        self._language = translation.get_language()
        self._answer: SimpleQueue[list[Finding]] = SimpleQueue()
        name = f"zerostate-doctor-{examination.__name__}"
        Thread(target=self._run, args=(examination,), name=name, daemon=True).start()

    def _run(self, examination: Examination) -> None:
        with translation.override(self._language):
            self._answer.put(guarded(examination))

    def findings(self, deadline: float, timeout: float) -> list[Finding]:
        """What it found by ``deadline`` (monotonic seconds), which was ``timeout`` away."""
        try:
            return self._answer.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            message = _("no answer within %(timeout)g s") % {"timeout": timeout}
            advice = _("It hangs; look whether it can be reached.")
            return [unknown(self._title, message, advice)]


def title_of(examination: Examination) -> str:
    """What the examination is about, from its name."""
    return examination.__name__.removeprefix("examine_").replace("_", " ")
