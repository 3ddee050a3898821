"""Frames, notes and leases in Redis or Valkey. The only door to it.

Every key stands under one hash tag, ``{prefix}:…``, so that a cluster keeps them in
one slot and each step is one atomic script.
"""

from __future__ import annotations

from zerostate_monitoring.storage.connection import Address, validate_url
from zerostate_monitoring.storage.reader import COLLECTOR, COLLECTOR_ERRORS, SERIES_DROPPED
from zerostate_monitoring.storage.server import ServerInfo
from zerostate_monitoring.storage.snapshot import ProducerState, Snapshot
from zerostate_monitoring.storage.store import Lease, Store, Write, close_stores, current_store

__all__ = [
    "COLLECTOR",
    "COLLECTOR_ERRORS",
    "SERIES_DROPPED",
    "Address",
    "Lease",
    "ProducerState",
    "ServerInfo",
    "Snapshot",
    "Store",
    "Write",
    "close_stores",
    "current_store",
    "validate_url",
]
