"""A message as plain text, for mail programs without HTML and services that take text.

Pure but for the language, which is that of who composes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.notifiers.base import Batch
from zerostate_monitoring.notifiers.subjects import subject
from zerostate_monitoring.notifiers.telling import Telling, opening, tellings, untold

_HEADING: Final = 11
_RULE: Final = "-" * 60


def plain(batch: Batch) -> str:
    """The whole message; lines end with a line feed."""
    parts = [opening(batch)] if opening(batch) else []
    parts += ["\n".join(_lines(one)) for one in tellings(batch)]
    if rest := more(batch):
        parts.append(rest)
    if not batch.alerts:
        parts.append(subject(batch))
    foot = _("Sent to %(receiver)s.") % {"receiver": batch.receiver}
    return f"\n\n{_RULE}\n\n".join(parts) + f"\n\n{_RULE}\n{foot}\n"


def more(batch: Batch) -> str:
    """How many alerts are not told, and where they are; empty if all are."""
    count = untold(batch)
    if not count:
        return ""
    where = f": {batch.external_url}" if batch.external_url else "."
    return ngettext("and %(n)d more", "and %(n)d more", count) % {"n": count} + where


def _lines(told: Telling) -> Iterator[str]:
    yield f"{told.state}: {told.name}"
    yield from (text for text in (told.summary, told.description) if text)
    yield ""
    for row in told.rows:
        yield _line(row.heading, row.text)
    if told.runbook:
        yield _line(_("What to do"), told.runbook)
    if told.url:
        yield _line(_("Details"), told.url)


def _line(heading: str, text: str) -> str:
    return f"{heading:<{_HEADING}} {text}"
