"""Frames: all samples of one producer at one moment, and nothing else.

Pure values. Knows neither Django nor Redis; every room above passes frames on.
"""

from __future__ import annotations

from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.families import families_of, frame_of
from zerostate_monitoring.frames.frame import Exemplar, Frame
from zerostate_monitoring.frames.schema import FamilySchema, Labels, SampleKey, Schema

__all__ = [
    "Exemplar",
    "FamilySchema",
    "Frame",
    "FrameBuilder",
    "Labels",
    "SampleKey",
    "Schema",
    "families_of",
    "frame_of",
]
