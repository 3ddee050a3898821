"""Files into a directory: each whole or not at all, nothing foreign touched.

What is foreign is whatever ``manifests`` does not list with the digest that it has now. An
export that was cut off is completed by the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from zerostate_monitoring.exceptions import ExportError
from zerostate_monitoring.generators import manifests
from zerostate_monitoring.generators.manifests import Manifest, digest
from zerostate_monitoring.generators.options import Files
from zerostate_monitoring.generators.places import Place


class Outcome(StrEnum):
    """What becomes of a file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    KEPT = "kept"
    """It is no longer generated, but somebody has changed it since."""

    FOREIGN = "foreign"
    """It should be written, but what stands there was not written by an export."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file: what is there, what should be there, and what becomes of it."""

    path: str
    outcome: Outcome
    old: bytes | None
    new: bytes | None

    @property
    def is_difference(self) -> bool:
        """Whether the directory is not as it should be for this file."""
        return self.outcome not in {Outcome.UNCHANGED, Outcome.KEPT}


def compared(root: Path, files: Files, owned: Collection[str]) -> tuple[Step, ...]:
    """What ``write`` would do; nothing is written.

    Raises:
        ExportError: the directory cannot be read, or could not be written into.
    """
    _check_names(files)
    return tuple(_steps(Place(root), files, owned))


def write(
    root: Path, files: Files, owned: Collection[str], *, force: bool = False
) -> tuple[Step, ...]:
    """Put ``files`` into ``root``; remove those of ours that are no more beneath ``owned``.

    With ``force`` files are replaced that others have written or changed.

    Raises:
        ExportError: something cannot be written; what was written before it is whole.
    """
    _check_names(files)
    place = Place(root)
    with place.locked():
        steps = tuple(_steps(place, files, owned))
        foreign = [step.path for step in steps if step.outcome is Outcome.FOREIGN]
        if foreign and not force:
            raise ExportError(_foreign_text(root, foreign))
        _carry_out(place, steps)
    return tuple(_as_done(step) for step in steps)


# -- looking ---------------------------------------------------------------------


def _steps(place: Place, files: Files, owned: Collection[str]) -> Iterator[Step]:
    known = _manifest(place)
    for path in sorted(files):
        old, new = place.content(path), files[path].encode()
        yield Step(path, _outcome(old, new, known.get(path, frozenset())), old, new)
    for path in sorted(known.keys() - files.keys()):
        if path.partition("/")[0] in owned and (old := place.content(path)) is not None:
            is_ours = digest(old) in known[path]
            yield Step(path, Outcome.REMOVED if is_ours else Outcome.KEPT, old, None)


def _outcome(old: bytes | None, new: bytes, known: Collection[str]) -> Outcome:
    if old == new:
        return Outcome.UNCHANGED
    is_ours = old is None or digest(old) in known
    return Outcome.WRITTEN if is_ours else Outcome.FOREIGN


def _manifest(place: Place) -> Manifest:
    content = place.content(manifests.NAME)
    return {} if content is None else manifests.read(content.decode(errors="replace"))


# -- writing ---------------------------------------------------------------------


def _carry_out(place: Place, steps: Collection[Step]) -> None:
    before = _manifest(place)
    made = {step.path: frozenset({digest(step.new)}) for step in steps if step.new is not None}
    gone = {step.path for step in steps if step.new is None}
    place.sweep({step.path for step in steps})
    _note(place, manifests.merged((before, made)))
    for step in steps:
        if step.outcome in {Outcome.WRITTEN, Outcome.FOREIGN} and step.new is not None:
            place.put(step.path, step.new)
        elif step.outcome is Outcome.REMOVED:
            place.remove(step.path)
    others = {path: digests for path, digests in before.items() if path not in gone}
    _note(place, {**others, **made})
    place.settle([step.path for step in steps if step.is_difference])


def _note(place: Place, manifest: Manifest) -> None:
    content = manifests.written(manifest).encode()
    if place.content(manifests.NAME) != content:
        place.put(manifests.NAME, content)


def _as_done(step: Step) -> Step:
    is_forced = step.outcome is Outcome.FOREIGN
    return Step(step.path, Outcome.WRITTEN, step.old, step.new) if is_forced else step


# -- errors ----------------------------------------------------------------------


def _check_names(files: Iterable[str]) -> None:
    for path in files:
        if not manifests.is_path(path):
            raise ExportError(f"No file can be called {path!r}: this is a mistake of its part.")


def _foreign_text(root: Path, paths: Collection[str]) -> str:
    listed = "".join(f"\n  {path}" for path in paths)
    return (
        f"Nothing was written into {root}: these files were not written by an export, or were "
        f"changed since.{listed}\nMove them away, take them into the definitions, or have them "
        "replaced with --force. --check shows how they differ."
    )
