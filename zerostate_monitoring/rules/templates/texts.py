"""Texts: addresses, links, escapes, regular expressions.

Source of the rules: ``template/template.go`` and ``util/strutil`` of Prometheus 3.14;
``text/template/funcs.go``, ``net/ipsock.go`` and ``regexp/regexp.go`` of Go 1.26.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote_plus

import re2

from zerostate_monitoring.rules.templates.values import Refusal

_WORD: Final = re.compile(r"(?:[^\W_](?:['\u2019.\u00b7:](?=[^\W_])|_*)?)+")
_HTML: Final = str.maketrans(
    {
        "\0": "\N{REPLACEMENT CHARACTER}",
        '"': "&#34;",
        "'": "&#39;",
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
    }
)
_JS: Final = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
}
# Bytes of a compiled expression: those of alerts are small.
_MAX_MEMORY: Final = 1 << 20
_REFERENCE: Final = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


# -- addresses -----------------------------------------------------------------


def _split(address: str) -> tuple[str, str] | None:
    """Host and port of ``host:port`` or ``[host]:port``; nothing where it is neither."""
    host, colon, port = address.rpartition(":")
    if not colon:
        return None
    if host.startswith("["):
        inner = host[1:-1]
        return (inner, port) if host.endswith("]") and not {"[", "]"} & {*inner, *port} else None
    return None if {":", "[", "]"} & {*host, *port} else (host, port)


def strip_port(address: str) -> str:
    """``address`` without its port; as it is where it has none."""
    parts = _split(address)
    return parts[0] if parts else address


def strip_domain(address: str) -> str:
    """The host without its domain, with its port; an IP address as it is."""
    host, port = _split(address) or (address, "")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = host.split(".")[0]
    else:
        return address
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host or "%" in host else f"{host}:{port}"


# -- links and escapes ---------------------------------------------------------


def escape_query(text: str) -> str:
    """``text`` as a part of a URL's query."""
    return quote_plus(text, safe="~")


def graph_link(expr: str) -> str:
    """The path of an expression's graph in Prometheus."""
    return f"/graph?g0.expr={escape_query(expr)}&g0.tab=0"


def table_link(expr: str) -> str:
    """The path of an expression's table in Prometheus."""
    return f"/graph?g0.expr={escape_query(expr)}&g0.tab=1"


def escape_html(text: str) -> str:
    """``text`` for HTML."""
    return text.translate(_HTML)


def escape_js(text: str) -> str:
    """``text`` for a string of JavaScript."""
    return "".join(map(_in_js, text))


def _in_js(char: str) -> str:
    if char in _JS:
        return _JS[char]
    if char < " ":
        return f"\\u{ord(char):04X}"
    return char if char.isprintable() else f"\\u{ord(char):04X}"


# -- words ---------------------------------------------------------------------


def title(text: str) -> str:
    """Each word with a capital; the rest of it as it is."""
    return _WORD.sub(lambda word: _capital(word[0]), text)


def _capital(word: str) -> str:
    # The first letter, which may stand behind digits: “2Nd”.
    place = next((at for at, char in enumerate(word) if char.isalpha()), 0)
    return word[:place] + word[place].title() + word[place + 1 :]


# -- regular expressions -------------------------------------------------------


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        shown = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise Refusal(f"the regular expression cannot be used: {shown[:100]}") from None


def matches(pattern: str, text: str) -> bool:
    """Whether ``pattern`` (RE2) fits some part of ``text``."""
    return _compiled(pattern).search(text) is not None


def replaced(pattern: str, replacement: str, text: str) -> str:
    """``text`` with all that ``pattern`` fits replaced; ``$1`` and ``${name}`` are groups."""
    out: list[str] = []
    copied = 0
    for match in _compiled(pattern).finditer(text):
        start, end = match.span()
        # An empty match directly behind another one does not count.
        if end > copied or start == 0:
            out += (text[copied:start], _expanded(replacement, match))
            copied = end
    return "".join(out) + text[copied:]


def _expanded(replacement: str, match: Any) -> str:
    def part(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        key: int | str = int(name) if name.isdecimal() and name.isascii() else name
        try:
            return match.group(key) or ""
        except (IndexError, KeyError):
            return ""

    return _REFERENCE.sub(part, replacement)
