"""What is asked of a server: nothing that Redis 6.2, the oldest that is promised, lacks.

Checked against Redis's documentation of each command, not by running such a server: no
newer one takes a command away, so a server of today does not show what 6.2 would refuse.
"""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from zerostate_monitoring.storage import scripts

OLDEST = (6, 2)

SINCE = {
    "DEL": (1, 0),
    "EXISTS": (1, 0),
    "GET": (1, 0),
    "GETRANGE": (2, 4),
    "HDEL": (2, 0),
    "HGET": (2, 0),
    "HEXISTS": (2, 0),
    "HGETALL": (2, 0),
    "HINCRBY": (2, 0),
    "HLEN": (2, 0),
    "HSET": (2, 0),
    "HKEYS": (2, 0),
    "HMGET": (2, 0),
    "INCR": (1, 0),
    "LINDEX": (1, 0),
    "LLEN": (1, 0),
    "LPOP": (1, 0),
    "LRANGE": (1, 0),
    "LSET": (1, 0),
    "LTRIM": (1, 0),
    "PEXPIRE": (2, 6),
    "PTTL": (2, 6),
    "RPUSH": (1, 0),
    "SET": (1, 0),
    "SETRANGE": (2, 2),
    "TIME": (2, 6),
    "ZADD": (1, 2),
    "ZRANGEBYSCORE": (1, 0),
    "ZREM": (1, 2),
}
"""The commands of the scripts, and the version in which each came."""

OPTIONS = {"SET": {"NX": (2, 6), "PX": (2, 6)}}
"""Words after a command's keys and values. Others are younger: NX of PEXPIRE is of 7.0."""

LIBRARIES = {"cjson", "math", "redis", "string", "struct", "table"}
"""What scripts may use of Lua's and Redis's; all of 2.6."""

VERBS = {
    *(
        "close",
        "config_get",
        "eval",
        "evalsha",
        "exists",
        "get",
        "hdel",
        "hgetall",
        "hincrby",
        "hkeys",
    ),
    *("expire", "hget", "hmget", "hset", "info", "lrange", "mget", "ping", "time"),
}
"""Methods of the client that the room calls: commands of 4.0 and before."""

SCRIPTS = [value for value in vars(scripts).values() if isinstance(value, scripts.Script)]


def code(text):
    """A script without its comments."""
    return re.sub(r"--.*", "", text)


def calls(text):
    """Each command of a script with the rest of its line."""
    for piece in re.split(r"redis\.p?call\(", code(text))[1:]:
        yield re.match(r"'([A-Z]+)'(.*)", piece).groups()


def test_scripts__are_all_of_the_folder():
    """Nothing lies there that is not looked at here."""
    names = {item.name for item in (files(scripts.__package__) / "lua").iterdir()}
    used = {name for script in SCRIPTS for name in (script.name, *script.parts)}
    assert names == {f"{name}.lua" for name in used}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script__uses_what_redis_6_2_has(script):
    """Commands, their options and the libraries."""
    found = list(calls(script.text))
    assert len(found) == code(script.text).count("redis.")
    for command, rest in found:
        assert SINCE[command] <= OLDEST, command
        words = set(re.findall(r"'([A-Z]{2,})'", rest))
        known = OPTIONS.get(command, {})
        assert all(known[word] <= OLDEST for word in words), (command, words)
    assert set(re.findall(r"\b([a-z]+)\.[a-z]+\(", code(script.text))) <= LIBRARIES
    assert not script.text.startswith("#!")  # the head of a function, of 7.0


def test_client__is_asked_for_old_commands_alone():
    """Outside scripts, too."""
    texts = [item.read_text() for item in files(scripts.__package__).iterdir() if item.is_file()]
    asked = {m for text in texts for m in re.findall(r"client(?:\(\))?\.([a-z_]+)\(", text)}
    assert asked <= VERBS
