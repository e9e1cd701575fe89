"""What is wrong with a run that weights are taken from is said before anything is trained."""

import pytest

from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError

LANGUAGE = """
exporter = []
[dataset]
name = "table"
train = "texts.tsv"
text = "text"
target = ""
[embedding]
name = "learned"
dimension = 5
[encoder]
name = "lstm"
units = 4
layers = 2
bidirectional = false
[task]
name = "language_model"
documents = "apart"
"""

CLASSES = """
[dataset]
name = "table"
train = "texts.tsv"
text = "text"
target = "label"
[embedding]
name = "learned"
dimension = {dimension}
[encoder]
name = "{encoder}"
units = {units}
layers = {layers}
bidirectional = {both}
{key} = "{path}"
[tokenizer]
name = "{tokenizer}"
[task]
name = "classification"
"""


@pytest.fixture
def source(tmp_path):
    (tmp_path / "texts.tsv").write_text("text\tlabel\na\tb\n", encoding="utf-8")

    def made(text=LANGUAGE, finished=True, name="source"):
        folder = tmp_path / name / "0001"
        folder.mkdir(parents=True)
        said = read_text(text, "a.toml", tmp_path).to_toml()
        (folder / "experiment.toml").write_text(said, encoding="utf-8")
        for file in ("tokenizer.json", "task.json", "model.keras") if finished else ("tokenizer.json",):
            (folder / file).touch()
        return folder

    return made


@pytest.fixture
def said(tmp_path):
    def messages(path, extra="", **given):
        settings = {"dimension": 5, "encoder": "lstm", "units": 4, "layers": 2, "both": "false", "tokenizer": "word"}
        settings |= {"key": "from", "path": path} | given
        try:
            read_text(CLASSES.format(**settings) + extra, "a.toml", tmp_path)
        except ConfigError as error:
            return [line.split(": ", 1)[1] for line in str(error).splitlines()]
        return []

    return messages


def test_a_run_of_the_same_form_is_taken_from_its_folder_or_by_the_newest_in_it(source, said):
    folder = source()
    assert said(folder) == said(folder.parent) == said("source") == []


def test_a_folder_that_is_no_run_is_named(said, source, tmp_path):
    rule = f"encoder.from: must be a finished run of a language model, got {tmp_path / 'nothing'}"
    assert said("nothing") == [f"{rule}, which holds no experiment.toml; see `ls runs`"]


def test_a_run_that_is_not_finished_is_refused(source, said):
    folder = source(finished=False)
    rule = f"encoder.from: must be a finished run of a language model, got {folder} without task.json and model.keras"
    assert said(folder) == [f"{rule}; end it with: kerasseq train --resume {folder}"]


def test_a_run_of_another_task_is_refused(source, said):
    other = CLASSES.format(
        dimension=5, encoder="lstm", units=4, layers=2, both="false", key="kernel_initializer", path="orthogonal",
        tokenizer="word",
    )  # fmt: skip
    folder = source(other)
    rule = "encoder.from: must be a finished run of a language model"
    assert said(folder) == [f"{rule}, got {folder}, a run of classification"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"units": 8}, "must be a run of encoder.units = 8, got 4"),
        ({"layers": 1}, "must be a run of encoder.layers = 1, got 2"),
        ({"encoder": "gru"}, 'must be a run of encoder "gru", got "lstm"'),
        ({"dimension": 6}, "must be a run of embedding.dimension = 6, got 5"),
        ({"tokenizer": "whitespace"}, 'must be a run whose tokenizer has name = "whitespace", got "word"'),
    ],
)
def test_what_has_no_place_for_the_weights_is_refused(source, said, given, message):
    assert said(source(), **given) == [f"encoder.from: {message}"]


def test_all_that_differs_is_said_in_one_pass(source, said):
    assert len(said(source(), units=8, layers=1, dimension=6, tokenizer="character")) == 4


def test_a_run_whose_texts_keep_their_case_does_not_fit_one_that_folds_it(source, said):
    rule = "encoder.from: must be a run that reads texts as this experiment does"
    extra = '[[preprocessor]]\nname = "casefold"\n'
    folder = source()
    assert said(folder, extra) == [f"{rule}, got one that does not lower-case its texts; see preprocessor"]
    folded = source(LANGUAGE + extra, name="folded")
    assert said(folded) == [f"{rule}, got one that lower-cases its texts; see preprocessor"]
    assert said(folded, extra) == []


def test_a_run_stands_for_the_direction_in_which_it_reads(source, said):
    forwards, backwards = source(), source(LANGUAGE + "reverse = true\n", name="backwards")
    assert said(forwards, both="true") == said(backwards, key="from_backward", both="true") == []
    [wrong] = said(backwards)
    assert wrong.startswith("encoder.from: must be a run that reads forwards, got one of task.reverse = true")
    [wrong] = said(forwards, key="from_backward", both="true")
    assert wrong == "encoder.from_backward: must be a run that reads backwards, got one of task.reverse = false"
    [wrong] = said(backwards, key="from_backward")
    assert wrong.startswith("encoder.from_backward: must be empty for an encoder that reads in one direction")


def test_a_model_that_reads_backwards_reads_documents_apart_and_is_not_exported(said, tmp_path, source):
    wrong = LANGUAGE.replace("exporter = []\n", "").replace("apart", "joined") + "reverse = true\n"
    with pytest.raises(ConfigError) as caught:
        source(wrong)
    assert 'task.reverse: must be of documents = "apart", got documents that run on' in str(caught.value)
    assert "exporter: must be [] for a model that reads backwards and writes nothing, got onnx" in str(caught.value)
