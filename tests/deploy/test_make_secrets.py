"""The script that makes the secrets of the compose stack."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.deploy.files import COMPOSE, compose


@pytest.fixture
def place(tmp_path):
    """A directory with a copy of the script in it."""
    shutil.copy(COMPOSE / "make-secrets", tmp_path)
    return tmp_path


def run(place: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", str(place / "make-secrets"), *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(place: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (place / "secrets").iterdir()}


def test_make_secrets__makes_each_that_the_stack_wants(place):
    """All files that the compose file names, and no other; no two the same."""
    assert run(place).returncode == 0
    made = read(place)
    assert set(made) == set(compose()["secrets"])
    assert len(set(made.values())) == len(made)
    for name, each in compose()["secrets"].items():
        assert each["file"] == f"./secrets/{name}"


def test_make_secrets__nobody_else_may_look(place):
    """The directory is the owner's alone; its files can be read by each container's user."""
    run(place)
    assert (place / "secrets").stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in (place / "secrets").iterdir()} == {0o444}


def test_make_secrets__keeps_what_is_there(place):
    """A second run changes nothing and says nothing."""
    run(place)
    before = read(place)
    again = run(place)
    assert read(place) == before
    assert again.stderr == ""


def test_make_secrets__makes_a_named_one_anew(place):
    """That one and what is made of it, no other; the value is not shown."""
    run(place)
    before = read(place)
    told = run(place, "valkey-password").stderr
    after = read(place)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"valkey-password", "valkey-acl"}
    assert after["valkey-password"].strip() not in told


def test_make_secrets__knows_no_other_name(place):
    """A slip of the pen makes nothing, and the names are told."""
    done = run(place, "valkey")
    assert done.returncode == 2
    assert "valkey-password" in done.stderr
    assert not (place / "secrets").exists()


def test_make_secrets__what_is_in_them(place):
    """Keys are keys of Fernet; the store knows a hash of its password; others are long."""
    run(place)
    made = {name: text.strip() for name, text in read(place).items()}
    Fernet(made["monitoring-secret-keys"])
    digest = hashlib.sha256(made["valkey-password"].encode()).hexdigest()
    assert made["valkey-acl"] == f"user default on #{digest} ~* &* +@all"
    assert min(len(text) for text in made.values()) >= 43


def test_make_secrets__are_not_in_the_repository():
    """They are ignored where they are made."""
    assert "/secrets/" in (COMPOSE / ".gitignore").read_text().splitlines()
