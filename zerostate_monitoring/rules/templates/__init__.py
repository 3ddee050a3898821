"""Templates of labels and annotations: Go's ``text/template`` as Prometheus fills it in.

Source of the rules: ``template/template.go`` of Prometheus 3.14, ``text/template`` of Go 1.26.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates.evaluation import VARIABLES, render
from zerostate_monitoring.rules.templates.functions import NAMES
from zerostate_monitoring.rules.templates.nodes import Tree
from zerostate_monitoring.rules.templates.parser import parse
from zerostate_monitoring.rules.templates.uses import Uses, uses_of
from zerostate_monitoring.rules.templates.values import Context

# Longer texts are rare, and would fill the memory that many short ones share.
_MAX_KEPT_LENGTH: Final = 2_000


@dataclass(frozen=True, eq=False)
class Template:
    """A text with ``{{ … }}`` in it."""

    text: str
    tree: Tree

    @staticmethod
    def parse(text: str) -> Template:
        """The template that ``text`` is; short ones are kept.

        Raises:
            TemplateError: it is none, or larger than templates may be.
        """
        return _kept(text) if len(text) <= _MAX_KEPT_LENGTH else _parsed(text)

    def render(self, context: Context) -> str:
        """The text that this template makes of ``context``.

        Raises:
            TemplateError: it makes none, or takes more than a template may: see
                ``running.MAX_STEPS``, ``MAX_OUTPUT`` and ``MAX_DEPTH``.
        """
        return render(self.tree, context)

    @cached_property
    def uses(self) -> Uses:
        """What it reads."""
        return uses_of(self.tree)


def _parsed(text: str) -> Template:
    return Template(text, parse(text, NAMES, VARIABLES))


@lru_cache(maxsize=1024)
def _kept(text: str) -> Template:
    return _parsed(text)


__all__ = ["Context", "Template", "TemplateError", "Uses"]
