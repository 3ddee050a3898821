"""Observability of a ZeroState network as one reusable Django app."""

from __future__ import annotations

__version__ = "0.1.0"
