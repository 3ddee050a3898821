"""Names of objects in Kubernetes, whatever the rows are called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

LONGEST: Final = 63
"""Of a label of DNS (RFC 1123), which all kinds of objects accept as a name."""

_HASH: Final = 8
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def is_name(text: str) -> bool:
    """Whether an object can be called so."""
    return len(text) <= LONGEST and _NAME.match(text) is not None


def object_name(prefix: str, text: str) -> str:
    """A name for what is called ``text``, of the letters that a name may have.

    The same text has the same name. One that loses letters on the way, other than capitals and
    blanks, gets a hash of what it was, so that it is not taken for another.
    """
    plain = _OTHER.sub("-", text.lower()).strip("-")
    name = f"{prefix}-{plain}" if plain else prefix
    is_kept = text.lower().replace(" ", "-").replace("_", "-") == plain
    if is_kept and len(name) <= LONGEST:
        return name
    digest = sha256(text.encode()).hexdigest()[:_HASH]
    return f"{name[: LONGEST - _HASH - 1].rstrip('-')}-{digest}"


def object_names(prefix: str, texts: Iterable[str]) -> dict[str, str]:
    """Texts to names, each of them another one; a text may begin with the prefix already."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for text in dict.fromkeys(texts):
        name = object_name(prefix, text.removeprefix(f"{prefix}-"))
        if name in taken:
            # A character that no row has, so that nothing else has this hash.
            name = object_name(prefix, f"{text}\0")
        names[text] = name
        taken.add(name)
    return names
