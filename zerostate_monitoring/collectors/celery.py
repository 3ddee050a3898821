"""The collector of Celery's workers and queues, asked over the broker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Absent, Item
from zerostate_monitoring.collectors.signals import Workforce, queues_requested, workers_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.schedule import MONITORING_INTERVAL_SECONDS

TIMEOUT_SECONDS: Final = 2.0
WORKERS: Final = "zerostate_celery_workers"
DEPTH: Final = "zerostate_celery_queue_depth"


@collector("celery", interval=MONITORING_INTERVAL_SECONDS, feed=Feed.SELF)
def celery() -> Iterator[Item]:
    """Count the workers that answer, and what waits in the queues that they take from.

    The app's own queue is among these also while nobody takes from it.
    """
    workforce = _asked()
    yield CATALOGUE[WORKERS].reading(len(workforce.workers))
    taken = {queue for worker in workforce.workers.values() for queue in worker.queues}
    names = sorted({conf.QUEUE, *taken})
    answers = queues_requested.send_robust(sender=None, timeout=TIMEOUT_SECONDS, queues=names)
    depths = cast("Mapping[str, int | None]", _last(answers) or {})
    for name, depth in depths.items():
        if depth is None:
            yield Absent(DEPTH, f"the broker does not tell how long the queue {name} is")
        else:
            yield CATALOGUE[DEPTH].reading(depth, queue=name)


def _asked() -> Workforce:
    """What the workers say.

    Raises:
        SourceError: the broker does not answer.
    """
    answers = workers_requested.send_robust(sender=None, timeout=TIMEOUT_SECONDS, queue=conf.QUEUE)
    return cast("Workforce", _last(answers) or Workforce({}))


def _last(answers: Sequence[tuple[object, object]]) -> object:
    """What was answered, the last where several answer; None where nobody does.

    Raises:
        SourceError: the broker does not answer.
    """
    found: object = None
    for _, answer in answers:
        if isinstance(answer, Exception):
            raise SourceError(f"the broker does not answer: {answer}", kind="refused") from answer
        found = answer
    return found
