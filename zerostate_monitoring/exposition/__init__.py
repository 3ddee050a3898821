"""Frames to one page: merge, render, keep, negotiate. Reads the store and nothing else."""

from __future__ import annotations

from zerostate_monitoring.exposition.access import Caller, Policy, Refusal, refusal
from zerostate_monitoring.exposition.answers import counting
from zerostate_monitoring.exposition.negotiation import CONTENT_TYPES, accepts_gzip, negotiate
from zerostate_monitoring.exposition.page import Format, PageCache, Pieces
from zerostate_monitoring.exposition.recording import record, refused
from zerostate_monitoring.exposition.response import PageResponse
from zerostate_monitoring.exposition.selection import Selection, unknown

__all__ = [
    "CONTENT_TYPES",
    "Caller",
    "Format",
    "PageCache",
    "PageResponse",
    "Pieces",
    "Policy",
    "Refusal",
    "Selection",
    "accepts_gzip",
    "counting",
    "negotiate",
    "record",
    "refusal",
    "refused",
    "unknown",
]
