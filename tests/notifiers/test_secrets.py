"""Secrets at rest, and their rotation."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.notifiers.secrets import rotate, seal, unseal

ONE, TWO = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1).filter(str.isprintable)))
def test_seal__comes_back(secrets):
    """What was sealed is unsealed, and cannot be read meanwhile."""
    sealed = seal(secrets)
    assert unseal(sealed) == secrets
    assert all(len(value) < 4 or value not in sealed for value in secrets.values())


def test_seal__nothing_is_nothing():
    """A receiver without secrets has an empty column."""
    assert (seal({}), seal({"token": ""}), unseal("")) == ("", "", {})


def test_keys__the_first_encrypts_and_all_decrypt(settings):
    """A new key in front of the old one loses nothing."""
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [ONE]
    old = seal({"token": "x"})
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [TWO, ONE]
    new = seal({"token": "y"})
    assert unseal(old) == {"token": "x"}
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [TWO]
    assert unseal(new) == {"token": "y"}
    with pytest.raises(ConfigurationError, match="former key"):
        unseal(old)


def test_keys__the_first_of_ones_own_keeps_what_secret_key_encrypted(settings):
    """Setting the setting for the first time loses nothing either."""
    old = seal({"token": "x"})
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [ONE]
    assert unseal(old) == {"token": "x"}


def test_keys__a_changed_secret_key_is_told_and_its_fallback_helps(settings):
    """Whoever rotates SECRET_KEY learns what to do."""
    old = seal({"token": "x"})
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FALLBACKS"):
        unseal(old)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert unseal(old) == {"token": "x"}


def test_keys__what_is_no_key_is_named_without_showing_it(settings):
    """The error names the setting."""
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = ["not a key"]
    with pytest.raises(ConfigurationError, match="SECRET_KEYS") as caught:
        seal({"token": "x"})
    assert "not a key" not in str(caught.value)


@pytest.mark.django_db
def test_rotate__encrypts_all_anew_and_names_what_it_cannot_read(settings):
    """After it the old key may go; what no key reads is left as it is."""
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [ONE]
    good = Receiver.objects.create(name="good", kind="slack", secret=seal({"url": "x"}))
    Receiver.objects.create(name="bare", kind="email")
    lost = Receiver.objects.create(name="lost", kind="slack", secret="gAAAAA-broken")
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [TWO, ONE]

    assert rotate() == (1, ["lost"])

    settings.ZEROSTATE_MONITORING_SECRET_KEYS = [TWO]
    good.refresh_from_db()
    lost.refresh_from_db()
    assert unseal(good.secret) == {"url": "x"}
    assert lost.secret == "gAAAAA-broken"
