import json
import re
import subprocess
import sys

import pytest

from kerasseq.errors import RunError
from kerasseq.files import write_text
from kerasseq.run_directory import RunDirectory, runs_below, slug


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


def test_the_newest_run_is_the_one_of_the_largest_number_and_a_copy_is_none(tmp_path):
    for name in ("9999", "10000", "2024-copy"):
        (tmp_path / "x" / name).mkdir(parents=True)
        write_text(tmp_path / "x" / name / "experiment.toml", "")
    assert RunDirectory.open(tmp_path / "x").path.name == "10000"
    assert {run.name for run in runs_below(tmp_path)} == {"9999", "10000"}
    assert RunDirectory.create(tmp_path, "x").path.name == "10001"


def test_what_is_no_run_says_so(tmp_path):
    with pytest.raises(RunError, match="must be a run directory with an experiment.toml"):
        RunDirectory.open(tmp_path / "absent")


def test_two_processes_never_get_the_same_directory(tmp_path):
    code = "import sys; from kerasseq.run_directory import RunDirectory as R\n"
    code += "print(*(R.create(sys.argv[1], 'x').path.name for _ in range(20)))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    names = " ".join(process.communicate(timeout=120)[0] for process in both).split()
    assert sorted(names) == [f"{i:04d}" for i in range(1, 41)]


def test_a_directory_has_one_process_that_trains_in_it(tmp_path):
    run = RunDirectory(tmp_path)
    with run.locked():
        with pytest.raises(RunError, match="must have one process that trains in it, got a second one"), run.locked():
            pytest.fail("the lock was held")
        assert list(tmp_path.iterdir()) == [run.checkpoints] and run.holds(run.lock) and not run.artifacts()
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


def test_what_a_killed_process_was_writing_goes_and_nothing_else(tmp_path):
    run = RunDirectory(tmp_path)
    folder = run.checkpoints / "fold-1"
    folder.mkdir(parents=True)
    left = [tmp_path / ".model-0a1b2c3d.keras", run.checkpoints / ".last-ffffffff.npz", folder / ".done-00000000.npz"]
    kept = [
        tmp_path / ".gitignore",
        tmp_path / "model-0a1b2c3d.keras",
        tmp_path / ".notes-2026.md",
        tmp_path / "task.json",
    ]
    for path in (*left, *kept):
        path.touch()
    run.sweep()
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)


@pytest.mark.parametrize("name", ["checkpoints", "checkpoints/lock", "checkpoints/fold-2"])
def test_a_link_does_not_choose_where_training_writes(tmp_path, name):
    run, elsewhere = RunDirectory(tmp_path / "run"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = run.path / name
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere / "lock" if name.endswith("lock") else elsewhere)
    rule = f"{re.escape(name)}: must lie in the run itself, got a link to {re.escape(str(elsewhere))}"
    with pytest.raises(RunError, match=rule), run.locked():
        pass
    assert list(elsewhere.iterdir()) == []
