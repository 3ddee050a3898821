"""Secrets are read where two settings allow it, and nowhere else."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.sources.nodes.references import Secrets, current_secrets


def refused(secrets, reference):
    with pytest.raises(ConfigurationError) as caught:
        secrets.resolve(reference)
    return str(caught.value)


def test_value__is_the_secret():
    """Text without a reference is taken as it is."""
    assert Secrets("", "").resolve(" s3cret\n") == "s3cret"


def test_variable__must_begin_with_the_prefix(monkeypatch):
    """The worker's other variables are out of reach, and the message names the setting."""
    monkeypatch.setenv("ZEROSTATE_NODE_TOKEN", "s3cret\n")
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    allowed = current_secrets()
    assert allowed.resolve("env:ZEROSTATE_NODE_TOKEN") == "s3cret"
    message = refused(allowed, "env:SECRET_KEY")
    assert "ZEROSTATE_MONITORING_NODE_SECRETS_ENV_PREFIX" in message
    assert "s3cret" not in message
    assert "none" in refused(Secrets("", ""), "env:ZEROSTATE_NODE_TOKEN")
    assert "is not set" in refused(allowed, "env:ZEROSTATE_NODE_NOT_SET")


def test_file__must_lie_in_the_directory(tmp_path):
    """Neither another path, nor one with dots, nor a link leads out."""
    inside, outside = tmp_path / "secrets", tmp_path / "outside"
    inside.mkdir()
    (inside / "token").write_text("s3cret\n")
    outside.write_text("other")
    (inside / "link").symlink_to(outside)
    (inside / "loop").symlink_to(inside / "loop")
    allowed = Secrets("", str(inside))
    assert allowed.resolve(f"file:{inside}/token") == "s3cret"
    for path in (outside, f"{inside}/../outside", f"{inside}/link", f"{inside}-2/token"):
        message = refused(allowed, f"file:{path}")
        assert "ZEROSTATE_MONITORING_NODE_SECRETS_DIRECTORY" in message
        assert "other" not in message
    for path in (f"{inside}/missing", inside, f"{inside}/loop", f"{inside}/a\0b"):
        assert "cannot be read" in refused(allowed, f"file:{path}")


def test_directory_that_is_a_link__is_followed(tmp_path):
    """Mounted secrets often lie behind a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "token").write_text("s3cret")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Secrets("", str(tmp_path / "link")).resolve(f"file:{tmp_path}/link/token") == "s3cret"


def test_files__are_refused_by_default(tmp_path):
    """Without a directory no file is read."""
    (tmp_path / "token").write_text("s3cret")
    message = refused(current_secrets(), f"file:{tmp_path}/token")
    assert "ZEROSTATE_MONITORING_NODE_SECRETS_DIRECTORY allows no files" in message
