import json

import pytest

from kerasseq import __version__
from kerasseq.config.finished import read_run
from kerasseq.errors import PluginError
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
