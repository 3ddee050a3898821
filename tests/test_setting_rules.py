"""Rules of settings that say something again which a library says when it is used."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.setting_rules import secret_keys


def _is_taken(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


@given(
    st.text(max_size=60)
    | st.binary(min_size=30, max_size=34).map(base64.urlsafe_b64encode).map(bytes.decode)
    | st.from_regex(r"[A-Za-z0-9+/_=\n -]{40,48}")
)
def test_secret_keys__are_those_that_fernet_takes(key):
    """The check refuses what would fail when the first secret is encrypted, and nothing else."""
    assert (secret_keys([key]) is None) == _is_taken(key)
