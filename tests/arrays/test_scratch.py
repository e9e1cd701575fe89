"""Temporary files without a name."""

import pytest

from kerasseq.arrays.scratch import Scratch, release
from kerasseq.errors import RunError


def test_no_room_on_disk_is_an_error_that_says_what_to_do():
    scratch = Scratch()
    with pytest.raises(RunError, match="must have room .*, got no space left on device; TMPDIR names another folder"):  # noqa: SIM117
        with scratch.writing():
            raise OSError(28, "No space left on device")


def test_scratch_files_have_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    scratch = Scratch()
    with scratch.writing() as file:
        file.write(b"rows")
    assert scratch.map()[:] == b"rows"
    assert not list(tmp_path.iterdir())


def test_what_was_let_go_of_is_read_again(tmp_path):
    scratch = Scratch()
    with scratch.writing() as file:
        file.write(b"rows" * 10_000)
    found = scratch.map()
    assert found[:4] == b"rows"
    release()
    assert found[:] == b"rows" * 10_000


def test_a_folder_that_cannot_be_written_to_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(RunError, match="none: must have room for the rows on disk, got no such file"):
        Scratch()
