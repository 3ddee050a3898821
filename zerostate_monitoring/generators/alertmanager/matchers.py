r"""Matchers as Alertmanager 0.25 reads them, and newer ones, too.

Between double quotes ``\"``, ``\\`` and ``\n`` are all the escapes that both of its parsers
know. Source: ``pkg/labels/parse.go`` and ``matcher/parse`` of Alertmanager.
"""

from __future__ import annotations

import re
from typing import Final

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.promql.quoting import is_plain_label
from zerostate_monitoring.rules.matchers import Matcher, parse_matchers

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_DOT: Final = re.compile(r"(?<!\\)(?:\\\\)*\.")


def matcher_texts(text: str) -> list[str]:
    """The matchers of ``text``, one string each.

    Raises:
        RuleError: the text cannot be read, or Alertmanager cannot say a name in it.
    """
    return [_written(matcher) for matcher in parse_matchers(text)]


def _written(matcher: Matcher) -> str:
    if not is_plain_label(matcher.name):
        raise RuleError(
            f"the name of the label {matcher.name!r} has other than letters, digits and _, which "
            "Alertmanager does not know before 0.27."
        )
    value = matcher.value
    if "~" in matcher.op and _DOT.search(value):
        # Here a dot meets a line's end, too; there it does not by itself.
        value = f"(?s:{value})"
    return f'{matcher.name}{matcher.op}"{value.translate(_ESCAPES)}"'
