"""What is asked of rules: parameters of ``/api/v1/rules``, with Prometheus's refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.api.errors import invalid
from zerostate_monitoring.api.question import Question
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import RuleGroup
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.promql.matchers import meets_all
from zerostate_monitoring.promql.parameters import quoted

_TYPES: Final = {"": None, "alert": RuleKind.ALERTING, "record": RuleKind.RECORDING}
_TRUE: Final = frozenset({"1", "t", "true"})
_FALSE: Final = frozenset({"", "0", "f", "false"})
_MOST_GROUPS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question leaves of the rules."""

    kind: RuleKind | None
    names: frozenset[str]
    groups: frozenset[str]
    files: frozenset[str]
    tests: tuple[Callable[[Labels], bool], ...]
    with_alerts: bool
    limit: int
    token: str

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether a rule with these labels is wanted."""
        pairs = tuple(labels.items())
        return not self.tests or any(test(pairs) for test in self.tests)

    def holds(self, group: RuleGroup) -> bool:
        """Whether the rules of a group are."""
        named = not self.groups or group.name in self.groups
        return named and (not self.files or group.origin in self.files)


def wanted_of(asked: Question) -> Wanted:
    """What a question leaves of the rules.

    Raises:
        ApiError: a parameter holds what it cannot hold.
    """
    kind, limit = asked.text("type").lower(), asked.text("group_limit")
    tests = tuple(meets_all(matchers) for matchers in asked.selectors())
    if kind not in _TYPES:
        raise invalid("type", f"not supported value {quoted(kind)}")
    exclude = _boolean(asked.text("exclude_alerts").lower())
    token = asked.text("group_next_token")
    if token and not limit:
        raise invalid(
            "group_next_token",
            "group_limit needs to be present in order to paginate over the groups",
        )
    return Wanted(
        kind=_TYPES[kind],
        names=frozenset(asked.values.get("rule_name[]", ())),
        groups=frozenset(asked.values.get("rule_group[]", ())),
        files=frozenset(asked.values.get("file[]", ())),
        tests=tests,
        with_alerts=not exclude,
        limit=_group_limit(limit) if limit else 0,
        token=token,
    )


def _boolean(text: str) -> bool:
    if text not in _TRUE | _FALSE:
        reason = f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax"
        raise invalid("exclude_alerts", f"error converting exclude_alerts: {reason}")
    return text in _TRUE


def _group_limit(text: str) -> int:
    digits = text.removeprefix("-" if text.startswith("-") else "+")
    reason = ""
    if not (digits.isascii() and digits.isdecimal()):
        reason = "invalid syntax"
    elif int(digits) > _MOST_GROUPS:
        reason = "value out of range"
    if reason:
        told = f"strconv.ParseInt: parsing {quoted(text)}: {reason}"
        raise invalid("group_limit", f"group_limit needs to be a valid number: {told}")
    if int(text) <= 0:
        raise invalid("group_limit", "group_limit needs to be greater than 0")
    return int(text)
