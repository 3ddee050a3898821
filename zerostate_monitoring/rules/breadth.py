"""How much matchers leave out, as far as can be seen without alerts."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.rules.matchers import compile_matchers, compile_text

_SAMPLES: Final = ("", "\x00no label has this value\x00")


def is_open(matchers: str) -> bool:
    """Whether an alert without any label meets ``matchers``: they name nothing that must be there.

    Alertmanager refuses such a silence; here it must be confirmed.

    Raises:
        RuleError: the text cannot be read.
    """
    return compile_text(matchers).test({})


def meets_everything(matchers: str) -> bool:
    """Whether ``matchers`` leave nothing out.

    Raises:
        RuleError: the text cannot be read.
    """
    compiled = compile_text(matchers)
    names = {matcher.name for matcher in compiled.matchers}
    positive = all(matcher.op in {"=", "=~"} for matcher in compiled.matchers)
    return positive and all(compiled.test(dict.fromkeys(names, text)) for text in _SAMPLES)


def may_have(matchers: str, name: str, value: str) -> bool:
    """Whether an alert whose label ``name`` is ``value`` can meet ``matchers``.

    Raises:
        RuleError: the text cannot be read.
    """
    asked = (matcher for matcher in compile_text(matchers).matchers if matcher.name == name)
    return compile_matchers(asked)({name: value})
