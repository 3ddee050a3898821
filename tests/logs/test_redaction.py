"""Secrets do not stand in a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.logs.cleaning import LONGEST_TEXT, Cleaner
from zerostate_monitoring.logs.redaction import HIDDEN, Redactor

REDACTOR = Redactor()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc123def456", "abc123def456"),
        ("authorization=Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("sent bearer 0123456789abcdef", "0123456789abcdef"),
        ("redis://user:hunter2@host:6379/0", "hunter2"),
        ("amqp://u:p%40ss@h, next", "p%40ss"),
        ("GET /x?token=s3cr3t&y=1", "s3cr3t"),
        ("GET /x?api_key=s3cr3t HTTP/1.1", "s3cr3t"),
        ('{"password": "hunter2", "a": 1}', "hunter2"),
        ("password='two words'", "two words"),
        ("PASSWD=hunter2;", "hunter2"),
        ("client_secret: hunter2", "hunter2"),
        (f"got {JWT}", "c2lnbmF0dXJl"),
        (f"key {PEM} end", "MIIEsecret"),
        (PEM[:45], "MIIEsecret"[:8]),
        ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"),
        ("ghp_0123456789abcdefghij0123", "0123456789"),
        ("xoxb-123456789012-abcdef", "123456789012"),
        ("https://hooks.slack.com/services/T0/B0/xyz", "xyz"),
        ("Set-Cookie: sessionid=abcdef; Path=/", "abcdef"),
        ("sk_live_0123456789abcdef", "0123456789"),
        (r'body "{\"password\": \"hunter2\", \"a\": 1}"', "hunter2"),
        (r'"{\\\"api_key\\\": \\\"hunter2\\\"}"', "hunter2"),
        ("{'token': b'hunter2'}", "hunter2"),
        ("passcode=1234567", "1234567"),
    ],
)
def test_text__loses_its_secret(text, secret):
    """By pattern: what looks like a secret, wherever it stands."""
    made = REDACTOR.text(text)
    assert secret not in made
    assert HIDDEN in made


@pytest.mark.parametrize(
    "text",
    [
        "collection_finished",
        "http://127.0.0.1:8000/metrics",
        "http://node:9090",
        "https://host/path?page=2",
        "this is not the bearer token of the setting",
        "basic authentication is not supported",
        "1 token, 2 secrets, 3 keys",
        "csrf token missing",
        "0x9fd3c1a5e6b7a8c9d0e1f2a3b4c5d6e7f8091a2b",
        "passed after 3 s",
    ],
)
def test_text__without_a_secret_stays(text):
    """A line that says nothing secret says all."""
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize(
    "key",
    ["password", "Authorization", "API_TOKEN", "x-api-key", "set_cookie", "db_password",
     "SECRET_KEYS", "client_secret", "sessionid", "csrfmiddlewaretoken", "private-key",
     "apiKey", "accessKey", "signingKey", "sessionKey", "X-Session-Key", "userOtp", "otp",
     "db.pass", "pin", "jwt", "proxy_auth", "bearer"],
)  # fmt: skip
def test_key__that_names_a_secret(key):
    """By key: the value is hidden whatever it is."""
    assert Cleaner(REDACTOR).value({key: {"a": [1]}, "b": 1}) != {key: {"a": [1]}, "b": 1}
    assert REDACTOR.is_secret(key)


@pytest.mark.parametrize("key", [
    "task", "node", "tokens", "fencing_token", "kind", "monkey", "footprint", "bypass", "compass",
    "author", "pinned", "public_key", "key", "spinning", "authors", "passed", "tokenCount",
])  # fmt: skip
def test_key__that_names_none(key):
    """Ordinary keys keep their values."""
    assert not REDACTOR.is_secret(key)


@given(st.text(alphabet="\\\"'=: passwordtokenkey://@-\nb{}", max_size=3000))
def test_text__of_anything_is_read_in_time(text):
    """No text makes a pattern try for ever: with one that does, this would not end."""
    made = Cleaner(REDACTOR).text(text)
    assert len(made) <= LONGEST_TEXT * 6


def test_own__words_and_patterns():
    """A project adds what it knows."""
    redactor = Redactor(["iban"], [r"DE\d{20}"])
    assert redactor.is_secret("customer_iban")
    assert redactor.text("to DE12345678901234567890.") == f"to {HIDDEN}."


@given(st.integers(0, LONGEST_TEXT + 100))
def test_secret__across_the_cut_is_hidden(place):
    """Wherever in a long text it stands, no part of it is left."""
    text = " " * place + "password=abcdefghijklmnop " + "x" * LONGEST_TEXT
    assert "abcd" not in Cleaner(REDACTOR).text(text)
