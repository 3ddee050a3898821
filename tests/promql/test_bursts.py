"""Many objects at once."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from zerostate_monitoring.promql.bursts import MOST_FROZEN_BY_PYTHON, loading, uninterrupted
from zerostate_monitoring.promql.data import Series


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """The collector as it is at the start, whatever a test leaves."""
    was = gc.isenabled()
    gc.enable()
    yield
    if not was:
        gc.disable()


@pytest.fixture
def passes() -> Iterator[list[int]]:
    """The generations that were collected during the test."""
    found: list[int] = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start":
            found.append(told["generation"])

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


def test_uninterrupted__looks_for_no_garbage_inside(passes: list[int]) -> None:
    """However many objects are made; afterwards it is looked for again."""
    with uninterrupted():
        made = [(number, str(number)) for number in range(20_000)]
        inside = len(passes)
    assert inside == 0
    assert gc.isenabled()
    made += [(number, str(number)) for number in range(20_000)]
    assert passes


def test_uninterrupted__ends_with_an_error() -> None:
    """A query that is broken off leaves the process as it was."""
    with pytest.raises(ZeroDivisionError), uninterrupted():
        _ = 1 / 0
    assert gc.isenabled()


def test_uninterrupted__leaves_a_process_that_never_looks_alone() -> None:
    """Whoever has switched it off has a reason."""
    gc.disable()
    with uninterrupted():
        pass
    assert not gc.isenabled()


def test_uninterrupted__within_another_is_the_other() -> None:
    """The inner one does not end the outer one."""
    with uninterrupted():
        with uninterrupted():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_loading__makes_old_without_a_look(passes: list[int]) -> None:
    """What is made inside is no burden to the passes that follow, which look at the young."""
    with loading():
        made = [[number] for number in range(20_000)]
    assert passes == []
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert any(made is one for one in gc.get_objects(generation=2))


def test_loading__makes_nothing_immortal() -> None:
    """What goes round in circles is found by the next full pass, as ever."""
    with loading():
        knot = type("Knot", (), {})()
        knot.itself = knot
        found = weakref.ref(knot)
        del knot
    assert found() is not None
    gc.collect()
    assert found() is None


FROZEN = """
import gc
from zerostate_monitoring.promql.bursts import MOST_FROZEN_BY_PYTHON, loading
gc.freeze()
held = gc.get_freeze_count()
with loading():
    made = []
print(held > MOST_FROZEN_BY_PYTHON, gc.get_freeze_count() == held, gc.isenabled())
"""


def test_loading__is_not_kept_from_it_by_what_python_froze_itself() -> None:
    """Some versions start with objects frozen; no process may have more than are passed over."""
    done = subprocess.run(
        [sys.executable, "-c", "import gc; print(gc.get_freeze_count())"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) <= MOST_FROZEN_BY_PYTHON


def test_loading__leaves_frozen_what_a_server_froze() -> None:
    """A server freezes before it forks, so that its children share that memory."""
    done = subprocess.run(
        [sys.executable, "-c", FROZEN], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["True", "True", "True"]


def test_kept__is_made_without_looking_for_garbage(passes: list[int]) -> None:
    """What is derived of very many label sets is a burst."""
    series = Series([(("__name__", "m"), ("n", str(number))) for number in range(20_000)])
    passes.clear()

    def work() -> tuple[list[object], int]:
        return [labels[1:] for labels in series.labels], len(passes)

    made, looked = series.kept("without", work)
    assert (len(made), looked) == (20_000, 0)
