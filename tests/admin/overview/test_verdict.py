"""The one sentence: what is grave decides, and what is not known is not called well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.admin.overview.verdict import Facts, verdict_of

counts = st.integers(0, 3)
some_facts = st.builds(
    Facts,
    critical_open=counts,
    warning_open=counts,
    handled=counts,
    gravest=st.sampled_from(["NodeDown", "<b>"]),
    nodes_up=counts,
    nodes_down=counts,
    blind=st.sampled_from(["", "the store does not answer."]),
    lacks=counts,
    watches=st.booleans(),
)


@pytest.mark.parametrize(
    ("facts", "tone", "said"),
    [
        (Facts(nodes_up=5), "good", "all 5 nodes answer"),
        (Facts(), "good", "Nothing fires"),
        (Facts(critical_open=1, gravest="NodeDown"), "bad", "taken it on: NodeDown."),
        (Facts(critical_open=2, gravest="NodeDown"), "bad", "first of all NodeDown."),
        (Facts(critical_open=1, gravest="A", blind="it sleeps."), "bad", "it sleeps."),
        (Facts(warning_open=2, nodes_down=1), "warn", "2 warnings fire"),
        (Facts(nodes_down=1), "warn", "1 node does not answer"),
        (Facts(handled=1), "warn", "somebody has taken it on"),
        (Facts(lacks=2), "warn", "2 parts of monitoring itself lack"),
        (Facts(blind="no rule was evaluated yet."), "none", "cannot see it: no rule"),
        (Facts(warning_open=1, blind="it sleeps."), "none", "it sleeps."),
        (Facts(watches=False, lacks=1), "none", "Nothing is looked at yet"),
        (Facts(watches=False, warning_open=1), "warn", "1 warning fires"),
    ],
)
def test_verdict__says_what_decides(facts, tone, said):
    """Each state has its tone, and its reason stands in the sentence."""
    found = verdict_of(facts)
    assert found.tone == tone
    assert said in found.reason


@given(some_facts)
def test_verdict__is_well_only_when_all_of_it_is(facts):
    """Green needs: nothing open, nothing handled, all nodes there, nothing unseen or lacking."""
    trouble = (
        facts.critical_open or facts.warning_open or facts.handled or facts.nodes_down
        or facts.blind or facts.lacks or not facts.watches
    )  # fmt: skip
    assert (verdict_of(facts).tone == "good") is not bool(trouble)


@given(some_facts)
def test_verdict__has_an_answer_and_a_reason(facts):
    """Nobody is left with a colour."""
    found = verdict_of(facts)
    assert found.answer.endswith(".")
    assert found.reason.endswith(".")
