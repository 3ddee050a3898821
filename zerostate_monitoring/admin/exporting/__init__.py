"""The page of what is generated: files of each part, one by one or as an archive."""

from __future__ import annotations

from zerostate_monitoring.admin.exporting.pages import ExportPages

__all__ = ["ExportPages"]
