"""Lua scripts: sent by their hash, in full only to a server that does not know them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

import redis


class Script:
    """One script of the folder ``lua``; ``parts`` are files whose functions it uses."""

    def __init__(self, name: str, *parts: str) -> None:
        self.name: Final = name
        self.parts: Final = parts
        folder = files(__package__) / "lua"
        self.text: Final = "".join((folder / f"{n}.lua").read_text() for n in (*parts, name))
        self.sha: Final = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: redis.Redis, keys: Sequence[bytes], args: Sequence[Any] = ()) -> Any:
        """Run the script; an emptied or failed-over server learns it on the way."""
        try:
            return client.evalsha(self.sha, len(keys), *keys, *args)
        except redis.exceptions.NoScriptError:
            return client.eval(self.text, len(keys), *keys, *args)


WRITE: Final = Script("write")
READ: Final = Script("read", "entry")
LEASE: Final = Script("lease")
EXTEND: Final = Script("extend")
RELEASE: Final = Script("release")
SLOT: Final = Script("slot")
SWEEP: Final = Script("sweep")
REMOVE: Final = Script("remove")
REGISTER: Final = Script("register", "entry")
PUBLISH: Final = Script("publish", "entry")
RETIRE: Final = Script("retire")
TOTALS: Final = Script("totals", "entry")
HISTORY_READ: Final = Script("history_read")
HISTORY_APPEND: Final = Script("history_append")
RECORDED_READ: Final = Script("recorded_read")
RECORDED_APPEND: Final = Script("recorded_append")
