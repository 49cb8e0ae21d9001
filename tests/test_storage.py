"""Runs are complete or absent: what stood there before survives every failure."""

import errno
import os
from pathlib import Path

import pytest

from framing.errors import InputError
from framing.storage import MANIFEST, whole_folder, write_whole


def fill(target: Path, word: str) -> None:
    with whole_folder(target) as folder:
        (folder / "table").write_text(word)
        (folder / MANIFEST).write_text("{}")


def left_in(parent: Path) -> set[str]:
    return {path.name for path in parent.iterdir()}


def test_a_finished_folder_takes_its_place(tmp_path):
    fill(tmp_path / "deep" / "run", "first")
    assert (tmp_path / "deep" / "run" / "table").read_text() == "first"
    assert left_in(tmp_path / "deep") == {"run"}


def test_a_new_run_replaces_a_finished_one(tmp_path):
    fill(tmp_path / "run", "first")
    fill(tmp_path / "run", "second")
    assert (tmp_path / "run" / "table").read_text() == "second"
    assert left_in(tmp_path) == {"run"}


def test_a_failed_run_leaves_the_old_one_and_nothing_else(tmp_path):
    fill(tmp_path / "run", "first")
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "run") as folder:
        (folder / "table").write_text("half")
        raise RuntimeError
    assert (tmp_path / "run" / "table").read_text() == "first"
    assert left_in(tmp_path) == {"run"}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_rename_that_fails_puts_the_old_run_back(tmp_path, monkeypatch, error):
    fill(tmp_path / "run", "first")
    rename = Path.rename

    def failing(self, target):
        if self.name.endswith(".partial"):
            raise OSError(error, os.strerror(error))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError):
        fill(tmp_path / "run", "second")
    assert (tmp_path / "run" / "table").read_text() == "first"
    assert left_in(tmp_path) == {"run"}


def test_a_folder_of_other_files_is_never_replaced(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("mine")
    with pytest.raises(InputError, match="not a finished run; name a new or empty one"):
        fill(tmp_path / "thesis", "x")
    assert (tmp_path / "thesis" / "chapter").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="is a file; name a folder"):
        fill(tmp_path / "file", "x")


def test_write_whole_replaces_or_leaves(tmp_path, monkeypatch):
    path = tmp_path / "index.html"
    write_whole(path, "old")
    monkeypatch.setattr(Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
    with pytest.raises(OSError):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert left_in(tmp_path) == {"index.html"}
