"""A class writes a text: what it reads first, what it writes, as a run and as a file."""

import json

import keras
import numpy as np
import pyarrow as pa
import pytest
from kerasseq_runtime.errors import UsageError
from kerasseq_runtime.searches.greedy_search import GreedySearch

from kerasseq.arrays.ragged import Ragged
from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError, DataError
from kerasseq.experiment import run
from kerasseq.loading import load
from kerasseq.metrics.ngram_baselines import fit_ngrams
from kerasseq.runtime import load as load_file
from kerasseq.tasks.conditions import by_class, check_conditions

CONFIG = """
[dataset]
name = "table"
train = "names.tsv"
text = "text"
target = "class"
[tokenizer]
name = "character"
min_frequency = 1
[embedding]
name = "learned"
dimension = 8
[encoder]
name = "lstm"
units = 16
layers = 2
bidirectional = false
dropout = 0.0
[task]
name = "language_model"
documents = "{documents}"
condition = "target"
dropout = 0.0
[search]
name = "greedy"
[split]
validation = 0.1
test = 0.1
[training]
epochs = 20
batch_size = 8
learning_rate = 0.02
[evaluation]
resamples = 100
"""

WRITTEN = {"low": ["abab", "aba", "abb"], "high": ["xyxy", "xyx", "xyy"]}


def experiment(folder, rows="", documents="apart"):
    lines = [f"{text}\t{name}" for name, texts in WRITTEN.items() for text in texts * 12]
    (folder / "names.tsv").write_text("text\tclass\n" + "\n".join(lines) + rows, encoding="utf-8")
    return read_text(CONFIG.format(documents=documents), "a.toml", folder)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditions")
    return run(experiment(folder), folder / "runs")


def test_each_class_writes_with_its_own_letters(outcome):
    trained = load(outcome.directory.path)
    for name, letters in (("low", "ab"), ("high", "xy")):
        [draft] = trained.generate(condition=name)
        assert draft.text
        assert set(draft.text) <= set(letters)
        assert draft.ended


def test_the_states_of_a_beginning_are_those_that_the_vector_of_the_class_makes(outcome):
    """One step of each LSTM from zeros, in NumPy."""
    trained = load(outcome.directory.path)
    place = trained.task.pipeline.vocabulary.index("[condition high]")
    x = trained.model.get_layer("embedding").get_weights()[0][place]
    expected = []
    for layer in ("lstm_1", "lstm_2"):
        kernel, _, bias = trained.model.get_layer(layer).get_weights()
        i, _, g, o = np.split(x @ kernel + bias, 4)
        c = np.tanh(g) / (1 + np.exp(-i))
        x = np.tanh(c) / (1 + np.exp(-o))
        expected += [x, c]
    writer = trained.task.writer(trained.model, GreedySearch(), "high")
    _, states = writer.stepper.start(writer.code.prompts([""]))
    for name, wanted in zip(("lstm_1_h", "lstm_1_c", "lstm_2_h", "lstm_2_c"), expected, strict=True):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(states[name])[0], wanted, atol=1e-5)


def test_the_head_gives_no_probability_to_a_class(outcome):
    model, pipeline = outcome.model.model, outcome.model.task.pipeline
    assert model.get_layer("next_token").vocabulary == len(pipeline.tokenizer.vocabulary)
    assert len(pipeline.vocabulary) == len(pipeline.tokenizer.vocabulary) + 2


def test_a_text_is_likelier_by_its_own_class_and_must_have_one(outcome):
    trained = load(outcome.directory.path)
    mine, other = trained.predict(["abab", "abab"], ["low", "high"])["prediction"]
    assert mine < 2 < other
    with pytest.raises(DataError, match="texts: must have a class each"):
        trained.predict(["abab"])
    with pytest.raises(DataError, match='condition: must be one of high, low, got "middle"'):
        trained.predict(["abab"], ["middle"])


def test_n_grams_of_each_class_are_those_of_its_texts_alone(outcome):
    train, asked = (Ragged.from_lists(rows) for rows in ([[3, 4, 2], [5, 5, 2], [3, 3, 2]], [[5, 3, 2], [3, 4, 2]]))
    found = by_class(["a", "b", "a"], train, ["b", "a"], asked, 6, 2)
    for row, known in enumerate(([1], [0, 2])):
        alone = fit_ngrams(train.take(np.array(known)), 6, 2).log_probabilities(asked.take(np.array([row])))
        np.testing.assert_allclose(found[row], alone[0], rtol=1e-6)
    [unseen] = by_class(["a", "b", "a"], train, ["c"], Ragged.from_lists([[5, 3, 2]]), 6, 2)
    every = fit_ngrams(train, 6, 2).log_probabilities(Ragged.from_lists([[5, 3, 2]]))
    np.testing.assert_allclose(unseen, every[0], rtol=1e-6)
    assert "kneser_ney_by_class" in {name for name, _ in outcome.baselines.items()}


def test_the_page_shows_what_each_class_writes(outcome):
    page = outcome.directory.report.read_text(encoding="utf-8")
    table = page.partition("What each class writes")[2]
    assert "<bdi>high</bdi>" in table
    assert "xy" in table


def test_the_file_writes_what_the_run_writes(outcome):
    file, trained = load_file(outcome.directory.onnx), load(outcome.directory.path)
    assert file.conditions == ("high", "low")
    for name in file.conditions:
        [[draft]] = file.generate(condition=name)
        assert draft.text == trained.generate(condition=name)[0].text
    with pytest.raises(UsageError, match='condition: must be one of high, low, got ""'):
        file.generate()


def test_the_command_writes_each_class_in_turn(outcome):
    from click.testing import CliRunner

    from kerasseq.commands.main import main

    for path in (outcome.directory.path, outcome.directory.onnx):
        result = CliRunner().invoke(main, ["generate", str(path), "--samples", "1", "--format", "jsonl"])
        assert result.exit_code == 0, result.output
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["condition"] for row in rows] == ["high", "low"]
        alone = CliRunner().invoke(main, ["generate", str(path), "--condition", "low", "--format", "jsonl"])
        assert json.loads(alone.stdout) == rows[1]
        wrong = CliRunner().invoke(main, ["generate", str(path), "--condition", "middle"])
        assert 'condition: must be one of high, low, got "middle"' in wrong.output
        both = CliRunner().invoke(main, ["generate", str(path)])
        assert both.stdout.startswith("high: x")


def test_rows_of_a_class_that_training_does_not_know_are_named():
    rows = {"target": ["low", "middle", None], "source": ["names.tsv"] * 3, "line": [2, 3, 4]}
    with pytest.raises(DataError) as caught:
        check_conditions(pa.table(rows, metadata={"target": "class"}), ("high", "low"))
    rule = "class: must be one of high, low, got"
    assert str(caught.value) == f'names.tsv:3: {rule} "middle"\nnames.tsv:4: {rule} nothing'


def test_joined_documents_have_no_class(tmp_path):
    with pytest.raises(ConfigError, match='task.condition: must be of documents = "apart"'):
        experiment(tmp_path, documents="joined")


def test_a_class_needs_its_column(tmp_path):
    (tmp_path / "names.tsv").write_text("text\tclass\na\tb\n", encoding="utf-8")
    text = CONFIG.format(documents="apart").replace('target = "class"', 'target = ""')
    with pytest.raises(ConfigError, match="task.condition: needs the class of each text; set dataset.target"):
        read_text(text, "a.toml", tmp_path)
