"""Each sentence is said somewhere, and what rooms say for people is among the sentences."""

from __future__ import annotations

import pytest

from tests.models.sentences.reading import marked_in, said_in, sentences_in, skeleton
from zerostate_monitoring.models.sentences import BOOK
from zerostate_monitoring.models.sentences.matching import NESTED

KNOWN = frozenset(
    skeleton(text) for one in BOOK.wordings for text in ([one] if isinstance(one, str) else one)
)
SPEAKERS = (
    *("notifiers/*.py", "alerting/*.py", "alerting/*/*.py", "health/*.py", "querying/*.py"),
    *("collectors/*.py", "storage/*.py", "sources/*/*.py", "doctor/*.py"),
)
MADE_OF_PARTS = frozenset(
    skeleton(text)
    for text in (
        "store: %(reason)s",
        "store memory: %(reason)s",
        "collector %(name)s: %(reason)s",
        "Look for slow rules in them. %(reason)s",
    )
)
"""Titles of findings before what they say, and one advice before another."""

WATCHED = {
    "receivers": (
        *("notifiers/*.py", "alerting/delivery/flushing.py", "alerting/delivery/sending.py"),
    ),
    "health": (
        *("health/own.py", "health/network.py", "health/judging.py", "health/running.py"),
        *("health/workers.py", "health/process.py", "health/findings.py", "health/answering.py"),
    ),
    "history": ("querying/readiness.py", "querying/scraped.py", "querying/remembered.py"),
    "rules": ("alerting/nodata.py", "alerting/states.py", "alerting/evaluation/deciding.py"),
    "previews": (
        "alerting/preview/asking.py",
        "alerting/preview/replaying.py",
        "alerting/preview/slots.py",
        "querying/times.py",
    ),
    "families": (
        *("collectors/assembly.py", "collectors/catalogued.py", "collectors/policy.py"),
        *("collectors/network.py", "collectors/celery.py", "collectors/outcome.py"),
        *("collectors/deliveries.py", "collectors/nodes.py", "sources/platform/tables.py"),
        *("sources/platform/reading.py", "sources/nodes/choose.py", "sources/nodes/families.py"),
    ),
    "store": ("storage/errors.py", "storage/store.py", "storage/address.py"),
    "platform": ("sources/platform/failures.py", "sources/platform/snapshot.py"),
    "nodes": (
        *("sources/nodes/client.py", "sources/nodes/connection.py", "sources/nodes/addresses.py"),
        *("sources/nodes/bodies.py", "sources/nodes/lines.py", "sources/nodes/layout.py"),
        *("sources/nodes/parse.py", "sources/nodes/orchestrator.py"),
        *("sources/nodes/references.py", "sources/nodes/target.py", "sources/nodes/boundary.py"),
        *("sources/nodes/discovery.py", "sources/nodes/documents.py"),
    ),
    "holding": ("alerting/suppression/deciding.py",),
}
NOT_SAID = (
    # PromQL, SQL and patterns.
    *("sum", "(sum", "SET ", "SAVEPOINT", "ROLLBACK", "PRAGMA"),
    # What servers say, by which an error is known.
    *("OOM command", "authentication failed", "password authentication", "no password supplied"),
    *("permission denied", "timed out"),
    # Of a part of an address; the whole says which setting it is.
    "a host has no name",
)


@pytest.mark.parametrize("sentence", BOOK.wordings, ids=str)
def test_sentences__are_said_somewhere(sentence):
    """Word by word, else nobody finds them."""
    said = frozenset().union(*map(said_in, SPEAKERS), marked_in("doctor/*.py"), MADE_OF_PARTS)
    for text in [sentence] if isinstance(sentence, str) else sentence:
        # What somebody has written follows after.
        assert skeleton(text.removesuffix(" %(comment)s")) in said


@pytest.mark.parametrize("what", WATCHED)
def test_rooms__say_nothing_else(what):
    """Whoever says something new enters it, else it stays in English."""
    said = frozenset().union(*map(sentences_in, WATCHED[what]))
    left = {one for one in said - KNOWN if not one.startswith(NOT_SAID)}
    assert not left


def test_sentences__stand_once():
    """Two of the same form would be one."""
    forms = [skeleton(str(one)) for one in BOOK.wordings]
    assert sorted({one for one in forms if forms.count(one) > 1}) == []


def test_sentences__nest_by_name():
    """Places of these names are looked up again; the others stand as they are."""
    assert {"answer", "error", "off", "reason", "run", "what"} == NESTED
