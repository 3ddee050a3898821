"""Files as one archive: the same bytes for the same files. Pure."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from zerostate_monitoring.generators.options import Files

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The oldest time that the format knows."""

_UNIX: Final = 3
_MODE: Final = 0o100644 << 16


def zipped(files: Files) -> bytes:
    """A ZIP archive in which no time, no order and no machine leaves a trace."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            archive.writestr(_entry(path), files[path], compresslevel=9)
    return out.getvalue()


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = _UNIX
    entry.external_attr = _MODE
    return entry
