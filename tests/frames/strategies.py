"""Random families, as prometheus_client would have them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from prometheus_client import Metric

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda name: not name.endswith(("_total", "_info", "_bucket", "_sum", "_count", "_created"))
)
LABEL_NAMES = st.sampled_from(["peer", "state", "topic", "node", "zone_1"])
# Any text but lone surrogates, which prometheus_client itself cannot encode.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LABELS = st.dictionaries(LABEL_NAMES, TEXTS, max_size=3)
VALUES = st.floats(width=64)

_SUFFIXES = {
    "counter": ["_total"],
    "gauge": [""],
    "unknown": [""],
    "info": ["_info"],
    "stateset": [""],
    "summary": ["_count", "_sum"],
    "histogram": ["_bucket", "_count", "_sum"],
}


@st.composite
def families(draw: Any) -> list[Metric]:
    """Families with different names, each series once."""
    found = []
    for name in draw(st.lists(NAMES, unique=True, max_size=5)):
        kind = draw(st.sampled_from(sorted(_SUFFIXES)))
        family = Metric(name, draw(TEXTS), kind)
        for labels in draw(st.lists(LABELS, unique_by=lambda d: tuple(sorted(d.items())))):
            for suffix in _SUFFIXES[kind]:
                extra = {"le": "1.5"} if suffix == "_bucket" else {}
                family.add_sample(name + suffix, {**labels, **extra}, draw(VALUES))
        if family.samples:
            found.append(family)
    return found
