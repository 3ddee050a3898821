"""What evaluation asks for is counted, by whether there was an answer."""

from __future__ import annotations

from tests.alerting.evaluation.harness import Installation, group, labels_of, rule
from zerostate_monitoring.alerting.evaluation.asking import Answer, Bounds
from zerostate_monitoring.alerting.evaluation.counting import Counted
from zerostate_monitoring.instrumentation.registry import REGISTRY


def counted() -> tuple[float, ...]:
    name = "zerostate_monitoring_evaluation_queries_total"
    return tuple(
        REGISTRY.get_sample_value(name, {"outcome": outcome}) or 0
        for outcome in ("answered", "failed")
    )


class _Asker:
    def ask(self, texts, bounds):
        return [Answer(error="no" if "bad" in text else "") for text in texts]

    def add(self, samples, rewritten, ended):
        self.added = samples, rewritten, ended

    def query(self, text):
        return [({"of": text}, 1.0)]


def test_questions__count_by_their_outcome():
    """Each expression once; what a template asks is not a rule's."""
    before = counted()
    asker = _Asker()
    one = Counted(asker)
    answers = one.ask(["a", "bad", "b"], Bounds(1, 1))
    assert [answer.error for answer in answers] == ["", "no", ""]
    assert counted() == (before[0] + 2, before[1] + 1)
    one.add([], {"x"}, [])
    assert asker.added == ([], {"x"}, [])
    assert list(one.query("t")) == [({"of": "t"}, 1.0)]
    assert counted() == (before[0] + 2, before[1] + 1)


def test_tick__counts_what_its_rules_ask(made: Installation) -> None:
    """Each rule at each slot, also those that have no answer."""
    one = group()
    rule(one, "Down")
    rule(one, "Strange", expr="vector(1) / on (a) group_left () up")
    before = counted()
    up = {labels_of("up", node="a"): 1.0, labels_of("up", node="b"): 1.0}
    for _ in range(3):
        made.step(up)
    answered, failed = (new - old for new, old in zip(counted(), before, strict=True))
    assert answered + failed == 6
