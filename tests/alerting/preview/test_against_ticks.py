"""A preview over a history, and the ticks that evaluated the same slots: the same alerts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.alerting.evaluation import harness
from tests.alerting.evaluation.harness import INTERVAL_MS, START_MS, Installation, labels_of
from zerostate_monitoring.alerting.preview import asking, preview
from zerostate_monitoring.alerting.preview.replaying import Nothing
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import ErrorPolicy
from zerostate_monitoring.querying import engines
from zerostate_monitoring.querying.readiness import READY
from zerostate_monitoring.rules.definitions import AlertingRule

pytestmark = pytest.mark.django_db

COLUMNS = 16
EQUAL = 'label_replace(load, "node", "same", "", "")'
TWINS = [[1.0] * COLUMNS, [None, None, 1.0, 1.0, *[None] * (COLUMNS - 4)]]
"""At two slots there are two series, which that makes equal: those are in error."""
EXPRS = (
    "load > 1",
    "load",
    "absent(load)",
    "sum by (site) (load) > 2",
    "max_over_time(load[40s]) > 1",
    EQUAL,
    "load > on (site) load",
    "1 < bool 2",
)
value = st.none() | st.sampled_from([0.0, 1.0, 2.0, float("nan")])
history = st.lists(st.lists(value, min_size=COLUMNS, max_size=COLUMNS), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None)
@example(lines=TWINS, expr=EQUAL, hold=3, keep=0, width=1, limit=0, policy=ErrorPolicy.KEEP)
@example(lines=TWINS, expr=EQUAL, hold=1, keep=0, width=1, limit=0, policy=ErrorPolicy.FIRE)
@given(
    lines=history,
    expr=st.sampled_from(EXPRS),
    hold=st.integers(0, 3),
    keep=st.integers(0, 2),
    width=st.sampled_from([1, 2]),
    limit=st.sampled_from([0, 0, 1]),
    policy=st.sampled_from(ErrorPolicy),
)
def test_preview__finds_the_alerts_of_the_ticks(lines, expr, hold, keep, width, limit, policy):
    """Labels, pending, firing, end, of each; errors that keep, and errors that fire."""
    with pytest.MonkeyPatch.context() as patched, transaction.atomic():
        page = Installation(patched)
        patched.setattr(engines, "storage", page.storage)
        patched.setattr(asking, "readiness", lambda query, at_ms: READY)
        patched.setattr(asking, "Hindsight", lambda rule, span: Nothing())
        group = harness.group(interval_seconds=15 * width, limit=limit)
        rule = harness.rule(
            group,
            expr=expr,
            for_duration=timedelta(milliseconds=hold * INTERVAL_MS),
            keep_firing_for=timedelta(milliseconds=keep * INTERVAL_MS),
            labels={"grade": "{{ if gt $value 1.0 }}high{{ end }}"},
            error_policy=policy,
        )
        for at in range(COLUMNS):
            values = {
                labels_of("load", node=f"n{n}", site=str(n // 2)): line[at]
                for n, line in enumerate(lines)
                if line[at] is not None
            }
            page.step({labels_of("other"): 1.0, **values})
        definition = labelled(rule)
        assert isinstance(definition, AlertingRule)
        found = preview(
            definition,
            interval_ms=group.interval_ms,
            end_ms=page.newest,
            span_ms=page.newest - START_MS,
            limit=limit,
            on_error=policy,
        )
        assert found.problem == ""
        ours = {(one.labels, one.pending_ms, one.fired_ms, one.ended_ms) for one in found.incidents}
        assert ours == lived()
        assert len(ours) == len(found.incidents)
        transaction.set_rollback(True)


def lived():
    """The alerts that were evaluated, as a preview tells them."""
    return {
        (
            tuple(sorted(row.labels.items())),
            *(
                at and round(at.timestamp() * 1000)
                for at in (row.started_at, row.fired_at, row.ended_at)
            ),
        )
        for row in Alert.objects.all()
    }
