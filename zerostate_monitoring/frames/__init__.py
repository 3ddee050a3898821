"""Frames: all samples of one producer at one moment, and nothing else.

Pure values. Knows neither Django nor Redis; every room above passes frames on. Importing
the package loads nothing: what encodes text must not bring numpy into every process.
"""

from __future__ import annotations
