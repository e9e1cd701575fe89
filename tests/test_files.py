import errno
import json
import os
import stat
import subprocess
import sys
import tempfile

import pytest

from kerasseq.errors import RunError
from kerasseq.files import atomic, damage, write_json, write_text
from kerasseq.run_directory import RunDirectory, slug


def test_a_file_appears_only_when_its_block_ends_well(tmp_path):
    target = tmp_path / "new" / "a.txt"
    with atomic(target) as temporary:
        temporary.write_text("whole", encoding="utf-8")
        assert not target.exists()
        assert temporary.suffix == ".txt"
    assert target.read_text(encoding="utf-8") == "whole"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path, failure):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(type(failure)), atomic(target) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise failure
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_text_is_utf8_with_unix_line_ends_and_readable_by_others(tmp_path):
    write_text(tmp_path / "a.txt", "نص\nline\n")
    assert (tmp_path / "a.txt").read_bytes() == "نص\nline\n".encode()
    assert stat.S_IMODE(os.stat(tmp_path / "a.txt").st_mode) & 0o444 == 0o444


def test_json_keeps_arabic_readable_and_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"نص": [1, 0.5]})
    assert "نص" in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"نص": [1, 0.5]}
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"نص": [1, 0.5]}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("my model/1", "my-model-1"),
        ("../..", "run"),
        ("نموذج", "نموذج"),
        ("a.b_c-d", "a.b_c-d"),
        ("", "run"),
        (".x", "x"),
    ],
)
def test_a_name_becomes_a_safe_folder(name, folder):
    assert slug(name) == folder


def test_run_directories_are_numbered_and_opened_by_number_or_as_the_newest(tmp_path):
    runs = [RunDirectory.create(tmp_path, "my model") for _ in range(3)]
    assert [run.path.relative_to(tmp_path).as_posix() for run in runs] == [f"my-model/000{i}" for i in (1, 2, 3)]
    write_text(runs[0].experiment, "")
    write_text(runs[1].experiment, "")
    assert RunDirectory.open(tmp_path / "my-model").path == runs[1].path
    assert RunDirectory.open(runs[0].path).path == runs[0].path
    (tmp_path / "my-model" / "notes").mkdir()
    assert RunDirectory.create(tmp_path, "my model").path.name == "0004"


def test_what_is_no_run_says_so(tmp_path):
    with pytest.raises(RunError, match="must be a run directory with an experiment.toml"):
        RunDirectory.open(tmp_path / "absent")


def test_two_processes_never_get_the_same_directory(tmp_path):
    code = "import sys; from kerasseq.files import RunDirectory as R\n"
    code += "print(*(R.create(sys.argv[1], 'x').path.name for _ in range(20)))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    names = " ".join(process.communicate(timeout=120)[0] for process in both).split()
    assert sorted(names) == [f"{i:04d}" for i in range(1, 41)]


def test_a_full_disk_says_which_file_was_not_written(tmp_path):
    with pytest.raises(OSError, match="No space left") as error, atomic(tmp_path / "a.npz"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_said_by_the_name_of_the_file(tmp_path, monkeypatch):
    def refuse(prefix, suffix, dir):
        raise PermissionError(errno.EACCES, "Permission denied", f"{dir}/{prefix}x8{suffix}")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError) as error, atomic(tmp_path / "metrics.json"):
        pytest.fail("nothing can be written")
    assert error.value.filename == str(tmp_path / "metrics.json")


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (FileNotFoundError(2, "No such file or directory"), "no such file or directory"),
        (KeyError("labels"), 'nothing called "labels"'),
        (json.JSONDecodeError("Expecting value", "x" * 10_000, 3), "a file that is cut off or was written over"),
        (UnicodeDecodeError("utf-8", b"x" * 10_000, 3, 4, "invalid"), "a file that is cut off or was written over"),
        (TypeError("no list\nat all"), "TypeError: no list"),
    ],
)
def test_damage_is_said_in_a_few_words(cause, said):
    assert damage(cause) == said


def test_a_directory_has_one_process_that_trains_in_it(tmp_path):
    run = RunDirectory(tmp_path)
    with run.locked():
        with pytest.raises(RunError, match="must have one process that trains in it, got a second one"), run.locked():
            pytest.fail("the lock was held")
        assert list(tmp_path.iterdir()) == []
    with run.locked():
        pass


def test_an_export_of_another_name_is_remembered_and_one_elsewhere_is_not(tmp_path, monkeypatch):
    run = RunDirectory(tmp_path / "run")
    (run.path / "deploy").mkdir(parents=True)
    for path in (run.path / "b.npz", run.path / "deploy" / "a.bin", run.onnx, run.report, tmp_path / "elsewhere.onnx"):
        path.touch()
        run.remember(path)
    monkeypatch.chdir(run.path)
    RunDirectory("../run").remember(run.path / "b.npz")
    assert json.loads(run.exports.read_bytes()) == ["b.npz", "deploy/a.bin"]
    assert run.artifacts() == [run.path / "b.npz", run.path / "deploy" / "a.bin", run.onnx]


@pytest.mark.parametrize(
    "content", ["[", "{}", "[3]", '["../other", "/etc/passwd", "", ".", "report.html", "checkpoints/last.npz"]']
)
def test_a_damaged_or_foreign_list_of_exports_names_nothing(tmp_path, content):
    run = RunDirectory(tmp_path / "run")
    run.checkpoints.mkdir(parents=True)
    for path in (tmp_path / "other", run.report, run.checkpoints / "last.npz"):
        path.touch()
    run.exports.write_text(content)
    assert run.artifacts() == []
