"""What the test cases of a rule found, and what a rule keeps of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import ngettext

from zerostate_monitoring.models.rule_checks import FAILING

SECONDS: Final = 5.0
"""All cases of a rule together may take so long."""


@dataclass(frozen=True, slots=True)
class Found:
    """What fires at one time of a case that expects something else; as promtool writes it."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went: it holds where it has no faults. ``line`` is where it begins."""

    name: str
    line: int
    asked: int
    faults: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    is_late: bool = False
    """Whether it was given up because its time was over."""

    @property
    def holds(self) -> bool:
        """Whether all is as expected."""
        return not self.faults

    @property
    def said(self) -> str:
        """What is not as expected, with the case and its line."""
        return "\n".join((f"line {self.line}: “{self.name}” fails.", *self.faults))


def failing(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that do not hold."""
    return [one for one in outcomes if not one.holds]


def finding_of(found: Collection[Outcome]) -> dict[str, Any]:
    """What a rule keeps of test cases that fail, among the lint's warnings."""
    names = ", ".join(one.name for one in found)
    said = ngettext(
        "%(n)d test case fails: %(names)s.", "%(n)d test cases fail: %(names)s.", len(found)
    )
    message = said % {"n": len(found), "names": names}
    finding = {"severity": "warning", "code": FAILING, "message": message}
    return {**finding, "start": 0, "end": 0, "field": "tests"}


def without_failing(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The others."""
    return [one for one in findings if one.get("code") != FAILING]
