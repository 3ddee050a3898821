"""Run the benchmarks, print what they measured, and write bench.json.

Every module of this package that has a function ``figures()`` is a benchmark. It yields
``(key, figure)``; a figure is a number or a mapping that JSON can hold.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import django

ROOT: Final = Path(__file__).resolve().parent.parent
Figures = Iterable[tuple[str, Any]]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks named in ``arguments``, or all; 1 if one of them failed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    options = _options(arguments)
    names = options.names or list(benchmark_names())
    figures = dict(_measured(names))
    merged = {**_earlier(options.output, keep=bool(options.names)), **figures}
    write(options.output, {**merged, "machine": machine()})
    print(f"written to {options.output}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="modules of this package; all if none is named")
    parser.add_argument("--output", type=Path, default=ROOT / "bench.json")
    return parser.parse_args(arguments)


def benchmark_names() -> Iterator[str]:
    """Names of the modules of this package that measure something."""
    import benchmarks  # noqa: PLC0415 - this package itself, known once it runs as a module

    for module in pkgutil.iter_modules(benchmarks.__path__):
        if not module.name.startswith("_") and hasattr(_module(module.name), "figures"):
            yield module.name


def _module(name: str) -> Any:
    return importlib.import_module(f"benchmarks.{name}")


def _measured(names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        started = time.perf_counter()
        print(f"{name} ...", flush=True)
        found: Figures = _module(name).figures()
        for key, figure in found:
            print(f"  {key}: {readable(figure)}", flush=True)
            yield key, figure
        print(f"  took {time.perf_counter() - started:.0f} s", flush=True)


def readable(figure: Any) -> str:
    """A figure for people: numbers with four digits, mappings on one line."""
    if isinstance(figure, Mapping):
        return ", ".join(f"{key} {readable(value)}" for key, value in figure.items())
    return f"{figure:.4g}" if isinstance(figure, float) else str(figure)


def _earlier(path: Path, *, keep: bool) -> dict[str, Any]:
    if not (keep and path.exists()):
        return {}
    return dict(json.loads(path.read_text(encoding="utf-8")))


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "django": django.get_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
    }


def write(path: Path, figures: Mapping[str, Any]) -> None:
    """Write ``figures`` sorted by key, whole or not at all."""
    unfinished = path.with_suffix(".json.tmp")
    unfinished.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(path)


if __name__ == "__main__":
    sys.exit(main())
