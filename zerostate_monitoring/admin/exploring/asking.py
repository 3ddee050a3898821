"""A question put to whoever answers queries, and what to do next where there is no answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import (
    MonitoringError,
    QueryError,
    QueryLimitError,
    QuerySyntaxError,
    QueryTimeoutError,
    SourceError,
    StoreError,
)
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.promql.data import Matrix, Result
from zerostate_monitoring.rules.excerpts import placed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, or ``problem`` and ``advice``. Of a text that is no query, where it is wrong."""

    result: Result | None = None
    problem: str = ""
    advice: str = ""
    at: tuple[int, int] | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of the result."""
        if self.result is None:
            return ()
        return tuple(_advised(text) for text in (*self.result.warnings, *self.result.infos))

    @property
    def runs(self) -> tuple[Any, ...]:
        """The series of a result over time."""
        value = None if self.result is None else self.result.value
        return value.runs if isinstance(value, Matrix) else ()


def _advised(remark: str) -> str:
    """A remark of the engine, with what helps where that is known."""
    for words, advice in (
        ("history begins at", _("Choose a window that begins later, or wait for more history.")),
        ("may be no counter", _("Of a gauge, delta() and deriv() tell how it changes.")),
    ):
        if words in remark:
            said = in_words(remark)
            return f"{said[0].upper()}{said[1:]}. {advice}"
    return in_words(remark)


def answer(ask: Callable[[], Result], text: str) -> Answer:
    """What ``ask`` gives; whatever comes in its way is said in words."""
    if not conf.ENABLED:
        return Answer(
            problem=_("Monitoring is switched off."),
            advice=_("Set ZEROSTATE_MONITORING_ENABLED, and nothing else is to be done."),
        )
    try:
        return Answer(ask())
    except QuerySyntaxError as error:
        place = (error.start, error.end) if error.end else None
        said = placed(error.message, text, error.start, error.end)
        return Answer(problem=said, advice=_("Mend it there, and ask again."), at=place)
    except (MonitoringError, DatabaseError, MemoryError) as error:
        return _told(error)


def _told(error: Exception) -> Answer:
    if not isinstance(error, QueryError):
        logger.warning("query_not_answered", extra={"error": type(error).__name__})
    for kinds, tell in _TELLERS:
        if isinstance(error, kinds):
            found = tell()
            return replace(found, problem=found.problem or in_words(str(error)))
    return Answer(problem=in_words(str(error)))


def _too_much() -> Answer:
    return Answer(
        advice=_("Ask for fewer series (more labels, or sum by), or for a shorter window.")
    )


def _no_memory() -> Answer:
    return replace(_too_much(), problem=_("The query takes more memory than there is."))


def _no_store() -> Answer:
    return Answer(
        problem=_("The store does not answer."),
        advice=_("See the doctor for why. Once it is back this page has values again."),
    )


def _no_server() -> Answer:
    return Answer(
        problem=_("The Prometheus server of ZEROSTATE_MONITORING_PROMETHEUS_URL has no answer."),
        advice=_("See whether it runs and whether this server reaches it; then ask again."),
    )


def _no_database() -> Answer:
    return Answer(
        problem=_("The database does not answer."), advice=_("See whether it runs; then ask again.")
    )


def _unset() -> Answer:
    return Answer(
        problem=_("A setting cannot be used."),
        advice=_("Run manage.py check on the server: it names the setting."),
    )


_TELLERS: Final[tuple[tuple[Any, Callable[[], Answer]], ...]] = (
    ((QueryLimitError, QueryTimeoutError), _too_much),
    (QueryError, lambda: Answer(advice=_("Change the expression, and ask again."))),
    (StoreError, _no_store),
    (SourceError, _no_server),
    (DatabaseError, _no_database),
    (MemoryError, _no_memory),
    (MonitoringError, _unset),
)
"""How each kind of error is told, the narrower ones first."""
