"""Matchers as Alertmanager reads them."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.generators.alertmanager.matchers import matcher_texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("severity=critical\nnode!=a", ['severity="critical"', 'node!="a"']),
        (r'a="x\ty\"\\\n"', ['a="x\ty\\"\\\\\\n"']),
        ('a=~"x|y"', ['a=~"x|y"']),
        ('a=~"x.*"', ['a=~"(?s:x.*)"']),
        (r'a!~"x\\.y"', [r'a!~"x\\.y"']),
        (r'a=~"x\\\\.y"', [r'a=~"(?s:x\\\\.y)"']),
        ('a="{{ x }}"', ['a="{{ x }}"']),
    ],
)
def test_matchers__have_the_escapes_that_it_knows(text, expected):
    """A dot meets a line's end, as here; one that is escaped is a full stop."""
    assert matcher_texts(text) == expected


def test_matchers__of_names_that_it_does_not_know_are_refused():
    """With the version that knows them."""
    with pytest.raises(RuleError, match=r"does not know before 0\.27"):
        matcher_texts('"größe"="x"')
