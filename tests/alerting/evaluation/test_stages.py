"""Which rules are asked together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.evaluation.stages import Traffic, names_read, stages

NAMES = st.frozensets(st.sampled_from("abcd"), max_size=2)
RULES = st.lists(st.builds(Traffic, st.none() | NAMES, NAMES), max_size=8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + sum(rate(b{x='y'}[5m]))", {"a", "b"}),
        ("vector(1)", set()),
        ('{__name__="a"}', {"a"}),
        ('{__name__=~"a|b"}', None),
        ('a or {x="y"}', None),
    ],
)
def test_names_read__are_those_of_all_selectors(text: str, expected: set[str] | None) -> None:
    """A selector without an exact name may choose any."""
    assert names_read(text) == expected


def test_stages__of_rules_without_a_connection_is_one() -> None:
    """A thousand rules are asked at once."""
    assert (
        stages([Traffic(frozenset({str(n)}), frozenset({"ALERTS"})) for n in range(5)]) == [0] * 5
    )


def test_stages__of_a_chain_are_as_many_as_its_links() -> None:
    """Each sees what the one before it wrote."""
    chain = [Traffic(frozenset({str(n)}), frozenset({str(n + 1)})) for n in range(4)]
    assert stages(chain) == [0, 1, 2, 3]
    assert stages(reversed(chain)) == [0, 0, 0, 0]


@given(RULES)
def test_stages__show_each_rule_what_one_after_another_would(rules: list[Traffic]) -> None:
    """Names that a rule reads hold what the last rule before it wrote, and nothing later."""

    def seen(rule: Traffic, written: dict[str, int]) -> dict[str, int]:
        names = written.keys() if rule.reads is None else rule.reads
        return {name: written.get(name, -1) for name in names if name in written}

    in_order, written = [], dict[str, int]()
    for place, rule in enumerate(rules):
        in_order.append(seen(rule, written))
        written.update(dict.fromkeys(rule.writes, place))
    order = stages(rules)
    together: dict[int, dict[str, int]] = {}
    written = {}
    for stage in sorted(set(order)):
        places = [place for place in range(len(rules)) if order[place] == stage]
        together.update({place: seen(rules[place], written) for place in places})
        for place in places:
            # Series of one name that two rules write stand side by side.
            for name in rules[place].writes:
                written[name] = max(place, written.get(name, -1))
    for place in range(len(rules)):
        for name, writer in in_order[place].items():
            assert together[place].get(name, -1) >= writer
        assert all(writer < place for writer in together[place].values())
