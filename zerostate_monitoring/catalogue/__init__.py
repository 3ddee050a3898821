"""What is measured: every family of the installation, declared once.

Pure. From the declarations come instruments, the admin's rows, help texts, the page
``docs/metrics.md`` and the check of alert expressions.
"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.catalogue import (
    alerting,
    discovery,
    economic,
    execution,
    monitoring,
    nodes,
    p2p,
    platform,
    service,
)
from zerostate_monitoring.catalogue.definition import (
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
    Reading,
)
from zerostate_monitoring.catalogue.registry import Catalogue

CATALOGUE: Final = Catalogue(
    {
        module.__name__: module.DEFINITIONS
        for module in (
            p2p,
            discovery,
            nodes,
            execution,
            economic,
            platform,
            service,
            monitoring,
            alerting,
        )
    }
)

__all__ = [
    "CATALOGUE",
    "Catalogue",
    "Combine",
    "Definition",
    "Feed",
    "Kind",
    "Layer",
    "Measure",
    "Reading",
]
