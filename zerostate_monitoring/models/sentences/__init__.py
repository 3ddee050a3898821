"""Sentences that are kept in English, or said by rooms that know no language.

Whoever says one writes it in English, values and all. Here they stand once more, as catalogues of
messages have them, so that they can be told in the language of who reads them.
"""

from __future__ import annotations

from zerostate_monitoring.models.sentences import (
    collecting,
    evaluating,
    health,
    holding,
    network,
    receivers,
    stores,
)
from zerostate_monitoring.models.sentences.matching import Book

BOOK = Book(
    *(
        *receivers.SENTENCES,
        *health.SENTENCES,
        *evaluating.SENTENCES,
        *collecting.SENTENCES,
        *stores.SENTENCES,
        *network.SENTENCES,
        *holding.SENTENCES,
    )
)
"""All of them."""

__all__ = ["BOOK"]
