"""The keys and what they encrypt: all that loads a library of cryptography.

``notifiers.secrets`` comes here with the first secret. A process that has none, as one that
only evaluates, starts without OpenSSL's bindings (``python -X importtime -c "import
cryptography.fernet"``), and is sooner at its first answer.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.exceptions import ConfigurationError

_INFO: Final = b"zerostate_monitoring: secrets of receivers"


class Cipher:
    """Encrypts with the first key that is set, decrypts with each.

    Raises:
        ConfigurationError: a key of the setting is none.
    """

    def __init__(self) -> None:
        self._keys = MultiFernet([*_own(), *map(Fernet, map(_derived, _django_keys()))])

    def encrypted(self, plain: bytes) -> str:
        """What is stored."""
        return self._keys.encrypt(plain).decode()

    def decrypted(self, text: str) -> bytes | None:
        """What was encrypted; None if no key that is set did it."""
        try:
            return self._keys.decrypt(text.encode())
        except InvalidToken:
            return None

    def renewed(self, text: str) -> str | None:
        """The same by the first key; None if no key that is set did it."""
        try:
            return self._keys.rotate(text.encode()).decode()
        except InvalidToken:
            return None


def _own() -> list[Fernet]:
    try:
        return [Fernet(key) for key in conf.SECRET_KEYS]
    except ValueError:
        message = f"{PREFIX}SECRET_KEYS holds what is no key: make one with Fernet.generate_key()."
        raise ConfigurationError(message) from None


def _django_keys() -> Iterator[bytes]:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield key if isinstance(key, bytes) else str(key).encode()


@lru_cache(maxsize=8)
def _derived(secret: bytes) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO)
    return base64.urlsafe_b64encode(kdf.derive(secret))
