"""The boundary around what is done for one node."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.logs import bound

logger = logging.getLogger(__name__)

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Broken:
    """An error that nobody thought of; its traceback is in the log."""

    name: str

    def __str__(self) -> str:
        # Not the error's text: that might repeat what was sent, secrets among it.
        return f"an error of this app, {self.name}; the worker's log has the traceback"


Failure = SourceError | ConfigurationError | Broken


def kind_of_failure(failure: Failure) -> str:
    """The failure in bounded words; one of ``ERROR_KINDS``."""
    if isinstance(failure, SourceError):
        return failure.kind
    return "configuration" if isinstance(failure, ConfigurationError) else "error"


def guarded(
    node: str, work: Callable[[], R], *, stops: tuple[type[BaseException], ...] = ()
) -> R | Failure:
    """Do ``work`` for one node; what goes wrong is given back and costs no other node.

    A node sends what it likes, and some of it nobody has thought of. Such an error is
    logged with its traceback here, and counted where the scrape's end is told. Those of
    ``stops`` are no node's fault: they end the caller.
    """
    try:
        with bound(node=node):
            return work()
    except (SourceError, ConfigurationError) as error:
        return error
    except stops:
        raise
    except Exception as error:
        logger.exception("node_scrape_broken", extra={"node": node})
        return Broken(type(error).__name__)
