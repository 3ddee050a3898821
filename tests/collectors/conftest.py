"""A platform to read, for the tests of its collectors."""

from __future__ import annotations

from tests.sources.platform.fixtures import platform, postgresql, vendor

__all__ = ["platform", "postgresql", "vendor"]
