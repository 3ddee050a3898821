"""What components say of themselves, and what of the doctor's findings they say again.

Of the doctor's those stand here that hold values; others are found as they are.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

_RUNNING: Final = (
    _("cannot be asked: %(error)s"),
    _("ended without an answer"),
    _("answered after %(n)s s; its timeout is %(timeout)s s"),
    _("has hung for %(n)s s; its timeout is %(timeout)s s"),
    _("has not answered yet"),
    _("has not answered yet; %(n)s s ago it was %(what)s"),
    _("has not answered yet; %(n)s s ago it was %(what)s: %(reason)s"),
    _("%(place)s gave %(type)s, and not an Outcome"),
    _("ZEROSTATE_MONITORING_HEALTH_CRITICAL names it, and no check is called so"),
    _("started"),
    _("starting: %(names)s"),
    _("draining: %(reason)s"),
    _("it was told so"),
    _("the server got SIGTERM"),
    _("the server ends this process"),
    _("the drain file is there"),
)
_OWN: Final = (
    _("answers"),
    _("%(vendor)s answers"),
    _("does not answer: %(error)s"),
    _("nobody here knows the broker"),
    _("the store, where workers say that they run, does not answer"),
    _("no worker has ever said that it runs"),
    _("no worker has for %(n)s s said that it runs"),
    _("no worker takes %(names)s"),
    _("clocks run ahead of this host's: %(names)s; whether they still run cannot be told"),
    _("%(n)s workers take all queues"),
    _("%(n)s%% of %(path)s is used"),
    _("nothing is known of %(what)s"),
    _("all is well with %(n)s %(what)s"),
    _("collectors"),
    _("findings on the store"),
    _("and %(n)s more"),
)
_NETWORK: Final = (
    _("its numbers cannot be had: %(reason)s"),
    _("the store, where it is noted, does not answer: %(reason)s"),
    _("no worker has judged it yet; see the collector health"),
    _("the last judgement is %(n)s s old; see the collector health"),
    _("the last judgement is %(n)s s ahead of this host's clock; see the collector health"),
    _("no node tells its peers"),
    _("no node has a peer"),
    _("%(n)s%% of the nodes answer"),
    _("%(n)s peers per node"),
    _("no node has a peer, so all routing tables are empty"),
    _("no look-up succeeds, as with empty routing tables"),
    _("a task takes %(n)s s on average"),
    _("nobody tells of guilds"),
    _("no guild: idle"),
    _("%(n)s guilds, of whose members nobody tells"),
    _("%(n)s guilds of %(members)s members"),
    _("no node tells how full its disk is: node_filesystem_* is not collected"),
    _("the fullest disk of a node is at %(n)s%%"),
    _("no %(what)s ended in %(window)s"),
    _("%(n)s%% of the %(what)s succeed"),
    _("look-ups"),
    _("tasks"),
    _("payments"),
)
_DOCTOR: Final[tuple[Wording, ...]] = (
    _("store: %(reason)s"),
    _("store memory: %(reason)s"),
    _("%(product)s %(version)s answered in %(time).0f ms"),
    _("%(answer)s; the timeout is %(timeout)g s"),
    _("%(used).0f MiB used, no limit set"),
    _("%(used).0f MiB used of %(most).0f MiB"),
    _("collector %(name)s: %(reason)s"),
    _("idle: %(reason)s"),
    ("failed: %(error)s", "failed %(n)d times in a row: %(error)s"),
    ("%(n)d sample, %(age).0f s ago", "%(n)d samples, %(age).0f s ago"),
    _("stale: %(run)s"),
    _("%(run)s; absent: %(names)s (%(reason)s)"),
    _(
        "%(off)s, and no Alertmanager may tell of alerts: ZEROSTATE_MONITORING_WEBHOOK_TOKEN "
        "is empty"
    ),
    _("%(off)s; no Alertmanager has told of an alert yet"),
    _("%(off)s; the last change that was told is of %(at)s UTC"),
    _("no group was evaluated for %(age).0f s"),
    _("%(late)d of %(groups)d groups are late: %(names)s"),
    ("%(n)d group, the last %(age).0f s ago", "%(n)d groups, the last %(age).0f s ago"),
    _("a message has been due for %(age).0f s and nobody takes it"),
    _(
        "the last tick lies %(ahead).0f s ahead of this host's clock: whether it is fresh "
        "cannot be told"
    ),
    _("last tick %(age).0f s ago"),
    _("last tick %(age).0f s ago, one is due every %(interval)g s"),
)
_ADVICE: Final = (
    _("Run: %(command)s"),
    _("Look for slow rules in them. %(reason)s"),
    _(
        "Beat must send zerostate_monitoring.evaluate (take beat_schedule() into "
        "CELERY_BEAT_SCHEDULE), and a worker take its queue: celery -A PROJECT worker -Q %(queue)s."
        " Groups stand on columns of history: see the finding on history, too."
    ),
    _(
        "Beat must send zerostate_monitoring.deliver, and a worker take its queue: celery -A "
        "PROJECT worker -Q %(queue)s. Then look for receivers that hang, in admin under Messages."
    ),
    _(
        "Start beat (celery -A PROJECT beat), put beat_schedule() into CELERY_BEAT_SCHEDULE, and "
        "see that a worker takes the queue %(queue)s."
    ),
)

SENTENCES: Final[tuple[Wording, ...]] = (*_RUNNING, *_OWN, *_NETWORK, *_DOCTOR, *_ADVICE)
