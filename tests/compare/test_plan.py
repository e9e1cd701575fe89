import re
import shutil
from pathlib import Path

import keras
import pytest

from kerasseq.compare.plan import make_plan
from kerasseq.errors import UsageError

BACKEND = keras.backend.backend()


@pytest.fixture
def config(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASSEQ_BACKEND", BACKEND)
    return tiny(tmp_path)


def rows(models):
    return [(model.label, model.backend, [job.seed for job in model.jobs]) for model in models]


def wrong(*arguments, **options):
    with pytest.raises(UsageError) as error:
        make_plan(*arguments, **options)
    assert error.value.exit_code == 2
    return str(error.value)


def test_a_config_is_a_row_with_its_own_seed_and_those_that_follow(config):
    assert rows(make_plan([config], seeds=3, overrides=["seed=4"])) == [("tiny", BACKEND, [4, 5, 6])]


def test_every_job_draws_the_rows_as_the_first_model_says(config, finished, tmp_path):
    text = config.read_text("utf-8").replace("resamples = 100", "resamples = 200").replace("[", "seed = 7\n[", 1)
    (tmp_path / "other.toml").write_text(text, "utf-8")
    for paths, wanted in (
        ([config, tmp_path / "other.toml"], (100, 0)),
        ([tmp_path / "other.toml", finished], (200, 7)),
    ):
        jobs = [job for model in make_plan(paths, seeds=2) for job in model.jobs]
        assert [(job.resamples, job.draws) for job in jobs] == [wanted] * len(jobs)
        assert len({job.seed for job in jobs}) > 1


@pytest.mark.both
def test_every_backend_is_a_row_of_its_own(config):
    assert rows(make_plan([config], ["torch", "jax"], 1)) == [("tiny", "torch", [0]), ("tiny", "jax", [0])]


def test_models_of_one_name_are_told_apart_by_their_files(config, tmp_path):
    (tmp_path / "other.toml").write_bytes(config.read_bytes())
    labels = [model.label for model in make_plan([config, tmp_path / "other.toml"], seeds=1)]
    assert labels == ["tiny (tiny.toml)", "tiny (other.toml)"]


def test_a_finished_run_is_taken_with_its_seed_and_backend(finished):
    [model] = make_plan([finished.parent], seeds=3)
    assert rows([model]) == [("tiny", BACKEND, [0])]
    assert model.jobs[0].run == finished


def copy(finished, place, old="", new=""):
    shutil.copytree(finished, place)
    text = (place / "experiment.toml").read_text("utf-8").replace(old, new)
    (place / "experiment.toml").write_text(text, "utf-8")
    return place


def test_runs_that_differ_in_their_seed_alone_are_one_row(finished, tmp_path):
    other = copy(finished, tmp_path / "b", "seed = 0\nbackend", "seed = 1\nbackend")
    assert rows(make_plan([finished, other])) == [("tiny", BACKEND, [0, 1])]
    wider = copy(finished, tmp_path / "c", "units = 3\nlayers", "units = 5\nlayers")
    again = copy(finished, tmp_path / "d")
    found = rows(make_plan([finished, wider, again]))
    assert [row[0] for row in found] == ["tiny (0001)", "tiny (c)", "tiny (d)"]


def test_runs_on_other_test_rows_are_another_row(finished, tmp_path):
    other = copy(finished, tmp_path / "b", "seed = 0\nbackend", "seed = 1\nbackend")
    text = (other / "environment.json").read_text("utf-8")
    (other / "environment.json").write_text(re.sub('("test": {[^}]*"sha256": ")', r"\g<1>0", text), "utf-8")
    assert len(make_plan([finished, other])) == 2


def test_everything_wrong_is_said_at_once(config, finished, tmp_path):
    (tmp_path / "bad.toml").write_text(config.read_text("utf-8").replace("units = 3", "nits = 3"), "utf-8")
    cut = copy(finished, tmp_path / "cut")
    (cut / "metrics.json").unlink()
    dumb = copy(finished, tmp_path / "dumb")
    (dumb / "tokenizer.json").unlink()
    (tmp_path / "empty").mkdir()
    paths = [config, config, Path("none.toml"), tmp_path / "bad.toml", cut, dumb, tmp_path / "empty"]
    said = wrong(paths, ["torhc", BACKEND, BACKEND], seeds=2)
    assert '--backends: must be some of torch, jax, got "torhc"; did you mean "torch"?' in said
    assert f"--backends: must name each once, got {BACKEND} 2 times" in said
    assert "tiny.toml: must be given once, got it 2 times" in said
    assert "none.toml" in said
    assert '"units"' in said
    assert "cut: must be a finished run, got no metrics.json; go on with: kerasseq run --resume" in said
    assert "dumb: must be a finished run, got no tokenizer.json; go on with: kerasseq run --resume" in said
    assert "empty: must be a run directory with an experiment.toml" in said


def test_two_tasks_are_refused_and_named(config, tmp_path):
    text = config.read_text("utf-8").replace('"classification"', '"regression"').replace('"mood"', '"stars"')
    (tmp_path / "stars.toml").write_text(text, "utf-8")
    said = wrong([config, tmp_path / "stars.toml"], seeds=1)
    assert re.fullmatch(
        r"a comparison must be of one task, got classification in \S*tiny.toml; regression in \S*stars.toml", said
    )


def test_a_run_and_the_folder_above_it_are_one_run(finished):
    assert "must be given once, got it 2 times" in wrong([finished, finished.parent])


def test_seeds_beyond_the_largest_are_refused(config):
    assert "seed: must leave room for 3 seeds below 4294967296" in wrong([config], overrides=["seed=4294967295"])


@pytest.mark.both
def test_what_one_backend_lacks_is_said_before_anything_trains(config):
    said = wrong([config], ["torch", "jax"], 1, ["training.lazy_embeddings=true"])
    assert "lazy_embeddings" in said
