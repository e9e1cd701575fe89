import json
import shutil

import keras
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.environment import describe
from kerasseq.errors import RunError
from kerasseq.files import fingerprint
from kerasseq.preparation import read
from kerasseq.run_directory import RunDirectory
from kerasseq.training.continued import check_continues, check_tokens


@pytest.fixture
def elsewhere(finished, tmp_path):
    """`elsewhere(**said)`: the run, as if it had been made where `environment.json` says these."""

    def put(versions=None, **said):
        directory = RunDirectory(tmp_path / "run")
        directory.path.mkdir()
        shutil.copy(finished / "experiment.toml", directory.experiment)
        found = json.loads((finished / "environment.json").read_text("utf-8"))
        found["versions"] |= versions or {}
        directory.environment.write_text(json.dumps({**found, **said}), "utf-8")
        return directory

    return put


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"backend": "tensorflow"}, f"backend tensorflow, got {keras.backend.backend()}"),
        ({"versions": {keras.backend.backend(): "1.0"}}, f"{keras.backend.backend()} 1.0, got "),
        ({"versions": {"keras": "3.0"}}, f"keras 3.0, got {keras.__version__}"),
        ({"device": "cuda: another"}, "device cuda: another, got "),
        ({"threads": 64}, "threads 64, got .*; set OMP_NUM_THREADS=64"),
        ({"floatx": "float64"}, "floatx float64, got float32"),
        ({"workers": 2}, "workers 2, got 1; --engine ray --workers 2"),
    ],
)
def test_a_run_that_began_elsewhere_goes_on_by_force_alone_and_says_so(elsewhere, caplog, said, rule):
    directory = elsewhere(**said)
    experiment = read_experiment(directory.experiment)
    with pytest.raises(RunError, match=f"run: must go on with {rule}") as error:
        check_continues(directory, experiment, {})
    first, hint = str(error.value).splitlines()
    assert "--force" in hint and "force=True" in hint
    [change] = check_continues(directory, experiment, {}, force=True)
    name, was = rule.split()[:2]
    assert change.startswith(f"{name} ") and ", then " in change
    assert f"goes on with {name} " in caplog.text and f"it began with {was.rstrip(',')}" in caplog.text


def test_what_had_changed_before_is_remembered_and_other_versions_do_not_matter(elsewhere):
    directory = elsewhere(changed=["keras 3.1, then 3.2"], versions={"pyarrow": "1.0"}, platform="another")
    assert check_continues(directory, read_experiment(directory.experiment), {}) == ["keras 3.1, then 3.2"]


def test_a_run_that_says_less_of_where_it_was_made_goes_on(elsewhere):
    directory = elsewhere()
    found = json.loads(directory.environment.read_text("utf-8"))
    directory.environment.write_text(json.dumps({k: v for k, v in found.items() if k not in ("floatx", "threads")}))
    assert check_continues(directory, read_experiment(directory.experiment), {}) == []


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("seed=1", "seed"),
        ("training.batch_size=8", "training.batch_size"),
        ('preprocessor=[{name="html"}]', r"preprocessor\[0\]"),
        ("preprocessor=[]", r"preprocessor\[0\]"),
    ],
)
def test_a_run_with_another_setting_does_not_go_on(finished, override, key):
    experiment = read_experiment(finished / "experiment.toml", [override])
    with pytest.raises(RunError, match=f"must go on as it began, got another {key}"):
        check_continues(RunDirectory(finished), experiment, {})


def test_more_epochs_are_no_other_run(finished):
    experiment = read_experiment(finished / "experiment.toml", ["training.epochs=9"])
    check_continues(RunDirectory(finished), experiment, read(experiment))


def test_a_run_goes_on_where_its_rows_lie_by_now_and_not_on_other_rows(finished, tmp_path):
    run, rows = RunDirectory(finished), finished.parents[2] / "rows.csv"
    moved = tmp_path / "moved.csv"
    shutil.copy(rows, moved)
    experiment = read_experiment(run.experiment, [f"dataset.train={moved}"])
    check_continues(run, experiment, read(experiment))
    moved.write_text(rows.read_text(encoding="utf-8").replace("food", "meal"), encoding="utf-8")
    with pytest.raises(RunError, match="train must have the rows that the run had"):
        check_continues(run, experiment, read(experiment))


def test_a_setting_of_the_data_that_is_no_place_stays(finished):
    experiment = read_experiment(finished / "experiment.toml", ["dataset.target=liked"])
    with pytest.raises(
        RunError, match=r"got another dataset.target; training.epochs alone may change, and where files"
    ):
        check_continues(RunDirectory(finished), experiment, {})


@pytest.fixture
def vectors(finished, tmp_path):
    """`vectors(path)`: a copy of the run whose vectors are said to have come from there, and its experiment."""

    def say(path, experiment_path=""):
        run = RunDirectory(tmp_path / "run")
        shutil.copytree(finished, run.path, dirs_exist_ok=True)
        said = [f'embedding={{name="pretrained", path="{path}"}}']
        run.experiment.write_text(read_experiment(run.experiment, said, finished=True).to_toml(), encoding="utf-8")
        return run, read_experiment(run.experiment, [f"embedding.path={experiment_path or path}"], finished=True)

    return say


def test_vectors_may_lie_elsewhere_where_they_give_the_same_tokens(vectors):
    run, experiment = vectors("/gone/a.txt", "/gone/b.txt")
    check_continues(run, experiment, {})
    known = experiment.task.restore(experiment, run.path).pipeline.vocabulary
    check_tokens(run, experiment, known)
    with pytest.raises(
        RunError, match="go on with the tokens that it has, embedding.path names a file that gives other"
    ):
        check_tokens(run, experiment, (*known, "more"))
    check_tokens(*vectors("/gone/a.txt"), (*known, "more"))  # whoever names the same file is not asked


def test_other_vectors_of_the_same_tokens_are_refused(vectors, tmp_path):
    for name, number in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / f"{name}.txt").write_text(f"food {number} 0\n", encoding="utf-8")
    run, experiment = vectors(str(tmp_path / "a.txt"))
    told = json.loads(run.environment.read_text(encoding="utf-8"))
    said = describe(experiment, {})["files"]
    assert said == {"embedding.path": fingerprint(tmp_path / "a.txt")}
    run.environment.write_text(json.dumps({**told, "files": said}), encoding="utf-8")
    known = experiment.task.restore(experiment, run.path).pipeline.vocabulary
    moved = read_experiment(run.experiment, [f"embedding.path={tmp_path / 'b.txt'}"], finished=True)
    check_tokens(run, moved, known)
    other = read_experiment(run.experiment, [f"embedding.path={tmp_path / 'c.txt'}"], finished=True)
    with pytest.raises(RunError, match=r"must go on with the file that it began with, got another: .*c\.txt"):
        check_tokens(run, other, known)


def test_a_setting_that_is_newer_than_the_run_is_as_it_is_by_default(elsewhere):
    directory = elsewhere()
    text = directory.experiment.read_text(encoding="utf-8")
    older = "".join(line for line in text.splitlines(True) if not line.startswith(("schedule = ", "file_words = ")))
    assert len(older) < len(text)
    directory.experiment.write_text(older, encoding="utf-8")
    assert check_continues(directory, read_experiment(directory.experiment), {}) == []
    other = read_experiment(directory.experiment, ["training.schedule=cosine"])
    with pytest.raises(RunError, match=r"must go on as it began, got another training.schedule"):
        check_continues(directory, other, {})
