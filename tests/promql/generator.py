"""Invented queries: of every construct, nested, most of them with an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import Final

from tests.promql import vocabulary as words
from tests.promql.answers import Ask
from tests.promql.leaves import Leaves
from tests.promql.terms import Term, term

DEEPEST: Final = 4


class Generator(Leaves):
    """Queries of one seed.

    ``careful`` ones are for a Prometheus whose windows hold both their ends: none of their
    windows begins where a sample stands. ``without`` names functions that it lacks. With
    ``computed`` some durations are expressions.
    """

    def __init__(
        self,
        seed: int,
        *,
        careful: bool = False,
        computed: bool = False,
        without: Collection[str] = (),
    ) -> None:
        super().__init__(Random(seed), careful=careful, computed=computed)
        self._without = frozenset(without)
        self._vectors: list[tuple[int, Callable[[int], Term]]] = [
            (12, self._selector),
            (9, self._elementwise),
            (14, self._over_time),
            (5, self._rate),
            (14, self._aggregation),
            (10, self._with_scalar),
            (14, self._paired),
            (5, self._set),
            (4, self._relabelled),
            (4, self._clamped),
            (4, self._quantile),
            (3, self._sign),
            (3, self._date),
            (3, self._odd_one),
        ]

    def ask(self) -> tuple[Term, Ask]:
        """A query, and when."""
        random = self._random
        start = self._instant()
        if random.random() < 0.45:
            step = random.choice((1, 7, 15, 15, 30, 60, 61, 120)) * 1000
            whole = self.scalar(2) if random.random() < 0.05 else self.vector(DEEPEST)
            end = start + step * random.choice((0, 1, 5, 20, 40)) + random.choice((0, 500))
            return whole, Ask(whole.text, start, end, step)
        chance = random.random()
        if chance < 0.06:
            whole = self.matrix(1)
        elif chance < 0.12:
            whole = self.scalar(2)
        elif chance < 0.2:
            whole = term("vector", random.choice(("sort(", "sort_desc(")), self.vector(3), ")")
        else:
            whole = self.vector(DEEPEST)
        return whole, Ask(whole.text, start, start)

    def vector(self, depth: int) -> Term:
        """Something that gives an instant vector."""
        if depth <= 0:
            return self._selector(0)
        weights = [weight for weight, _ in self._vectors]
        (make,) = self._random.choices([make for _, make in self._vectors], weights)
        return make(depth - 1)

    def scalar(self, depth: int) -> Term:
        """Something that gives a scalar."""
        random = self._random
        chance = random.random()
        if depth <= 0 or chance < 0.6:
            return term("scalar", random.choice(words.NUMBERS))
        if chance < 0.7:
            return term("scalar", random.choice(("time()", "pi()")))
        if chance < 0.85:
            return term("scalar", "scalar(", self.vector(depth - 1), ")")
        if chance < 0.95:
            operator = random.choice(words.ARITHMETIC)
            left, right = self.scalar(depth - 1), self.scalar(depth - 1)
            return term("scalar", "(", left, f" {operator} ", right, ")")
        operator = random.choice(words.COMPARISONS)
        left, right = self.scalar(depth - 1), self.scalar(depth - 1)
        return term("scalar", "(", left, f" {operator} bool ", right, ")")

    def matrix(self, depth: int, families: Sequence[str] = words.FAMILIES) -> Term:
        """Something that gives a range vector."""
        random = self._random
        span = self._length(words.RANGES, "1s")
        if depth > 0 and random.random() < 0.3:
            step = self._length(words.STEPS, "5s")
            inner = self.vector(depth - 1)
            # Steps of a subquery are multiples of its step: so are those inside one.
            shift = " offset 150ms" if self._careful else self._moved()
            window = self._length(("1m", "5m", "10m", "47s"), "1s")
            return term("matrix", "(", inner, f")[{window}:{step}]{shift}")
        plain = self._plain(families)
        return term("matrix", plain, f"[{span}]", self._moved())

    def _selector(self, depth: int) -> Term:
        plain = self._plain()
        if moved := self._moved():
            return term("selector", plain, moved, simpler=(plain,))
        return plain

    # -- functions -------------------------------------------------------------

    def _named(self, names: Sequence[str]) -> str:
        return self._random.choice([name for name in names if name not in self._without])

    def _elementwise(self, depth: int) -> Term:
        return term("vector", f"{self._named(words.ELEMENTWISE)}(", self.vector(depth), ")")

    def _date(self, depth: int) -> Term:
        name = self._named(words.DATES)
        if self._random.random() < 0.3:
            return term("vector", f"{name}()")
        inner = term("vector", "timestamp(", self.vector(depth), ")")
        return term("vector", f"{name}(", self._random.choice((inner, self.vector(depth))), ")")

    def _over_time(self, depth: int) -> Term:
        random = self._random
        chance = random.random()
        inner = self.matrix(depth)
        if chance < 0.12:
            level = random.choice(("0", "0.5", "0.9", "1", "-1", "2", "NaN", "0.333"))
            return term("vector", f"quantile_over_time({level}, ", inner, ")")
        if chance < 0.2:
            ahead = term("scalar", random.choice(("0", "60", "-300", "3600.5")))
            return term("vector", "predict_linear(", inner, ", ", ahead, ")")
        return term("vector", f"{self._named(words.OVER_TIME)}(", inner, ")")

    def _rate(self, depth: int) -> Term:
        inner = self.matrix(depth, words.COUNTERS)
        return term("vector", f"{self._named(words.OF_COUNTERS)}(", inner, ")")

    def _clamped(self, depth: int) -> Term:
        random, inner, limit = self._random, self.vector(depth), self.scalar(1)
        chance = random.random()
        if chance < 0.3:
            return term("vector", "clamp(", inner, ", ", limit, ", ", self.scalar(1), ")")
        if chance < 0.6:
            name = random.choice(("clamp_max", "clamp_min", "round"))
            return term("vector", f"{name}(", inner, ", ", limit, ")")
        name = random.choice(("round", "timestamp", "absent", "sort", "sort_desc"))
        return term("vector", f"{name}(", inner, ")")

    def _odd_one(self, depth: int) -> Term:
        if self._random.random() < 0.6:
            return term("vector", "vector(", self.scalar(depth), ")")
        natives = [name for name in words.OF_NATIVES if name not in self._without]
        name = self._random.choice([*natives, "absent"])
        return term("vector", f"{name}(", self.vector(depth), ")")

    def _relabelled(self, depth: int) -> Term:
        random, inner = self._random, self.vector(depth)
        if random.random() < 0.6:
            listed = random.choice(words.REPLACEMENTS)
            return term("vector", "label_replace(", inner, f", {listed})")
        sources = random.sample(words.LABELS, random.randint(0, 3))
        listed = "".join(f', "{name}"' for name in sources)
        target = random.choice(("new", "job", "zone"))
        return term("vector", "label_join(", inner, f', "{target}", "/"{listed})')

    def _quantile(self, depth: int) -> Term:
        random = self._random
        family = random.choice(("size_bucket", "size_bucket", "odd_bucket"))
        inner = term("vector", f"{family}{self._moved()}")
        if random.random() < 0.6:
            span = self._length(("1m", "5m", "10m"), "1m")
            inner = term("vector", f"{random.choice(('rate', 'increase'))}({family}[{span}])")
        if random.random() < 0.5:
            inner = term(
                "vector", random.choice(("sum by (le) (", "sum by (job, le) (")), inner, ")"
            )
        if random.random() < 0.15:
            inner = self.vector(depth)
        if random.random() < 0.25 and "histogram_fraction" not in self._without:
            low, high = random.choice(("-Inf", "0", "0.1", "0.7")), random.choice(("1", "5", "Inf"))
            return term("vector", f"histogram_fraction({low}, {high}, ", inner, ")")
        level = random.choice(("0", "0.1", "0.5", "0.9", "0.99", "1", "-0.1", "1.1", "NaN"))
        return term("vector", f"histogram_quantile({level}, ", inner, ")")

    # -- aggregations and operators --------------------------------------------

    def _aggregation(self, depth: int) -> Term:
        random = self._random
        name = random.choice(words.AGGREGATIONS)
        inner = self.vector(depth)
        plain = term("vector", "sum(", inner, ")")
        listed = ", ".join(random.sample(words.LABELS, random.randint(0, 3)))
        grouping = random.choice(("", f" by ({listed})", f" without ({listed})"))
        parameter: tuple[str | Term, ...] = ()
        if name in {"topk", "bottomk"}:
            parameter = (random.choice(("1", "2", "3", "0", "-1", "100")), ", ")
        elif name == "quantile":
            parameter = (random.choice(("0", "0.25", "0.5", "1", "1.5", "NaN")), ", ")
        elif name == "count_values":
            parameter = (random.choice(('"value"', '"job"')), ", ")
            # Its labels are values in full: another last digit would be another series.
            inner = self._plain() if random.random() < 0.5 else term("vector", "round(", inner, ")")
        if random.random() < 0.2:
            return term("vector", f"{name}(", *parameter, inner, f"){grouping}", simpler=(plain,))
        return term("vector", f"{name}{grouping} (", *parameter, inner, ")", simpler=(plain,))

    def _between(self) -> str:
        random = self._random
        if random.random() < 0.65:
            return random.choice(words.ARITHMETIC)
        return random.choice(words.COMPARISONS) + random.choice(("", " bool", " bool"))

    def _with_scalar(self, depth: int) -> Term:
        one, other = self.vector(depth), self.scalar(2)
        sides = (one, other) if self._random.random() < 0.7 else (other, one)
        left, right = sides
        if self._random.random() < 0.5:
            return term("vector", "(", left, f" {self._between()} ", right, ")")
        return term("vector", left, f" {self._between()} ", right, simpler=(one,))

    def _paired(self, depth: int) -> Term:
        """Two vectors; most of them fit each other."""
        random = self._random
        chance = random.random()
        if chance < 0.3:
            left, right = (self._once(depth, words.PAIRED) for _ in "12")
            matching = random.choice((" on (job, instance) ", " ignoring (zone, code) "))
        elif chance < 0.6:
            labels = random.choice(("job", "instance", "job, instance"))
            left, right = (self._grouped(depth, labels) for _ in "12")
            matching = random.choice((" ", f" on ({labels}) ", " ignoring (missing) "))
        elif chance < 0.75:
            return self._many_to_one(depth)
        elif chance < 0.9:
            left = self.vector(depth)
            right = random.choice((left, term("vector", "-", left)))
            matching = " "
        else:
            left, right = self.vector(depth), self.vector(depth)
            matching = random.choice((" ", " on (job) ", " ignoring (instance) ", " on () "))
        return term("vector", "(", left, f" {self._between()}{matching}", right, ")")

    def _many_to_one(self, depth: int) -> Term:
        random = self._random
        many = self._once(depth, ("requests_total", "load", "queue", "size_bucket"))
        one = random.choice((term("selector", "build_info"), self._grouped(depth, "job")))
        include = random.choice(("", "version", "version, instance", "missing"))
        matching = f"{self._between()} on (job) group_"
        if random.random() < 0.5:
            return term("vector", "(", many, f" {matching}left ({include}) ", one, ")")
        return term("vector", "(", one, f" {matching}right ({include}) ", many, ")")

    def _once(self, depth: int, families: Sequence[str]) -> Term:
        """A family as it is, or a function over it."""
        random = self._random
        plain = term("selector", random.choice(families))
        chance = random.random()
        if chance < 0.4:
            return plain
        if chance < 0.7:
            name, span = self._named(words.OVER_TIME[:-1]), random.choice(("1m", "5m", "47s"))
            return term("vector", f"{name}(", term("matrix", plain, f"[{span}]"), ")")
        return term("vector", f"{self._named(words.ELEMENTWISE)}(", plain, ")")

    def _grouped(self, depth: int, labels: str) -> Term:
        name = self._random.choice(words.AGGREGATIONS[:8])
        return term("vector", f"{name} by ({labels}) (", self.vector(depth), ")")

    def _set(self, depth: int) -> Term:
        random = self._random
        matching = random.choice((" ", " on (job) ", " ignoring (instance) ", " on () "))
        operator = random.choice(words.SETS)
        left, right = self.vector(depth), self.vector(depth)
        return term("vector", "(", left, f" {operator}{matching}", right, ")")

    def _sign(self, depth: int) -> Term:
        chance = self._random.random()
        sign = "-" if chance < 0.6 else "+"
        return term("vector", sign, self.vector(depth))
