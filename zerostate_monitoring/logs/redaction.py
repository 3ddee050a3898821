"""What must not stand in a line: values of secret keys, and texts that look like secrets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

HIDDEN: Final = "[redacted]"

_SECRET_WORDS: Final = (
    *("password", "passwd", "passphrase", "pwd", "secret", "token", "authorization"),
    *("cookie", "api_key", "apikey", "private_key", "privatekey", "access_key", "signing_key"),
    *("secret_keys", "client_key", "encryption_key", "credential", "sessionid", "session_key"),
    *("csrf", "mnemonic", "seed_phrase", "pin_code", "passcode", "bearer"),
)
"""A key that has one of these in it has a secret value, written ``api_key``, ``apiKey`` or else."""
_SECRET_PARTS: Final = frozenset({"otp", "totp", "pass", "pin", "jwt", "auth", "dsn"})
"""The same where it is a whole word of a key: footprint has one of these in it, too."""
_PLAIN_KEYS: Final = frozenset({"tokens", "token_count", "fencing_token", "token_type"})

_NAMES: Final = (
    r"[\w-]{0,40}(?:password|passwd|passphrase|passcode|pwd|secret(?:[_-]?keys?)?|token|api[_-]?key"
    r"|access[_-]?key|private[_-]?key|authorization|cookie|sessionid|mnemonic|credentials?)"
)
_VALUE: Final = (
    r"(?:(?:bearer|basic|digest)\s+)?"
    # Quoted, also within a text that is quoted itself (\\"…\\"), or bytes as Python shows them.
    r"(?:\\{0,4}b?\"[^\"]*\"?|\\{0,4}b?'[^']*'?|[^\s\"'&,;)}\]]+)"
)
_PATTERNS: Final = (
    # Keys in PEM form, also when the end was cut off.
    (
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        HIDDEN,
    ),
    # Authorization: Bearer …, Basic …
    (r"\b(bearer|basic)\s+(?=[\w.~+/-]*[\d=])[\w.~+/=-]{6,}", rf"\1 {HIDDEN}"),
    # scheme://user:password@host
    (r"(://[^\s/:@\"']{0,200}:)(?!\d{1,5}\Z)[^\s/@\"']{1,500}(?=@|\Z)", rf"\1{HIDDEN}"),
    # password=…, "api_key": "…"
    (
        rf"(?<![\w-])({_NAMES}\\{{0,4}}[\"']?\s{{0,3}}[=:]\s{{0,3}})(?!\[redacted){_VALUE}",
        rf"\1{HIDDEN}",
    ),
    # JSON Web Tokens
    (r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,2}", HIDDEN),
    # Keys of Amazon, GitHub, GitLab, Slack, Stripe; webhooks of Slack and Discord.
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", HIDDEN),
    (r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})", HIDDEN),
    (r"\bxox[abeoprs]-[\w-]{10,}", HIDDEN),
    (r"\b[rsp]k_(?:live|test)_\w{10,}", HIDDEN),
    (r"(hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/)[\w/-]+", rf"\1{HIDDEN}"),
)
# One of these stands in every text that a pattern above could find; looking for them is cheap.
_MARKS: Final = (
    *("://", "bearer", "basic", "token", "private key", "pass", "pwd", "secret"),
    *("key", "authorization", "cookie", "session", "mnemonic", "credential", "eyj", "akia"),
    *("asia", "gh", "glpat", "xox", "k_live", "k_test", "hooks.", "webhooks"),
)


_WORD_BEGINS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _squeezed(key: str) -> str:
    """A key without what stands between its words."""
    return key.lower().replace("_", "").replace("-", "").replace(".", "")


class Redactor:
    """Knows secret keys and texts; a project may add words of keys, and patterns.

    Raises:
        re.error: a pattern cannot be read.
    """

    def __init__(self, keys: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        self._words: Final = tuple(map(_squeezed, (*_SECRET_WORDS, *keys)))
        self._own: Final = tuple(re.compile(pattern) for pattern in patterns)
        self.is_secret: Final = lru_cache(maxsize=4096)(self._is_secret)

    def _is_secret(self, key: str) -> bool:
        name = _WORD_BEGINS.sub("_", key).lower().replace("-", "_").replace(".", "_")
        if name in _PLAIN_KEYS:
            return False
        squeezed = _squeezed(name)
        return any(word in squeezed for word in self._words) or not _SECRET_PARTS.isdisjoint(
            name.split("_")
        )

    def text(self, text: str) -> str:
        """``text`` without what looks like a secret."""
        lowered = text.lower()
        for mark in _MARKS:
            if mark in lowered:
                text = _hidden(text, _COMPILED)
                break
        for pattern in self._own:
            text = pattern.sub(HIDDEN, text)
        return text


_COMPILED: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), put) for pattern, put in _PATTERNS
)


def _hidden(text: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str:
    for pattern, put in patterns:
        text = pattern.sub(put, text)
    return text
