"""Files as an archive: the same bytes for the same files."""

from __future__ import annotations

import io
import time
import zipfile

from zerostate_monitoring.generators.archives import zipped

FILES = {"b/x.yml": "x: ä\n", "a.json": "{}\n"}


def test_archive__holds_the_files():
    """Whole, in the order of their names, readable by everybody."""
    with zipfile.ZipFile(io.BytesIO(zipped(FILES))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.json", "b/x.yml"]
        assert {name: archive.read(name).decode() for name in archive.namelist()} == FILES
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_archive__is_the_same_at_any_time(monkeypatch):
    """Neither the clock nor the order of the files is in it: two can be compared."""
    first = zipped(FILES)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert zipped(dict(reversed(FILES.items()))) == first
