"""How many of the built-in rules promtool has seen to work: the two figures are equal.

``rules_total`` counts alerting and recording rules, with those for a Prometheus outside;
``rules_tested`` those of them that have a test of their own, and pass it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.real.shipped import names, passing


def figures(promtool: str = "promtool") -> Iterator[tuple[str, int]]:
    """Both counts."""
    with tempfile.TemporaryDirectory() as directory:
        yield "rules_tested", len(passing(promtool, Path(directory)))
    yield "rules_total", len(names())
