"""Is the network well? One sentence, decided from values. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentence is made of.

    ``open`` counts what fires, is not held back, and nobody has taken on; ``blind`` says why
    nothing can be known, ``lacks`` how many parts of monitoring need somebody, ``watches``
    whether there is anything that is looked at.
    """

    critical_open: int = 0
    warning_open: int = 0
    handled: int = 0
    gravest: str = ""
    nodes_up: int = 0
    nodes_down: int = 0
    blind: str = ""
    lacks: int = 0
    watches: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: a tone of ``display.SIGNS``, the answer itself, and why it is so."""

    tone: str
    answer: str
    reason: str


def verdict_of(facts: Facts) -> Verdict:
    """The gravest thing that is known decides; what is not known is never called well."""
    if facts.critical_open:
        return Verdict(
            "bad", _("The network is not well."), _joined(_critical(facts), _blind(facts))
        )
    if facts.blind:
        return Verdict("none", _("It is not known whether the network is well."), _blind(facts))
    if facts.warning_open or facts.nodes_down:
        return Verdict(
            "warn", _("The network needs somebody."), _joined(_warnings(facts), _nodes(facts))
        )
    if facts.handled:
        said = ngettext(
            "%(n)d alert fires, and somebody has taken it on or it is held back.",
            "%(n)d alerts fire, and all of them are taken on or held back.",
            facts.handled,
        )
        return Verdict("warn", _("The network is looked after."), said % {"n": facts.handled})
    return _quiet(facts)


def _quiet(facts: Facts) -> Verdict:
    """Nothing fires: whether that means anything."""
    if not facts.watches:
        said = _(
            "Nothing is looked at yet: add nodes, or name the platform's database in "
            "ZEROSTATE_MONITORING_PLATFORM_DATABASE."
        )
        return Verdict("none", _("It is not known whether the network is well."), said)
    if facts.lacks:
        return Verdict(
            "warn",
            _("The network is well, as far as is seen."),
            _joined(_calm(facts), _lacks(facts)),
        )
    return Verdict("good", _("The network is well."), _calm(facts))


def _critical(facts: Facts) -> str:
    said = ngettext(
        "%(n)d critical alert fires and nobody has taken it on: %(name)s.",
        "%(n)d critical alerts fire and nobody has taken them on, first of all %(name)s.",
        facts.critical_open,
    )
    return said % {"n": facts.critical_open, "name": facts.gravest}


def _warnings(facts: Facts) -> str:
    said = ngettext(
        "%(n)d warning fires and nobody has taken it on.",
        "%(n)d warnings fire and nobody has taken them on.",
        facts.warning_open,
    )
    return said % {"n": facts.warning_open} if facts.warning_open else ""


def _nodes(facts: Facts) -> str:
    said = ngettext("%(n)d node does not answer.", "%(n)d nodes do not answer.", facts.nodes_down)
    return said % {"n": facts.nodes_down} if facts.nodes_down else ""


def _blind(facts: Facts) -> str:
    return _("Monitoring cannot see it: %s") % facts.blind if facts.blind else ""


def _lacks(facts: Facts) -> str:
    said = ngettext(
        "%(n)d part of monitoring itself lacks something.",
        "%(n)d parts of monitoring itself lack something.",
        facts.lacks,
    )
    return said % {"n": facts.lacks}


def _calm(facts: Facts) -> str:
    if not facts.nodes_up:
        return _("Nothing fires that somebody must act on.")
    said = ngettext(
        "Nothing fires that somebody must act on, and the node answers.",
        "Nothing fires that somebody must act on, and all %(n)d nodes answer.",
        facts.nodes_up,
    )
    return said % {"n": facts.nodes_up}


def _joined(*said: str) -> str:
    return " ".join(one for one in said if one)
