"""Secrets of receivers: encrypted at rest, by a list of keys that can be rotated.

The first key encrypts, each decrypts. Behind those of the setting stand keys derived from
Django's ``SECRET_KEY`` and its fallbacks, so that setting the first key loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import orjson

from zerostate_monitoring.conf import PREFIX
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver

if TYPE_CHECKING:
    from zerostate_monitoring.notifiers.ciphers import Cipher

_UNREADABLE: Final = (
    "The secrets cannot be decrypted: none of the keys that are set made them. Put the former key"
    f" at the end of {PREFIX}SECRET_KEYS (or the former SECRET_KEY into SECRET_KEY_FALLBACKS), or"
    " enter the secrets anew."
)


def seal(secrets: Mapping[str, str]) -> str:
    """The secrets as they are stored; empty for none.

    Raises:
        ConfigurationError: a key of the setting is none.
    """
    held = {name: value for name, value in secrets.items() if value}
    return _cipher().encrypted(orjson.dumps(held)) if held else ""


def unseal(text: str) -> Mapping[str, str]:
    """The secrets that ``seal`` was given.

    Raises:
        ConfigurationError: no key that is set decrypts them; says what to do.
    """
    if not text:
        return {}
    plain = _cipher().decrypted(text)
    if plain is None:
        raise ConfigurationError(_UNREADABLE)
    return dict(orjson.loads(plain))


def rotate() -> tuple[int, list[str]]:
    """Encrypt all with the first key; how many were, and names of those that no key decrypts."""
    done, unreadable = 0, []
    cipher = _cipher()
    for receiver in Receiver.objects.exclude(secret=""):
        renewed = cipher.renewed(receiver.secret)
        if renewed is None:
            unreadable.append(receiver.name)
            continue
        # Only if nobody has entered others meanwhile.
        rows = Receiver.objects.filter(pk=receiver.pk, secret=receiver.secret)
        done += rows.update(secret=renewed)
    return done, unreadable


def _cipher() -> Cipher:
    # Who has no secrets does not load a library of cryptography: see there.
    from zerostate_monitoring.notifiers.ciphers import Cipher  # noqa: PLC0415

    return Cipher()
