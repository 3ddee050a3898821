"""Templates by chance: most of them can be filled in, some cannot, some are none."""

from __future__ import annotations

from random import Random
from typing import Final

_STRINGS: Final = (
    *("$labels.instance", "$labels.job", "$labels.missing", ".Labels.job", "$externalURL"),
    *('"a"', '""', "`x\\y`", '"1.5"', '"12e3"', '"a:b:c"', '"é ü"', '"10.0.0.1:80"', '"1h30m"'),
    *('"%"', "\"<a href='x'>\"", '"a b.c-d_e"', '"$1"', '"[::1]:9"', '"x.y.z"'),
)
_NUMBERS: Final = (
    *("$value", ".Value", "1", "-7", "0", "1.5", "0.001234", "1e3", "2.5e-7", "123456789.0"),
    *("0x1F", "017", "1_000", "'x'", "1e15", "100000.0", "1234567.0", "(len $labels)"),
)
_OTHERS: Final = ("true", "false", "nil", "$labels", "$externalLabels", ".", "$")
_OF_NUMBERS: Final = (
    *("humanize", "humanize1024", "humanizeDuration", "humanizePercentage"),
    *("humanizeTimestamp", "toTime", "print", "println", "not", "html", "urlquery"),
)
_OF_STRINGS: Final = (
    *("toUpper", "toLower", "title", "stripPort", "stripDomain", "safeHtml", "len", "html", "js"),
    *("graphLink", "tableLink", "urlquery", "parseDuration", "print", 'match "a.*"', "humanize"),
    *('reReplaceAll "(.).*" "$1-$1"', 'reReplaceAll "b*" "-"', 'printf "%q"', 'slice "abc" 1 |'),
)
_VERBS: Final = (
    *("%v", "%s", "%d", "%f", "%.2f", "%5.1f", "%-8.3f|", "%08.2f", "%+.1f", "%g", "%.3g", "%e"),
    *("%q", "%x", "%X", "%t", "%%", "%5d", "%-5d|", "%05d", "%+d", "%c", "%U", "%6s|", "%-6s|"),
    *("%.2s", "%T", "%10.4v", "%G", "%o", "%O", "%[2]v", "%*d", "%!", "%"),
)
_COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
_SPACES: Final = ("", " ", "  ", "\n", " x ")


class Templates:
    """Makes templates; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random: Final = Random(seed)

    def make(self) -> str:
        """One template."""
        return "".join(self._piece(2) for _ in range(self._random.randint(1, 3)))

    def _piece(self, depth: int) -> str:
        ways = [self._text, self._action, self._action, self._action]
        if depth:
            ways += [self._if, self._range, self._with, self._variable, self._define]
        return self._random.choice(ways)(depth)

    def _text(self, depth: int) -> str:
        return self._random.choice(_SPACES) + self._random.choice("abc{}-é%")

    def _action(self, depth: int) -> str:
        left, right = self._random.choice([("{{ ", " }}")] * 6 + [("{{- ", " -}}"), ("{{", "}}")])
        return left + self._pipeline(2) + right

    def _pipeline(self, depth: int) -> str:
        random = self._random
        kind = random.choice("nnnssspco")
        if kind == "n":
            return self._piped(self._number(depth), _OF_NUMBERS)
        if kind == "s":
            return self._piped(self._string(depth), _OF_STRINGS)
        if kind == "p":
            verbs = " ".join(random.choice(_VERBS) for _ in range(random.randint(1, 2)))
            given = " ".join(self._operand(depth) for _ in range(random.randint(0, 3)))
            return f'printf "{verbs}" {given}'
        if kind == "c":
            return f"{random.choice(_COMPARISONS)} {self._operand(depth)} {self._operand(depth)}"
        return random.choice(
            [
                f"and {self._operand(depth)} {self._operand(depth)}",
                f"or {self._operand(depth)} {self._operand(depth)}",
                f"index $labels {self._string(depth)}",
                f"print {self._operand(depth)} {self._operand(depth)} {self._operand(depth)}",
                self._operand(depth),
            ]
        )

    def _piped(self, start: str, functions: tuple[str, ...]) -> str:
        random = self._random
        steps = [random.choice(functions) for _ in range(random.randint(0, 2))]
        return " | ".join([start, *steps]).replace("| |", "|")

    def _operand(self, depth: int) -> str:
        kind = self._random.random()
        if kind < 0.45:
            return self._number(depth)
        if kind < 0.85:
            return self._string(depth)
        return self._random.choice(_OTHERS)

    def _number(self, depth: int) -> str:
        if depth and self._random.random() < 0.1:
            return f"({self._pipeline(depth - 1)})"
        return self._random.choice(_NUMBERS)

    def _string(self, depth: int) -> str:
        if depth and self._random.random() < 0.1:
            return f"({self._pipeline(depth - 1)})"
        return self._random.choice(_STRINGS)

    # -- control -------------------------------------------------------------------

    def _if(self, depth: int) -> str:
        middle = self._random.choice(
            ["", "{{ else }}no", f"{{{{ else if {self._pipeline(1)} }}}}or{{{{ else }}}}no"]
        )
        return f"{{{{ if {self._pipeline(1)} }}}}{self._piece(depth - 1)}{middle}{{{{ end }}}}"

    def _range(self, depth: int) -> str:
        over = self._random.choice(
            ["$labels", "$k, $v := $labels", "$v := $labels", "$externalLabels", "$labels.job"]
        )
        inner = self._random.choice(["{{ . }};", "{{ . | toUpper }}", "x", "{{ $.Value }}"])
        if over.startswith("$k"):
            inner = "{{ $k }}={{ $v }},"
        return f"{{{{ range {over} }}}}{inner}{{{{ else }}}}none{{{{ end }}}}"

    def _with(self, depth: int) -> str:
        value = self._string(1)
        return f"{{{{ with {value} }}}}<{{{{ . }}}}>{{{{ else }}}}empty{{{{ end }}}}"

    def _variable(self, depth: int) -> str:
        return f"{{{{ $x := {self._pipeline(1)} }}}}{{{{ $x }}}}{{{{ $x = 1 }}}}{{{{ $x }}}}"

    def _define(self, depth: int) -> str:
        name = self._random.choice("tuvw")
        return (
            f'{{{{ define "{name}" }}}}[{{{{ . }}}}]{{{{ end }}}}'
            f'{{{{ template "{name}" {self._operand(1)} }}}}'
        )


def templates(seed: int, count: int) -> list[str]:
    """So many templates."""
    maker = Templates(seed)
    return [maker.make() for _ in range(count)]
