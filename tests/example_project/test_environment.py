"""What the example's environment may say: values, files in their place, lists, choices."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from example_project.environment import (
    choice,
    database,
    demo_store,
    listed,
    redis_address,
    redis_database,
    required,
    value,
)


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """Puts a text into a file that the environment names for a variable."""

    def put(name: str, text: str) -> None:
        path = tmp_path / name
        path.write_text(text)
        monkeypatch.setenv(f"{name}_FILE", str(path))

    return put


def test_value__is_what_stands_in_the_file(secret):
    """White space at its ends, which editors leave, is not part of a secret."""
    secret("TOKEN", "  s3cret with blanks \n")
    assert value("TOKEN") == "s3cret with blanks"


def test_value__default_where_neither_is_set(monkeypatch):
    """An empty variable is set; one that is missing is not."""
    assert value("NOT_SET_HERE", "x") == "x"
    monkeypatch.setenv("SET_EMPTY", "")
    assert value("SET_EMPTY", "x") == ""


def test_value__not_both(secret, monkeypatch):
    """Nobody should have to guess which one holds."""
    secret("TOKEN", "a")
    monkeypatch.setenv("TOKEN", "b")
    with pytest.raises(ImproperlyConfigured, match="not both"):
        value("TOKEN")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_bytes(b"\xff")])
def test_value__file_that_cannot_be_read(tmp_path, monkeypatch, make):
    """Missing, or no text: the variable and the file are named, and nothing is started."""
    path = tmp_path / "secret"
    make(path)
    monkeypatch.setenv("TOKEN_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match="TOKEN_FILE"):
        value("TOKEN")


def test_required__an_empty_file_is_none(secret):
    """A file that a script left empty is no secret."""
    secret("TOKEN", "\n")
    with pytest.raises(ImproperlyConfigured, match="TOKEN_FILE"):
        required("TOKEN", "something")


def test_listed__by_commas(monkeypatch):
    """Blanks and empty places are left out."""
    monkeypatch.setenv("NETWORKS", "10.0.0.0/8, , 192.168.0.0/16,")
    assert listed("NETWORKS") == ["10.0.0.0/8", "192.168.0.0/16"]
    assert listed("NOT_SET_HERE") == []


def test_choice__first_is_the_default(monkeypatch):
    """What is none of them is refused, with all of them named."""
    assert choice("SCHEME", "https", "http") == "https"
    monkeypatch.setenv("SCHEME", "http")
    assert choice("SCHEME", "https", "http") == "http"
    monkeypatch.setenv("SCHEME", "ftp")
    with pytest.raises(ImproperlyConfigured, match="https, http"):
        choice("SCHEME", "https", "http")


def test_database__password_beside_the_address(secret, monkeypatch):
    """The address can be shown to anybody; one that holds a password keeps it."""
    monkeypatch.setenv("DATABASE", "postgresql://app@db:5432/monitoring")
    secret("DATABASE_PASSWORD", "p@ss/w:rd%\n")
    found = database("DATABASE", Path("unused"))
    assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("app", "p@ss/w:rd%", "db")
    monkeypatch.setenv("DATABASE", "postgresql://app:own@db/monitoring")
    assert database("DATABASE", Path("unused"))["PASSWORD"] == "own"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("redis://valkey:6379", "redis://:p%40%2F@valkey:6379"),
        ("rediss://app@valkey:6380/3", "rediss://app:p%40%2F@valkey:6380/3"),
        ("redis://:own@valkey:6379", "redis://:own@valkey:6379"),
        (
            "redis+sentinel://s1:26379,s2:26379/m/1",
            "redis+sentinel://:p%40%2F@s1:26379,s2:26379/m/1",
        ),
    ],
)
def test_redis_address__password_beside_it(secret, monkeypatch, address, expected):
    """It is quoted into the address, but for one that has a password already."""
    secret("REDIS_PASSWORD", "p@/")
    monkeypatch.setenv("REDIS_URL", address)
    assert redis_address("REDIS_URL", "unused") == expected


def test_redis_address__without_a_password(monkeypatch):
    """The address as it is; its databases have the password, too."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert redis_address("REDIS_URL", "redis://127.0.0.1:6379") == "redis://127.0.0.1:6379"
    assert redis_database("redis://:p@valkey:6379", 1) == "redis://:p@valkey:6379/1"


def test_demo_store__is_where_the_demo_says(tmp_path):
    """While a demo runs its address is known; before and after it is the usual one."""
    assert demo_store(tmp_path, "redis://usual") == "redis://usual"
    (tmp_path / "store").write_text("redis://127.0.0.1:4711\n")
    assert demo_store(tmp_path, "redis://usual") == "redis://127.0.0.1:4711"
