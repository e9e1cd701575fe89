import json

import pytest

from kerasseq import __version__
from kerasseq.config.finished import read_moved, read_run, said_by
from kerasseq.errors import ConfigError, PluginError, UsageError
from kerasseq.run_directory import RunDirectory

TOML = '[dataset]\nname = "bundled"\n[task]\nname = "regression"\n'


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run(pooler=("my-poolers/top", "1.2"))`: a run that was made with these components."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)

    def make(**components):
        directory = RunDirectory(tmp_path)
        directory.experiment.write_text(TOML, encoding="utf-8")
        parts = {key: {"name": name, "version": version} for key, (name, version) in components.items()}
        directory.environment.write_text(json.dumps({"components": parts}), encoding="utf-8")
        return directory

    return make


def test_a_run_of_ours_opens(run):
    assert read_run(run(encoder=("kerasseq/lstm", __version__))).encoder.name == "lstm"


def test_a_distribution_that_is_missing_is_named_with_its_version(run, tmp_path):
    directory = run(pooler=("my-poolers/top", "1.2"), encoder=("kerasseq/lstm", __version__))
    with pytest.raises(PluginError) as caught:
        read_run(directory)
    needs = 'needs my-poolers 1.2, for pooler "my-poolers/top", got none; install it from where it came'
    assert str(caught.value) == f"{tmp_path}: {needs}"
    assert caught.value.exit_code == 2


def test_one_that_is_too_old_is_named_with_both_versions(run, install):
    install("my-poolers", {"pooler": ["top = gone:Top"]}, version="1.1")
    with pytest.raises(PluginError, match=r"needs my-poolers 1\.2 or newer.*got 1\.1; install it from where it came"):
        read_run(run(pooler=("my-poolers/top", "1.2")))


@pytest.mark.parametrize("version", ["1.2", "1.10", "2.0"])
def test_the_same_and_a_newer_one_will_do(run, install, version):
    install("my-poolers", {"pooler": ["top = gone:Top"]}, version=version)
    assert read_run(run(pooler=("my-poolers/top", "1.2")))


def test_every_distribution_that_is_missing_is_named_in_one_pass(run):
    directory = run(pooler=("one/top", "1.0"), **{"preprocessor[0]": ("two/stem", "3.1")})
    with pytest.raises(PluginError) as caught:
        read_run(directory)
    first, second = str(caught.value).splitlines()
    assert "needs one 1.0" in first and "needs two 3.1" in second


def test_only_what_is_ours_is_named_in_a_command(run):
    """A name that stands in somebody's file may be anybody's on an index."""
    with pytest.raises(PluginError) as caught:
        read_run(run(pooler=("evil/top", "1.0"), encoder=("kerasseq-poolers/x", "99.0")))
    strange, ours = sorted(str(caught.value).splitlines())
    assert "pip" not in strange
    assert ours.endswith("pip install ./plugins/kerasseq-poolers, in the repository of kerasseq")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"components": 3}', '{"components": {"a": 1}}'])
def test_a_damaged_environment_is_for_others_to_report(run, content):
    directory = run()
    directory.environment.write_text(content, encoding="utf-8")
    assert read_run(directory).task.name == "regression"


MOVED = """[dataset]
name = "table"
train = "/gone/rows.csv"
test = "/gone/test.csv"
target = "score"
[embedding]
name = "pretrained"
path = "/gone/vectors.txt"
[task]
name = "regression"
"""


def test_data_that_is_gone_is_named_with_every_setting_and_other_files_are_not_looked_for(run, tmp_path):
    directory = run()
    directory.experiment.write_text(MOVED, encoding="utf-8")
    assert read_run(directory).embedding.name == "pretrained"
    with pytest.raises(ConfigError) as caught:
        read_run(directory, data_gone=False)
    assert [problem.key for problem in caught.value.problems] == ["dataset.train", "dataset.test"]
    said = "--set dataset.train=/ITS/PATH --set dataset.test=/ITS/PATH"
    assert caught.value.__notes__ == [f"data that has moved is named by its new place: {said}"]
    (tmp_path / "rows.csv").write_text("text,score\na,1\n", encoding="utf-8")
    here = [f"dataset.{side}={tmp_path / 'rows.csv'}" for side in ("train", "test")]
    assert read_run(directory, "", here, data_gone=False).dataset.test == str(tmp_path / "rows.csv")
    vectors = "embedding.path=/elsewhere/vectors.txt"
    assert read_moved(directory, "", [*here, vectors]).embedding.path == "/elsewhere/vectors.txt"
    for other in ("embedding.trainable=false", "training.epochs=3", "seed=1"):
        with pytest.raises(UsageError, match=f"--set: says where the run's own data has moved.*, got {other}"):
            read_moved(directory, "", [*here, other])


def test_what_is_wrong_with_data_that_is_there_has_no_other_place(run, tmp_path):
    directory = run()
    (tmp_path / "rows.csv").write_text("text,points\na,1\n", encoding="utf-8")
    directory.experiment.write_text(MOVED.replace("/gone", str(tmp_path)), encoding="utf-8")
    (tmp_path / "test.csv").write_text("text,points\na,1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="must be a column") as caught:
        read_run(directory, data_gone=False)
    assert not getattr(caught.value, "__notes__", [])


def test_the_place_of_two_files_is_said_as_a_list():
    assert said_by({"dataset.train": ("/a.de", "/a.en")}) == """--set 'dataset.train=["/ITS/PATH", "/ITS/PATH"]'"""
