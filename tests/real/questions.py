"""What is asked of Prometheus and of this app's query API: good, bad, and searches."""

from __future__ import annotations

from typing import Final

from tests.promql.dataset import BASE, END
from tests.real.sides import Parameters
from zerostate_monitoring.promql.functions import FUNCTIONS
from zerostate_monitoring.promql.nodes import ValueType

MIDDLE: Final = (BASE + END) // 2000
RANGE: Final = {"start": str(MIDDLE - 600), "end": str(MIDDLE), "step": "60"}

SAMPLE: Final = {
    ValueType.VECTOR: "up",
    ValueType.MATRIX: "up[5m]",
    ValueType.SCALAR: "1",
    ValueType.STRING: '"x"',
}
LONG: Final = (
    "sum by (job, zone) (rate(requests_total{job=~'api|web', status!='500'}[5m])) / on (job, zone) "
    "group_left (team) sum by (job, zone, team) (rate(tasks_total[5m] offset 1h))"
)
EXPRESSIONS: Final = (
    *("1", "-1.5e-9", "1e21", "0x1F", "NaN", "-Inf", "5m", "'te\"xt'", "`raw\\n`", '"ü\\n"'),
    *("up", "up{}", '{__name__="up"}', '{"a.b"="c", job!=""}', 'up{job=~"a|b", zone!~"x.*"}'),
    *("up offset 5m", "up offset -1h30m", "up @ 17.5", "up @ start()", "up @ end() offset 1m"),
    *("up[5m]", "up[1h] offset 2m", "up[5m:]", "up[1h:30s] @ 100 offset 1w", "(up + 1)[5m:1m]"),
    *("up[5m * 2]", "up[(2 + step()) ^ 2:-(1m - range())]", "up offset -(1h / 2)", "up[(300)]"),
    *(
        "up[min_of(1h, range()):max_of(step(), 1m) % 7]",
        "up offset step() * 2",
        "up offset -RANGE()",
    ),
    *("-up", "+up", "--1", "(up)", "((1))", "1 + 2 * 3 ^ 2 ^ 1", "-1 ^ 2", "1 == bool 2"),
    *("up + up", "up * on(job) group_left(zone) up", "up / ignoring(job) group_right up"),
    *("up and on(job) up", "up or up", "up unless ignoring(zone, job) up", "up > bool on() up"),
    *("up atan2 up", "1 - up", "up % 2 >= 1", "sum(up)", "sum by (job) (up)", "sum by () (up)"),
    *("avg without (job, zone) (up)", "topk(3, up)", "bottomk by (job) (1 + 1, up)", "group(up)"),
    *("quantile(0.9, up)", 'count_values("value", up)', "stddev(up)", "sum(rate(up[5m])) by (a)"),
    *("max_over_time(rate(up[5m])[1h:1m])", "sum(up) / on() vector(2)", "time()", "minute()"),
    LONG,
)
CALLS: Final = tuple(
    f"{name}({', '.join(SAMPLE[kind] for kind in one.arguments)})"
    for name, one in sorted(FUNCTIONS.items())
)
WRONG: Final = (
    *("", " ", "# nothing", "up +", "nosuch(up)", "up{", "up}", "up[", "up[5m", "sum(", "1 +\n  ("),
    *("rate(up)", "up[5m] + 1", "1 + 'a'", "sum(1)", "{}", "{job=''}", "up{job=~'('}", "up offset"),
    *("'é' +", "up @ x", "1 and 2", "up + on(a) group_left(a) up", "rate(up[5m], 1)", "'", '"\\q"'),
    *("up[1m +]", "up[1m / 0]", "up[max_of(1m)]", "up[(1m]", "up[step]", "up offset (1m) * up"),
    *("up[0s]", "up[5m][5m]", "up * bool up", "sum by (1) (up)", "foo bar", "1 2", "a{b=c}", "@"),
)
OWN_PLACES: Final = (" ", "# nothing", '"\\q"')
"""Here we point at the end, or at the escape itself; Prometheus at the beginning."""
TIMES: Final = ("abc", "NaNs", "2015-13-01T00:00:00Z", "", "1e3", "2023-11-14T22:20:00.5Z")
BAD: Final[tuple[tuple[str, Parameters], ...]] = (
    *(("query", {"query": "up", "time": text}) for text in TIMES),
    ("query", {"query": "up", "timeout": "abc"}),
    ("query", {"query": "up", "limit": "-1"}),
    ("query", {"query": "up", "lookback_delta": "abc"}),
    ("query_range", {"query": "up"}),
    ("query_range", {"query": "up", **RANGE, "end": "1"}),
    ("query_range", {"query": "up", **RANGE, "end": "later"}),
    ("query_range", {"query": "up", **RANGE, "step": "0"}),
    ("query_range", {"query": "up", **RANGE, "step": "-5s"}),
    ("query_range", {"query": "up", **RANGE, "step": "soon"}),
    ("query_range", {"query": "up", **RANGE, "step": "1e300"}),
    ("query_range", {"query": "up", **RANGE, "step": "0.01"}),
    ("query_range", {"query": "up", **RANGE, "timeout": "x"}),
    ("series", {}),
    ("series", {"match[]": "up", "start": "x"}),
    ("labels", {"end": "x"}),
    ("labels", {"limit": "-5"}),
    ("label/job/values", {"start": "x"}),
    ("metadata", {"limit": "x"}),
    ("metadata", {"limit_per_metric": "x"}),
)
QUERIES: Final = (
    *("1", "-1.5e-9", "1e21", "NaN", "1 / 0", '"text <&>"', "vector(1e-7)", "vector(-1e22)"),
    *("{__name__=~'.+'}", "{__name__=~'.+'}[40s]", "nothing", "nothing[5m]", "vector(0.1) * 3"),
    *(
        "sort_desc({__name__=~'.*total'})",
        "count by (__name__) ({__name__!=''})",
        "absent(nothing)",
    ),
    *("rate({__name__=~'.*total'}[2m])", "sum by (job) ({job!=''})", "scalar({job!=''})", "time()"),
    *(
        "{job!=''} > 0",
        "load > bool 0",
        "histogram_quantile(0.9, rate(size_bucket[5m]))",
        "{job!=''} offset 3m",
        "count_over_time(load[max_of(step(), 20) * 3])",
    ),
)
REFUSED: Final = (
    "{job!=''} * {job!=''}",
    "{job!=''} > bool 0",
    "label_replace({job!=''}, 'job', 'x', '', '')",
    "label_join(vector(1), '', ',', 'a')",
    "topk(scalar(nothing), {job!=''})",
)
SEARCHED: Final[tuple[Parameters, ...]] = (
    {},
    {"match[]": "{job!=''}"},
    {"match[]": ["{__name__=~'.*total'}", "{job!=''}", "nothing"]},
    {"match[]": "{zone=~'.+', __name__=~'.+'}", "start": str(MIDDLE), "end": str(MIDDLE + 60)},
    {"match[]": "{job!=''}", "start": str(END // 1000 + 86_400)},
)
SELECTORS: Final = ("up + 1", "up[5m]", "up offset 5m", "", "sum(up)", "up{", "1")
