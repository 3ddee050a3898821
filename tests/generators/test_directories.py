"""Files stand whole or not at all; what is foreign stays; what was cut off is completed."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import ExportError
from zerostate_monitoring.generators import manifests, places
from zerostate_monitoring.generators.directories import compared, write

FILES = {"rules/a.yml": "a: 1\n", "rules/b.yml": "b: 1\n", "prometheus/p.yml": "p: 1\n"}
OWNED = {"rules", "prometheus"}


def found(root):
    """All files beneath ``root`` but the list, with their texts."""
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != manifests.NAME
    }


def outcomes(steps):
    return {step.path: step.outcome.value for step in steps}


@contextmanager
def without_rights():
    """As somebody whom the rights of files bind; root is bound by none."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_write__makes_directories_and_files(tmp_path):
    """All are written, and nothing else stands there but the list of them."""
    root = tmp_path / "new" / "export"
    assert set(outcomes(write(root, FILES, OWNED)).values()) == {"written"}
    assert found(root) == FILES


def test_write__again_changes_nothing(tmp_path):
    """What is right is not touched: a program that watches the files is not woken."""
    write(tmp_path, FILES, OWNED)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert set(outcomes(write(tmp_path, FILES, OWNED)).values()) == {"unchanged"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_write__replaces_what_it_wrote(tmp_path):
    """A file of ours that is now generated otherwise is written anew; its mode stays."""
    write(tmp_path, FILES, OWNED)
    (tmp_path / "rules/a.yml").chmod(0o640)
    steps = write(tmp_path, {**FILES, "rules/a.yml": "a: 2\n"}, OWNED)
    assert outcomes(steps)["rules/a.yml"] == "written"
    assert (tmp_path / "rules/a.yml").read_text() == "a: 2\n"
    assert (tmp_path / "rules/a.yml").stat().st_mode & 0o777 == 0o640


def test_write__follows_the_umask(tmp_path):
    """Other users, such as Prometheus, may read what is new unless the umask says no."""
    before = os.umask(0o022)
    try:
        write(tmp_path, FILES, OWNED)
    finally:
        os.umask(before)
    assert (tmp_path / "rules/a.yml").stat().st_mode & 0o777 == 0o644


def test_write__removes_what_is_no_longer_generated(tmp_path):
    """A file of ours is removed, and its directory where it is empty then."""
    write(tmp_path, FILES, OWNED)
    steps = write(tmp_path, {"rules/a.yml": "a: 1\n"}, OWNED)
    assert outcomes(steps) == {
        "rules/a.yml": "unchanged", "rules/b.yml": "removed", "prometheus/p.yml": "removed",
    }  # fmt: skip
    assert found(tmp_path) == {"rules/a.yml": "a: 1\n"}
    assert not (tmp_path / "prometheus").exists()


def test_write__keeps_what_somebody_has_changed(tmp_path):
    """A file that is no longer generated, but not as it was written, stays and is told once."""
    write(tmp_path, FILES, OWNED)
    (tmp_path / "rules/b.yml").write_text("mine\n")
    rest = {path: text for path, text in FILES.items() if path != "rules/b.yml"}
    assert outcomes(write(tmp_path, rest, OWNED))["rules/b.yml"] == "kept"
    assert "rules/b.yml" not in outcomes(write(tmp_path, rest, OWNED))
    assert found(tmp_path)["rules/b.yml"] == "mine\n"


def test_write__leaves_other_parts_alone(tmp_path):
    """Who exports one part removes nothing of another, and the list still has it."""
    write(tmp_path, FILES, OWNED)
    write(tmp_path, {"rules/a.yml": "a: 1\n"}, {"rules"})
    assert set(found(tmp_path)) == {"rules/a.yml", "prometheus/p.yml"}
    assert outcomes(write(tmp_path, {}, {"prometheus"})) == {"prometheus/p.yml": "removed"}


def test_write__leaves_foreign_files_alone(tmp_path):
    """A directory need not be empty; files of other names are not touched."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/own.yml").write_text("own\n")
    (tmp_path / "README").write_text("read\n")
    write(tmp_path, FILES, OWNED)
    write(tmp_path, {}, OWNED)
    assert found(tmp_path) == {"rules/own.yml": "own\n", "README": "read\n"}


@pytest.mark.parametrize("is_ours_once", [True, False])
def test_write__refuses_to_replace_what_is_not_its_own(tmp_path, is_ours_once):
    """Nothing at all is written, the files are named, and --force replaces them."""
    if is_ours_once:
        write(tmp_path, FILES, OWNED)
    (tmp_path / "rules").mkdir(exist_ok=True)
    (tmp_path / "rules/a.yml").write_text("by hand\n")
    before = found(tmp_path)
    wanted = {**FILES, "rules/a.yml": "a: 2\n", "rules/b.yml": "b: 2\n"}
    with pytest.raises(ExportError, match=r"Nothing was written.*\n  rules/a.yml\n.*--force"):
        write(tmp_path, wanted, OWNED)
    assert found(tmp_path) == before
    assert outcomes(write(tmp_path, wanted, OWNED, force=True))["rules/a.yml"] == "written"
    assert found(tmp_path) == wanted


def test_write__takes_over_what_is_there_and_right(tmp_path):
    """A file that is as it should be becomes ours, whoever wrote it: a clone has no list."""
    write(tmp_path, FILES, OWNED)
    (tmp_path / manifests.NAME).unlink()
    assert set(outcomes(write(tmp_path, FILES, OWNED)).values()) == {"unchanged"}
    assert outcomes(write(tmp_path, {}, OWNED)) == dict.fromkeys(sorted(FILES), "removed")


def test_list__is_read_by_sha256sum(tmp_path):
    """Who wonders what was changed asks a program that every machine has."""
    write(tmp_path, FILES, OWNED)
    command = ["sha256sum", "--check", "--strict", manifests.NAME]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "rules/a.yml").write_text("other\n")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 1


# -- cut off -----------------------------------------------------------------------


class CutError(BaseException):
    """The process is killed: from here on it does nothing any more, not even cleaning up."""


def count_calls(monkeypatch, stop_at):
    """Let the process end at the n-th call that changes something; give what was called."""
    calls = []

    def wrapped(name, original):
        def call(self, *args, **kwargs):
            calls.append(name)
            if len(calls) >= stop_at:
                raise CutError(name)
            return original(self, *args, **kwargs)

        return call

    for name in ("replace", "unlink", "mkdir"):
        monkeypatch.setattr(Path, name, wrapped(name, getattr(Path, name)))
    return calls


def test_write__that_was_cut_off_anywhere_is_completed(tmp_path, monkeypatch):
    """Wherever it ends, each file is an old or a new one, and the next export needs no force."""
    wanted = {"rules/a.yml": "a: 2\n", "rules/c.yml": "c: 2\n", "prometheus/p.yml": "p: 2\n"}
    newest = {**wanted, "rules/a.yml": "a: 3\n"}
    for stop_at in range(1, 100):
        root = tmp_path / str(stop_at)
        write(root, FILES, OWNED)
        with monkeypatch.context() as patch:
            calls = count_calls(patch, stop_at)
            with suppress(CutError):
                write(root, wanted, OWNED)
        for path, text in found(root).items():
            if not path.endswith(places.SUFFIX):
                assert text in {FILES.get(path), wanted.get(path)}, (stop_at, path)
        write(root, newest, OWNED)
        assert found(root) == newest, (stop_at, calls)
        if len(calls) < stop_at:
            break
    assert stop_at > 10


def test_write__that_fails_leaves_no_half_file(tmp_path, monkeypatch):
    """A full disk: the file is as it was, what is half written is gone, the error says so."""
    write(tmp_path, FILES, OWNED)

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ExportError, match=r"No space left on device. Make room"):
            write(tmp_path, {**FILES, "rules/a.yml": "a: 2\n"}, OWNED)
    assert found(tmp_path) == FILES


def test_write__sweeps_what_a_killed_one_left(tmp_path):
    """Half a file of an export that was killed does not stay."""
    write(tmp_path, FILES, OWNED)
    (tmp_path / f"rules/.a.yml{places.SUFFIX}").write_text("a: ")
    write(tmp_path, FILES, OWNED)
    assert found(tmp_path) == FILES


def test_write__of_two_at_once_one_is_refused(tmp_path):
    """The second says that another is at work; afterwards it can."""
    with (
        places.Place(tmp_path).locked(),
        pytest.raises(ExportError, match="Another export writes into"),
    ):
        write(tmp_path, FILES, OWNED)
    write(tmp_path, FILES, OWNED)


# -- what cannot be written into ---------------------------------------------------


def test_directory__is_a_file(tmp_path):
    """It is named, and nothing happens to it."""
    (tmp_path / "file").write_text("mine")
    for do in (write, compared):
        with pytest.raises(ExportError, match=r"file is a file. Name a directory"):
            do(tmp_path / "file", FILES, OWNED)
        with pytest.raises(ExportError, match="file"):
            do(tmp_path / "file" / "beneath", FILES, OWNED)
    assert (tmp_path / "file").read_text() == "mine"


def test_directory__is_not_writable(tmp_path):
    """The place and the reason are named, and what to do."""
    root = tmp_path / "closed"
    root.mkdir(mode=0o555)
    with (
        without_rights(),
        pytest.raises(ExportError, match=r"closed.*Permission denied. Give this user the right"),
    ):
        write(root, FILES, OWNED)
    root.chmod(0o755)
    assert found(root) == {}


@pytest.mark.parametrize("path", ["rules", "rules/a.yml", manifests.NAME])
@pytest.mark.parametrize("is_inside", [True, False])
def test_link__is_not_followed(tmp_path, path, is_inside):
    """Beneath the directory no link is written through, removed or read."""
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    target = (root if is_inside else elsewhere) / "target"
    target.mkdir(parents=True)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(target)
    for do in (write, compared):
        with pytest.raises(ExportError, match=f"{path} is a symbolic link"):
            do(root, FILES, OWNED)
    assert list(target.iterdir()) == []
    assert (root / path).is_symlink()


def test_link__to_the_directory_itself_is_one_that_the_operator_named(tmp_path):
    """/etc/prometheus may be a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", FILES, OWNED)
    assert found(tmp_path / "real") == FILES


@pytest.mark.parametrize(
    ("path", "message"),
    [("rules", "a file where a directory must be"), ("rules/a.yml/x", "is no file, but one")],
)
def test_place__is_taken_by_something_else(tmp_path, path, message):
    """A file for a directory and a directory for a file: said before anything is written."""
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("mine\n")
    with pytest.raises(ExportError, match=message):
        write(tmp_path, FILES, OWNED)
    assert found(tmp_path) == {path: "mine\n"}


@pytest.mark.parametrize("line", ["", "rubbish", "0  x", f"{'0' * 64}  ../../etc/passwd"])
def test_list__that_is_none(tmp_path, line):
    """A damaged list removes nothing and names its line; an empty one lists nothing."""
    write(tmp_path, FILES, OWNED)
    (tmp_path / manifests.NAME).write_text(f"# head\n{line}\n")
    if not line:
        assert set(outcomes(write(tmp_path, FILES, OWNED)).values()) == {"unchanged"}
        return
    with pytest.raises(ExportError, match="line 2, was not written by this command"):
        write(tmp_path, {}, OWNED)
    assert found(tmp_path) == FILES


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_path__is_relative_and_plain(text):
    """What passes as the path of a file leads nowhere else and means nothing to a shell."""
    if manifests.is_path(text):
        assert not Path(text).is_absolute()
        assert ".." not in Path(text).parts
        assert text == Path(text).as_posix()
        assert text.isascii()
        assert not set(text) & set(" \\:'\"*?<>|$`&;\n\t")


@pytest.mark.parametrize("path", ["../a", "/a", "a/../b", "a//b", ".hidden", "a b", "", "ä", "a\n"])
def test_write__refuses_paths_that_lead_elsewhere(tmp_path, path):
    """A part that calls a file so is in error; nothing is written."""
    with pytest.raises(ExportError, match="No file can be called"):
        write(tmp_path / "root", {path: "x\n"}, OWNED)
    assert not (tmp_path / "root").exists()


# -- comparing ---------------------------------------------------------------------


def test_compared__says_what_would_be_done_and_does_nothing(tmp_path):
    """A missing directory is not made."""
    root = tmp_path / "none"
    assert set(outcomes(compared(root, FILES, OWNED)).values()) == {"written"}
    assert not root.exists()


NAMES = st.sampled_from(["rules/a", "rules/b", "rules/c", "prometheus/a"])
SETS = st.dictionaries(NAMES, st.sampled_from(["1\n", "2\n", ""]), max_size=4)


@given(
    exports=st.lists(SETS, min_size=1, max_size=4),
    foreign=SETS,
    changed=st.lists(NAMES, max_size=2),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_write__never_loses_what_is_foreign(tmp_path_factory, exports, foreign, changed):
    """Whatever is written in whatever order: what others wrote or changed is still there."""
    root = tmp_path_factory.mktemp("property")
    theirs = {path.replace("/", "/their-"): text for path, text in foreign.items()}
    for path, text in theirs.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    write(root, exports[0], OWNED)
    for path in changed:
        if (root / path).exists():
            (root / path).write_text("changed by hand\n")
            theirs[path] = "changed by hand\n"
    for files in exports[1:]:
        try:
            write(root, files, OWNED)
        except ExportError:
            assert set(files) & set(theirs)
        else:
            assert found(root) == {**files, **theirs}
        assert theirs.items() <= found(root).items()
        listed = manifests.read((root / manifests.NAME).read_text())
        for path, digests in listed.items():
            assert len(digests) == 1, path
    assert sha256(b"").hexdigest() == manifests.digest(b"")
