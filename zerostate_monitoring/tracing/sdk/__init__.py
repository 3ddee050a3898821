"""What needs OpenTelemetry's packages; loaded by ``tracing.optional`` alone."""

from __future__ import annotations
