"""Frames, totals, notes and leases in Redis or Valkey. The only door to it.

Every key stands under one hash tag, ``{prefix}:…``, so that a cluster keeps them in
one slot and each step is one atomic script. Importing the package loads nothing:
``publishing`` lives in every process of a project and needs neither numpy nor orjson.
"""

from __future__ import annotations
