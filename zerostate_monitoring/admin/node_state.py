"""What the last scrape of a node left word of, for reading. Pure but for ``node_notes``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.live import age_of
from zerostate_monitoring.collectors.node_names import NOTE
from zerostate_monitoring.doctor.collection import advice_on
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.models import Node
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.storage.store import current_store

Note = Mapping[str, Any]


class Line(NamedTuple):
    """One line of the block: what it is, and how it stands (escaped)."""

    title: str
    text: str


def node_notes(names: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Notes of the last scrapes, of these nodes or of all; none where the store is away."""
    try:
        return current_store().notes(NOTE, names)
    except StoreError:
        return {}


def state_of(row: Node, note: Note | None) -> tuple[str, str]:
    """Tone and word for how a node is."""
    if not row.enabled:
        return "off", _("disabled")
    if note is None:
        return "none", _("unknown")
    if note.get("left"):
        return "off", _("left")
    return ("good", _("up")) if note.get("up") else ("bad", _("down"))


def last_scrape(row: Node, note: Note | None) -> list[Line]:
    """All that is known of the node's last scrape; only its state where nothing is."""
    lines = [Line(_("State"), _state(row, note))]
    if note is not None:
        lines += [*_outcome(note), *_page(note), *_probes(note), *_orchestrator(note)]
    return lines


def _state(row: Node, note: Note | None) -> str:
    badge = display.badge(*state_of(row, note))
    if note is None or not note.get("left"):
        return badge
    said = _("It is ephemeral and has not answered for a while: it is no longer shown.")
    return format_html('{} <span class="zsm-advice">{}</span>', badge, said)


def _outcome(note: Note) -> Iterator[Line]:
    if at := note.get("at"):
        moment = words.clock(datetime.fromtimestamp(at, UTC))
        ago = _("%s ago") % display.age(age_of(at))
        yield Line(_("Asked"), format_html("{} ({})", ago, moment))
    if error := note.get("error"):
        kind = str(note.get("error_kind") or "error")
        template = '<pre class="zsm-error">{}: {}</pre><span class="zsm-advice">{}</span>'
        advice = advice_on(kind)
        yield Line(_("Error"), format_html(template, kind, in_words(str(error)), advice))
    if note.get("up"):
        yield Line(_("Took"), display.duration(note.get("duration")))
    elif note.get("duration"):
        # How fast one was refused is not how fast it answers.
        yield Line(_("Failed after"), display.duration(note["duration"]))


def samples_of(note: Note) -> int | None:
    """How many samples its page gave; of a node that gave none, nothing: no page is not empty."""
    samples: int | None = note.get("samples")
    return samples if note.get("up") or samples else None


def _page(note: Note) -> Iterator[Line]:
    if (samples := samples_of(note)) is not None:
        yield Line(_("Samples"), display.number(samples))
    if dropped := note.get("dropped"):
        said = _("in no catalogued family, and not in ZEROSTATE_MONITORING_NODE_EXTRA_FAMILIES")
        samples = ngettext("%d sample", "%d samples", dropped) % dropped
        shown = format_html('{} <span class="zsm-advice">{}</span>', samples, said)
        yield Line(_("Left out"), shown)
    if refused := note.get("refused"):
        yield Line(_("Refused families"), display.reasons(refused))
        if more := note.get("refused_more"):
            said = ngettext("%d family more", "%d families more", more)
            yield Line(_("Refused besides"), said % more)
    if overflow := note.get("overflow"):
        folded = {
            name: ngettext("%d series became other", "%d series became other", n) % n
            for name, n in overflow.items()
        }
        yield Line(_("Full families"), display.reasons(folded))


def _probes(note: Note) -> Iterator[Line]:
    checks = [
        display.badge(*(("good", check) if healthy else ("bad", _("not %s") % check)))
        for check, healthy in sorted((note.get("healthy") or {}).items())
    ]
    if checks:
        yield Line(_("Health checks"), format_html(" ".join(["{}"] * len(checks)), *checks))
    if note.get("peers") is not None:
        yield Line(_("Peers"), display.number(note["peers"]))
    for title, key in ((_("Version"), "version"), (_("Peer id"), "peer_id")):
        if text := note.get(key):
            yield Line(title, format_html("<code>{}</code>", text))


def _orchestrator(note: Note) -> Iterator[Line]:
    if errors := note.get("orchestrator_errors"):
        yield Line(_("Orchestrator errors"), display.reasons(errors))
