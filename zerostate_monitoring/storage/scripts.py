"""Lua scripts: sent by their hash, in full only to a server that does not know them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

import redis


class Script:
    """One script of the folder ``lua``."""

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self.text: Final = (files(__package__) / "lua" / f"{name}.lua").read_text()
        self.sha: Final = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: redis.Redis, keys: Sequence[bytes], args: Sequence[Any] = ()) -> Any:
        """Run the script; an emptied or failed-over server learns it on the way."""
        try:
            return client.evalsha(self.sha, len(keys), *keys, *args)
        except redis.exceptions.NoScriptError:
            return client.eval(self.text, len(keys), *keys, *args)


WRITE: Final = Script("write")
READ: Final = Script("read")
LEASE: Final = Script("lease")
EXTEND: Final = Script("extend")
RELEASE: Final = Script("release")
SLOT: Final = Script("slot")
SWEEP: Final = Script("sweep")
REMOVE: Final = Script("remove")
REGISTER: Final = Script("register")
PUBLISH: Final = Script("publish")
RETIRE: Final = Script("retire")
TOTALS: Final = Script("totals")
