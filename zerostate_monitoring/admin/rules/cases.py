"""Test cases of a rule on its page: how they are written, and what becomes of those that fail."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

UNTESTED: Final = "_untested"
"""Name of the box by which somebody saves a rule although test cases fail."""

CASES_HELP: Final = gettext_lazy(
    "As in the tests of promtool: a list of cases, each with series, a time, and the alerts that "
    "fire then. They are run when the rule is saved, and leave with it in an export."
)
EXAMPLE: Final = """\
- name: fires after five minutes
  interval: 1m
  input_series:
    - series: 'my_metric{node="a"}'
      values: '0x20'
  alert_rule_test:
    - eval_time: 10m
      exp_alerts:
        - exp_labels: {node: a, severity: warning}
          exp_annotations: {summary: a is down}
"""
