"""What `import kerasseq` offers, and tables in memory where a file is read."""

import re
import shutil
import subprocess
import sys

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kerasseq
from kerasseq.errors import ConfigError, DataError, RunError, UsageError

PUBLIC = "KerasseqError __version__ accelerate build evaluate explain load read_experiment resume run"


def test_these_names_are_all_that_is_public():
    assert sorted(kerasseq.__all__) == PUBLIC.split()
    for name in kerasseq.__all__:
        assert getattr(kerasseq, name).__doc__
    with pytest.raises(AttributeError, match="has no attribute 'select'"):
        _ = kerasseq.select


def test_importing_the_package_and_reading_an_experiment_import_no_framework(tiny, tmp_path):
    code = (
        "import sys, kerasseq; before = {'keras', 'torch', 'pydantic', 'numpy'} & set(sys.modules)\n"
        "assert not before, before\n"
        "kerasseq.run, kerasseq.load, kerasseq.resume, kerasseq.evaluate, kerasseq.build\n"
        f"kerasseq.read_experiment({str(tiny(tmp_path))!r})\n"
        "assert not {'keras', 'torch', 'jax'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_another_backend_than_that_of_keras_is_refused(tiny, tmp_path):
    import keras

    here = keras.backend.backend()
    other = "jax" if here == "torch" else "torch"
    with pytest.raises(
        (UsageError, ConfigError), match=rf"already runs on {here} in this process, got {other}|not inst"
    ):
        kerasseq.run(tiny(tmp_path), tmp_path / "runs", backend=other)
    assert not (tmp_path / "runs").exists()


def test_a_read_experiment_takes_no_more_settings(tiny, tmp_path):
    with pytest.raises(UsageError, match="run: a read experiment is complete; give overrides"):
        kerasseq.run(kerasseq.read_experiment(tiny(tmp_path)), overrides=["training.epochs=1"])


def test_attention_gives_each_step_its_weight(finished):
    model = kerasseq.load(finished.parent)
    [rows] = model.attention(["خدمة ممتازة", ""])
    assert [[word for word, _ in row] for row in rows] == [["خدمة", "ممتازة"], []]
    assert sum(weight for _, weight in rows[0]) == pytest.approx(1, abs=1e-5)


# === Tables in memory ===


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory):
    """A config whose file is gone, for its rows are in memory."""
    place = tmp_path_factory.mktemp("memory")
    tiny(place)
    (place / "rows.csv").rename(place / "kept.csv")
    return place


@pytest.fixture(scope="module")
def frame(folder):
    return pd.read_csv(folder / "kept.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def outcome(folder, frame):
    return kerasseq.run(folder / "tiny.toml", folder / "runs", ["training.epochs=1"], train=frame)


def test_a_run_on_a_table_is_the_run_on_its_file(folder, frame, outcome):
    with (folder / "tiny.toml").open(encoding="utf-8") as file:
        text = file.read().replace("rows.csv", "kept.csv")
    (folder / "file.toml").write_text(text, encoding="utf-8")
    other = kerasseq.run(folder / "file.toml", folder / "others", ["training.epochs=1"])
    assert [s.value for s in outcome.scores] == [s.value for s in other.scores]
    assert outcome.where[0] == "the table given as train: row 13"
    assert 'train = "memory:train"' in outcome.directory.experiment.read_text(encoding="utf-8")
    assert "kerasseq-given" not in outcome.directory.experiment.read_text(encoding="utf-8")


def test_pandas_polars_and_arrow_give_the_same_answers(folder, frame, outcome):
    texts = frame["text"].tolist()[:20]
    wanted = outcome.model.predict(texts)
    rows = frame.head(20)
    for table in (rows, pl.DataFrame(rows.to_dict("list")), pa.Table.from_pandas(rows)):
        assert outcome.model.predict(table) == wanted
    for column in (rows["text"], pl.Series(texts), rows["text"].to_numpy()):
        assert outcome.model.predict(column) == wanted


def test_a_table_is_measured_and_the_run_stays_as_it_is(frame, outcome):
    before = outcome.directory.metrics.read_bytes()
    rows = frame[frame["side"] == "test"]
    measured = kerasseq.evaluate(outcome.directory.path, rows)
    assert len(measured.truth) == len(rows)
    assert [s.value for s in measured.scores] == pytest.approx([s.value for s in outcome.scores])
    assert measured.history is None
    assert outcome.directory.metrics.read_bytes() == before


def test_the_run_wants_its_table_again(folder, frame, outcome, tmp_path, capsys):
    run = tmp_path / "run"
    shutil.copytree(outcome.directory.path, run)
    for again in (kerasseq.evaluate, kerasseq.resume):
        with pytest.raises(ConfigError, match=r"dataset.train: must be given again, .* take train=TABLE"):
            again(run)
    with pytest.raises(RunError, match="must have the rows that the run had"):
        kerasseq.evaluate(run, train=frame.assign(text="another"))
    assert [s.value for s in kerasseq.evaluate(run, train=frame).scores] == [s.value for s in outcome.scores]
    longer = kerasseq.resume(run, ["training.epochs=2"], train=frame, progress=True)
    epochs = [line[:11] for line in capsys.readouterr().err.splitlines() if line.startswith("epoch")]
    assert epochs == ["epoch   2/2"]
    assert [row["epoch"] for row in longer.history.rows] == [1, 2]


def test_data_and_the_tables_of_the_run_exclude_each_other(frame, outcome):
    with pytest.raises(UsageError, match="must be given data, or the tables of the run, got data and train"):
        kerasseq.evaluate(outcome.directory.path, frame, train=frame)


def test_a_run_whose_data_has_moved_is_measured_where_it_lies_by_now(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    experiment = run / "experiment.toml"
    rows = finished.parents[2] / "rows.csv"
    experiment.write_text(experiment.read_text("utf-8").replace(str(rows), "/gone/rows.csv"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"dataset.train: must be a file, got /gone/rows.csv") as caught:
        kerasseq.evaluate(run)
    assert "--set dataset.train=/ITS/PATH" in caught.value.__notes__[0]
    before = (run / "metrics.json").read_bytes()
    kerasseq.evaluate(run, overrides=[f"dataset.train={rows}"])
    assert (run / "metrics.json").read_bytes() == before
    with pytest.raises(UsageError, match=r"--set: says where the run's own data has moved.*, got training.epochs=3"):
        kerasseq.evaluate(run, overrides=["training.epochs=3"])
    with pytest.raises(UsageError, match="got data and overrides"):
        kerasseq.evaluate(run, rows, overrides=[f"dataset.train={rows}"])


def test_a_missing_column_of_each_table_is_a_problem_of_the_config(folder, frame):
    with pytest.raises(ConfigError) as error:
        kerasseq.read_experiment(
            folder / "tiny.toml",
            ["dataset.split="],
            tables={"train": frame.rename(columns={"mood": "moods"}), "test": frame.drop(columns="text")},
        )
    said = str(error.value)
    assert 'dataset.target: must be a column of the table given as train, got "mood"; did you mean "moods"?' in said
    assert 'dataset.text: must be a column of the table given as test, got "text"' in said


def test_every_bad_row_is_said_with_its_row(folder, frame):
    rows = frame.astype(object)
    rows.loc[2, "text"] = None
    rows.loc[4, "mood"] = float("nan")
    rows.loc[7, "side"] = "tests"
    experiment = kerasseq.read_experiment(folder / "tiny.toml", tables={"train": rows})
    with pytest.raises(DataError) as error:
        kerasseq.build(experiment)
    assert str(error.value).splitlines()[:3] == [
        "the table given as train: row 3: text: must not be empty",
        "the table given as train: row 5: mood: must have a value",
        'the table given as train: row 8: side: must be train, validation or test, got "tests"',
    ]


def test_values_of_two_types_in_a_column_are_said_for_every_column(folder):
    rows = pd.DataFrame({"text": ["a", None, 3], "mood": ["x", "y", ["z"]], "side": ["train"] * 3}, dtype=object)
    with pytest.raises(DataError) as error:
        kerasseq.read_experiment(folder / "tiny.toml", tables={"train": rows})
    assert str(error.value).splitlines() == [
        "the table given as train: row 3: text: must hold values of one type, got int below str",
        "the table given as train: row 3: mood: must hold values of one type, got list below str",
    ]


def test_columns_that_hold_no_texts_are_said_together(folder, frame):
    rows = frame.assign(text=[[0.5]] * len(frame), mood=[[1.5]] * len(frame))
    experiment = kerasseq.read_experiment(folder / "tiny.toml", tables={"train": rows})
    with pytest.raises(DataError) as error:
        kerasseq.build(experiment)
    assert [line.split(" got ")[0] for line in str(error.value).splitlines()] == [
        "the table given as train: row 1: text: must hold texts or numbers,",
        "the table given as train: row 1: mood: must hold texts or numbers,",
    ]


def test_what_is_no_table_is_refused(folder, outcome, frame):
    for wrong in ("rows.csv", {"text": ["a"]}, frame["text"]):
        with pytest.raises(UsageError, match="train: must be a table of pandas, polars or Arrow, got"):
            kerasseq.run(folder / "tiny.toml", train=wrong)
    with pytest.raises(UsageError, match="dev: must be one of train, validation, test"):
        kerasseq.read_experiment(folder / "tiny.toml", tables={"dev": frame})


def test_a_dataset_that_reads_no_files_takes_no_table(folder, frame):
    with pytest.raises(ConfigError, match='dataset: "bundled" takes no table given as train; it takes none'):
        kerasseq.read_experiment(folder / "tiny.toml", ["dataset={name='bundled'}"], tables={"train": frame})


# === Other shapes ===


def written(path, dataset, task, more=""):
    short = '[encoder]\nname = "gru"\nunits = 3\nlayers = 1\n[training]\nepochs = 1\n[evaluation]\nresamples = 100\n'
    path.write_text(f"exporter = []\n[dataset]\n{dataset}\n[task]\n{task}\n{more}{short}", encoding="utf-8")
    return path


def test_sentences_of_tokens_come_from_a_table(tmp_path):
    rows = pl.DataFrame(
        {"tokens": [["Sara", "flew"], ["to", "Cairo", "now"]] * 20, "tags": [["P", "O"], ["O", "L", "O"]] * 20}
    )
    config = written(tmp_path / "a.toml", 'name = "tokens"', 'name = "tagging"\nhead = "softmax"')
    outcome = kerasseq.run(config, tmp_path, train=rows)
    assert outcome.where[0].startswith("the table given as train: row ")
    answers = outcome.model.predict([["Sara", "flew"], ["Cairo"]])
    assert [len(tags) for tags in answers["prediction"]] == [2, 1]
    assert outcome.model.predict(rows.head(2)) == outcome.model.predict(rows["tokens"].to_list()[:2])


def test_vectors_come_from_a_table(tmp_path):
    rows = pl.DataFrame({"vectors": [[[0.0, 1.0], [1.0, 0.5]], [[2.0, 1.0]] * 3] * 20, "target": ["a", "b"] * 20})
    config = written(tmp_path / "a.toml", 'name = "vectors"', 'name = "classification"')
    outcome = kerasseq.run(config, tmp_path, train=rows)
    assert outcome.model.predict(rows.head(3)) == outcome.model.predict(rows["vectors"].to_list()[:3])


def test_a_series_comes_from_a_table(tmp_path):
    rows = pd.DataFrame({"visits": [float(i % 7) for i in range(90)]})
    config = written(
        tmp_path / "a.toml", 'name = "series"\ncolumns = ["visits"]', 'name = "forecast"\nwindow = 7\nhorizon = 2'
    )
    outcome = kerasseq.run(config, tmp_path, train=rows)
    answers = outcome.model.predict(rows)
    assert len(answers["prediction"]) == 1
    assert answers == outcome.model.predict([rows.to_numpy()])


@pytest.mark.parametrize("name", ["my.csv", "a folder"])
def test_data_or_a_folder_in_place_of_an_experiment_is_led_to_one(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text("text,label\na,x\nb,y\n", encoding="utf-8")
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "first.toml").write_text("", encoding="utf-8")
    command = {"my.csv": "kerasseq config new my.csv --target label", "a folder": "kerasseq run 'a folder/first.toml'"}
    for call in (kerasseq.run, kerasseq.read_experiment):
        with pytest.raises(UsageError, match=re.escape(command[name])):
            call(name)
