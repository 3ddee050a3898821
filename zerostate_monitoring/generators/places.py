"""One directory to write into: no way out of it, no file half written, one export at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISLNK, S_ISREG
from typing import Final

from zerostate_monitoring.exceptions import ExportError

SUFFIX: Final = ".zerostate-part"
"""What a file is called while it is being written, after its own name and a dot before it."""

_ADVICE: Final = {
    errno.EACCES: "Give this user the right to write there, or name another directory.",
    errno.EPERM: "Give this user the right to write there, or name another directory.",
    errno.EROFS: "It is mounted read-only: name another directory.",
    errno.ENOSPC: "Make room and run it again; what was written before is whole.",
    errno.EDQUOT: "Make room and run it again; what was written before is whole.",
}


class Place:
    """The directory ``root``; files in it by their relative POSIX paths.

    ``root`` itself may be a link. Beneath it none is followed: it could lead anywhere.
    """

    def __init__(self, root: Path) -> None:
        self._root: Final = root
        with _told(root, "read"):
            is_other = root.exists() and not root.is_dir()
        if is_other:
            raise ExportError(f"{root} is a file. Name a directory, or move the file away.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the directory, and keep other exports out of it.

        Raises:
            ExportError: it cannot be made, or another export is at work there.
        """
        with _told(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._lock(handle)
            yield
        finally:
            os.close(handle)

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            text = f"Another export writes into {self._root}. Wait until it is done, then repeat."
            raise ExportError(text) from error

    def content(self, path: str) -> bytes | None:
        """What stands in a file; ``None`` where there is none.

        Raises:
            ExportError: there is something else, the way leads through a link, or it cannot
                be read.
        """
        where = self._checked(path)
        with _told(where, "read"):
            try:
                return where.read_bytes()
            except FileNotFoundError:
                return None

    def put(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all; one that is there keeps its mode.

        Raises:
            ExportError: it cannot be written; the file is as it was.
        """
        where = self._checked(path)
        part = where.with_name(f".{where.name}{SUFFIX}")
        with _told(where):
            where.parent.mkdir(parents=True, exist_ok=True)
            try:
                _fill(part, content, _mode(where))
                part.replace(where)
            except BaseException:
                part.unlink(missing_ok=True)
                raise

    def remove(self, path: str) -> None:
        """Delete a file, and directories that are empty without it.

        Raises:
            ExportError: it cannot be deleted.
        """
        where = self._checked(path)
        with _told(where, "removed"):
            where.unlink(missing_ok=True)
        with suppress(OSError):
            for parent in where.parents:
                if parent == self._root:
                    break
                parent.rmdir()

    def sweep(self, paths: Collection[str]) -> None:
        """Delete what exports that were cut off have left of these files."""
        for path in paths:
            where = self._checked(path)
            with _told(where, "removed"):
                where.with_name(f".{where.name}{SUFFIX}").unlink(missing_ok=True)

    def settle(self, paths: Collection[str]) -> None:
        """Have the names of these files survive a loss of power, too."""
        for directory in {self._root, *(self._root.joinpath(path).parent for path in paths)}:
            # One that is gone with its last file needs none, and not every system can do it.
            with suppress(OSError):
                handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def _checked(self, path: str) -> Path:
        """Where a file stands, if the way there consists of directories alone."""
        where = self._root
        *above, _ = parts = path.split("/")
        for number, part in enumerate(parts):
            where = where / part
            _check_kind(where, is_directory=number < len(above))
        return where


def _check_kind(where: Path, *, is_directory: bool) -> None:
    with _told(where, "read"):
        try:
            mode = os.lstat(where).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
    if S_ISLNK(mode):
        text = f"{where} is a symbolic link, which could lead out of the directory. Remove it."
        raise ExportError(text)
    if is_directory and not S_ISDIR(mode):
        raise ExportError(f"{where} is a file where a directory must be. Move it away.")
    if not is_directory and not S_ISREG(mode):
        raise ExportError(f"{where} is no file, but one must be written there. Move it away.")


def _mode(where: Path) -> int | None:
    try:
        return S_IMODE(os.lstat(where).st_mode)
    except FileNotFoundError:
        return None


def _fill(part: Path, content: bytes, mode: int | None) -> None:
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(handle, "wb") as file:
        if mode is not None:
            os.fchmod(handle, mode)
        file.write(content)
        file.flush()
        os.fsync(handle)


@contextmanager
def _told(where: Path, verb: str = "written") -> Iterator[None]:
    """Errors of the system as ours, with the place and what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        advice = _ADVICE.get(error.errno or 0, "")
        raise ExportError(f"{where} cannot be {verb}: {reason}. {advice}".strip()) from error
