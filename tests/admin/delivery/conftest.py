"""What tests of the delivery's pages share: the delivery itself, to receivers by script."""

from __future__ import annotations

from tests.alerting.delivery.conftest import house, recorder

__all__ = ["house", "recorder"]
