import csv
import json
import re

import keras
import pytest

from kerasseq.compare import worker

BACKEND = keras.backend.backend()
FAST = ["--set", "training.epochs=1", "--set", "exporter=[]"]


@pytest.fixture
def config(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASSEQ_BACKEND", BACKEND)
    return tiny(tmp_path)


@pytest.fixture
def here(monkeypatch):
    """Every job is done in this process."""
    monkeypatch.setattr("kerasseq.compare.process.launch", worker.attempt)
    monkeypatch.setattr(worker, "LONG_ENOUGH", 0.0)


def variant(config, name, old, new):
    path = config.with_name(f"{name}.toml")
    path.write_text(config.read_text("utf-8").replace('"tiny"', f'"{name}"', 1).replace(old, new), "utf-8")
    return path


def test_two_models_in_processes_of_their_own(kerasseq, config, tmp_path):
    other = variant(config, "lstm", '"gru"', '"lstm"')
    result = kerasseq("compare", config, other, *FAST, "--seeds", "1", "--backends", BACKEND)
    assert result.exit_code == 0, result.output
    out = tmp_path / "comparisons" / "0001"
    assert "12 test rows" in result.stdout.splitlines()[0]
    assert f"page: {out.relative_to(tmp_path) / 'comparison.html'}" == result.stdout.splitlines()[-1]
    assert re.search(rf"tiny +{BACKEND} +1 ", result.stdout) and re.search(rf"lstm +{BACKEND} +1 ", result.stdout)
    assert "N-grams, linear" in result.stdout and "best" in result.stdout
    found = json.loads((out / "comparison.json").read_text("utf-8"))
    gru, lstm = found["models"]
    d, u = 4, 3
    assert lstm["parameters"]["recurrent_kernels"] * 3 == 4 * gru["parameters"]["recurrent_kernels"]
    assert gru["parameters"]["recurrent_kernels"] == 2 * 3 * (d * u + u * u)
    for row in found["models"]:
        metrics = json.loads((tmp_path / row["runs"][0]["run"] / "metrics.json").read_text("utf-8"))
        assert row["scores"]["f1_macro"]["value"] == metrics["scores"]["f1_macro"]["value"]
        assert row["memory"] > 50_000_000 and row["answers_per_second"] > 0
    assert result.stderr.startswith(f"[1/2] tiny, {BACKEND}, seed 0\n")


def test_the_same_command_with_the_same_out_trains_nothing_again(kerasseq, config, here, tmp_path):
    words = ["compare", config, *FAST, "--seeds", "2", "--out", "kept"]
    first = kerasseq(*words)
    assert first.exit_code == 0, first.output
    second = kerasseq(*words)
    assert second.exit_code == 0, second.output
    assert second.stderr.count("done before") == 2
    assert second.stdout == first.stdout
    assert len(list((tmp_path / "kept" / "runs" / "tiny").iterdir())) == 2


def test_a_finished_run_stands_beside_a_config(kerasseq, config, finished, here, tmp_path):
    result = kerasseq("compare", finished, config, *FAST, "--seeds", "1", "--out", "kept")
    assert result.exit_code == 0, result.output
    with (tmp_path / "kept" / "comparison.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows[:2]] == ["tiny (0001)", "tiny (tiny.toml)"]
    assert rows[0]["memory"] == "" and rows[1]["memory"] != ""
    assert {row["test_set"] for row in rows} == {"0"}


def test_a_run_that_fails_ends_with_1_after_the_others(kerasseq, config, here, tmp_path):
    (tmp_path / "few.csv").write_text("text,mood,side\na,bad,train\nb,bad,validation\nc,bad,test\n", "utf-8")
    bad = variant(config, "bad", "rows.csv", "few.csv")
    result = kerasseq("compare", bad, config, *FAST, "--seeds", "1")
    assert result.exit_code == 1
    assert "[1/2] bad, " in result.stderr and "FAILED: target: must have at least 2 classes" in result.stderr
    assert "Runs that failed" in result.stdout and "f1_macro" in result.stderr
    assert "Traceback" not in result.output


def test_an_interruption_says_how_to_go_on(kerasseq, config, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("kerasseq.compare.process.launch", stop)
    result = kerasseq("compare", config, "--seeds", "1")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == (
        "interrupted; comparisons/0001 holds the runs so far; go on with the same command and: --out comparisons/0001"
    )


def test_what_is_wrong_is_said_at_once_and_nothing_is_written(kerasseq, config, tmp_path):
    other = variant(config, "stars", '"classification"', '"regression"')
    result = kerasseq("compare", config, other, "none.toml", "--backends", "torhc", "--set", "training.epochs=0")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "torhc" in result.stderr and "none.toml" in result.stderr and "training.epochs" in result.stderr
    assert not (tmp_path / "comparisons").exists()
    result = kerasseq("compare", config, other, "--seeds", "1")
    assert result.exit_code == 2
    assert "a comparison must be of one task, got classification in" in result.stderr


@pytest.mark.parametrize("option", [["--seeds", "2"], ["--backends", BACKEND], ["--set", "seed=3"]])
def test_an_option_that_would_do_nothing_is_refused(kerasseq, finished, option):
    result = kerasseq("compare", finished, *option)
    assert result.exit_code == 2
    assert f"{option[0]}: must have a CONFIG to train, got finished runs alone" in result.stderr


def test_without_a_model_there_is_nothing_to_compare(kerasseq):
    assert kerasseq("compare").exit_code == 2


def test_folds_measure_each_row_once_and_their_answers_are_scored_as_one(kerasseq, config, here, tmp_path):
    number = ["--set", "task.name=regression", "--set", "dataset.target=stars", "--set", "dataset.group=author"]
    words = ["compare", config, *FAST, *number, "--folds", "2", "--seeds", "1", "--out", "kept"]
    result = kerasseq(*words)
    assert result.exit_code == 0, result.output
    [model] = json.loads((tmp_path / "kept" / "comparison.json").read_text("utf-8"))["models"]
    errors, texts = [], []
    for run in model["runs"]:
        with (tmp_path / run["run"] / "predictions.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        errors += [abs(float(row["target"]) - float(row["prediction"])) for row in rows]
        texts += [row["text"] for row in rows]
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(texts) == sorted(row["text"] for row in csv.DictReader(file))
    assert model["scores"]["mae"]["as_one"]["value"] == pytest.approx(sum(errors) / len(errors), abs=1e-5)
    again = kerasseq(*words)
    assert again.stdout == result.stdout and again.stderr.count("done before") == 2
