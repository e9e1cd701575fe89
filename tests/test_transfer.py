"""A model that starts from language models: which weights, by which tokens, and without those runs afterwards."""

import hashlib
import json
import logging
import shutil

import keras
import numpy as np
import pytest

from kerasseq.backend.stepper import step_model
from kerasseq.config.finished import read_run
from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError
from kerasseq.evaluation.again import again
from kerasseq.experiment import build, resume, run
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_file
from kerasseq.training.checkpoint import read_checkpoint

WORDS = "the cat sat on a mat and dogs run fast".split()
NEW = "bird"

SHARED = """
exporter = []
[tokenizer]
name = "word"
min_frequency = 1
[embedding]
name = "learned"
dimension = 5
{embedding}
[encoder]
name = "{encoder}"
units = 4
layers = {layers}
bidirectional = {both}
dropout = 0.0
{started}
[split]
validation = 0.25
test = 0.25
[training]
epochs = {epochs}
batch_size = 8
learning_rate = 0.02
{training}
[evaluation]
resamples = 100
baselines = false
"""

LANGUAGE = """
[dataset]
name = "table"
train = "texts.tsv"
text = "text"
target = ""
[task]
name = "language_model"
documents = "apart"
reverse = {reverse}
"""

CLASSES = """
[dataset]
name = "table"
train = "classes.tsv"
text = "text"
target = "target"
[task]
name = "{task}"
"""


def experiment(folder, text, **given):
    settings = {"embedding": "", "encoder": "lstm", "layers": 2, "both": "false", "started": "", "epochs": 1}
    settings |= {"training": ""} | given
    return read_text(SHARED.format(**settings) + text, "a.toml", folder)


def language(folder, name, reverse="false", **given):
    made = experiment(folder, LANGUAGE.format(reverse=reverse), **given)
    return run(made, folder / "runs" / name).directory


def classifier(folder, task="classification", **given):
    return experiment(folder, CLASSES.format(task=task), **given)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("transfer")
    random = np.random.default_rng(0)
    rows = [" ".join(random.choice(WORDS, random.integers(3, 7))) for _ in range(40)]
    (folder / "texts.tsv").write_text("text\n" + "\n".join([*rows, " ".join(WORDS * 2)] * 2), encoding="utf-8")
    labelled = [f"{row} {NEW if place % 2 else 'fast'}\t{place % 2}" for place, row in enumerate(rows)]
    (folder / "classes.tsv").write_text("text\ttarget\n" + "\n".join(labelled), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def forward(folder):
    return language(folder, "forward")


@pytest.fixture(scope="module")
def backward(folder):
    return language(folder, "backward", reverse="true")


def array(tensor):
    return np.array(keras.ops.convert_to_numpy(tensor))


def hidden(run, ids):
    """What the encoder of a language model says at each step, from its states of zeros."""
    reader, _ = step_model(load(run.path).model)
    states = [np.zeros((len(ids), tensor.shape[-1]), "float32") for tensor in reader.inputs[1:]]
    return array(reader([ids, *states], training=False)["hidden"])


def encoded(model, ids, layer):
    reader = keras.Model(model.inputs, model.get_layer(layer).output)
    return array(reader([ids], training=False))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_an_encoder_in_one_direction_says_what_the_language_model_says(folder, forward, task):
    said = f'from = "{forward.path}"'
    trained, _ = build(classifier(folder, task, started=said, embedding=said))
    source = load(forward.path)
    words = [word for word in WORDS if word in source.task.pipeline.vocabulary]
    theirs, mine = (np.array([[of.task.pipeline.vocabulary.index(word) for word in words]]) for of in (source, trained))
    np.testing.assert_allclose(encoded(trained.model, mine, "lstm_2"), hidden(forward, theirs), atol=1e-6)


def test_both_directions_begin_as_two_language_models_side_by_side(folder, forward, backward):
    said = f'from = "{forward.path}"'
    trained, _ = build(
        classifier(folder, both="true", started=f'{said}\nfrom_backward = "{backward.path}"', embedding=said)
    )
    # Both runs know the same words in the same order; the vectors are those of the first
    table = load(forward.path).model.get_layer("embedding").get_weights()
    turned = load(backward.path)
    turned.model.get_layer("embedding").set_weights(table)
    vocabulary = load(forward.path).task.pipeline.vocabulary
    assert vocabulary == turned.task.pipeline.vocabulary
    words = [word for word in WORDS if word in vocabulary]
    mine = np.array([[trained.task.pipeline.vocabulary.index(word) for word in words]])
    theirs = np.array([[vocabulary.index(word) for word in words]])
    found = encoded(trained.model, mine, "bilstm_2")
    np.testing.assert_allclose(found[..., :4], hidden(forward, theirs), atol=1e-6)
    reader, _ = step_model(turned.model)
    states = [np.zeros((1, 4), "float32") for _ in reader.inputs[1:]]
    backwards = array(reader([theirs[:, ::-1].copy(), *states], training=False)["hidden"])
    np.testing.assert_allclose(found[..., 4:], backwards[:, ::-1], atol=1e-6)


def test_vectors_are_taken_token_by_token_and_new_tokens_have_their_mean(folder, forward, caplog):
    caplog.set_level(logging.INFO, logger="kerasseq")
    trained, _ = build(classifier(folder, embedding=f'from = "{forward.path}"'))
    source = load(forward.path)
    [theirs], [mine] = (of.model.get_layer("embedding").get_weights() for of in (source, trained))
    known, words = source.task.pipeline.vocabulary, trained.task.pipeline.vocabulary
    assert NEW in words
    assert NEW not in known
    for place, word in enumerate(words):
        wanted = theirs[known.index(word)] if word in known else theirs[3:].mean(axis=0)
        np.testing.assert_allclose(mine[place], wanted, atol=1e-6)
    assert not mine[0].any()
    assert f"{len(words) - 4} tokens have their vectors of {forward.path}, 1 new ones their mean" in caplog.text


def test_what_the_language_model_did_not_read_keeps_its_drawn_weights(folder, forward):
    said = f'from = "{forward.path}"'
    plain, _ = build(classifier(folder, both="true"))
    trained, _ = build(classifier(folder, both="true", started=said))
    for layer in ("bilstm_1", "bilstm_2"):
        drawn, mine = (of.model.get_layer(layer).backward_layer.get_weights() for of in (plain, trained))
        assert all(map(np.array_equal, drawn, mine))
    assert not np.array_equal(
        *(of.model.get_layer("bilstm_1").forward_layer.get_weights()[1] for of in (plain, trained))
    )


def tagger(forward, tmp_path, words, nouns, encoder, embedding=""):
    """A tagger whose vectors start from `forward`, and the vector of one word there and here, by a function."""
    rows = "\n\n".join("\n".join(f"{word} {'N' if word in nouns else 'O'}" for word in words) for _ in range(12))
    (tmp_path / "tags.conll").write_text(rows, encoding="utf-8")
    text = f"""
exporter = []
[dataset]
name = "tokens"
train = "{tmp_path / "tags.conll"}"
[task]
name = "tagging"
[tokenizer]
name = "given"
min_frequency = 1
[embedding]
name = "learned"
dimension = 5
from = "{forward.path}"
{embedding}
[encoder]
{encoder}
"""
    trained, _ = build(read_text(text, "a.toml", tmp_path))

    def vectors(word):
        networks = (trained, load(forward.path))
        return [
            of.model.get_layer("embedding").get_weights()[0][of.task.pipeline.vocabulary.index(word)] for of in networks
        ]

    return vectors


def test_a_tagger_starts_from_a_model_of_words(folder, forward, tmp_path):
    encoder = f'name = "lstm"\nunits = 4\nbidirectional = true\nfrom = "{forward.path}"'
    mine, theirs = tagger(forward, tmp_path, WORDS, ("cat", "mat"), encoder)("cat")
    np.testing.assert_array_equal(mine, theirs)


def test_the_run_needs_its_source_no_more(folder, tmp_path):
    source = language(folder, "gone")
    said = f'from = "{source.path}"'
    made = run(classifier(folder, started=said, embedding=said, epochs=2), tmp_path).directory
    digest = hashlib.sha256(source.model.read_bytes()).hexdigest()
    shutil.rmtree(source.path)
    kept = json.loads(made.environment.read_text(encoding="utf-8"))["started_from"]
    assert kept == {key: {"run": str(source.path), "sha256": digest} for key in ("embedding.from", "encoder.from")}
    before = load(made.path).predict(["the cat"])
    assert again(made).scores
    longer = resume(read_run(made, overrides=["training.epochs=3"], data_gone=False), made)
    assert len(longer.history.rows) == 3
    assert json.loads(made.environment.read_text(encoding="utf-8"))["started_from"] == kept
    assert before.keys() == load(made.path).predict(["the cat"]).keys()


def test_every_fold_starts_so(folder, forward, tmp_path):
    said = f'from = "{forward.path}"'
    # A rate of almost nothing leaves the weights where they began
    given = 'folds = 2\nminimum_learning_rate = 0.0\noptimizer = "sgd"\nunfreezing = 5'
    made = run(classifier(folder, started=said, embedding=said, training=given), tmp_path).directory
    theirs = load(forward.path).model.get_layer("lstm_1").get_weights()
    mine = load(made.path).model.get_layer("lstm_1").get_weights()
    assert all(map(np.array_equal, theirs, mine))
    assert RunDirectory(made.path).folds.exists()
    assert read_checkpoint(made.checkpoints / "start.npz")[0]["layers"] == [
        "embedding/embedding",
        "encoder/lstm_1",
        "encoder/lstm_2",
    ]


def test_a_language_model_goes_on_from_another(folder, forward):
    said = f'from = "{forward.path}"'
    trained, _ = build(experiment(folder, LANGUAGE.format(reverse="false"), started=said, embedding=said))
    for name in ("embedding", "lstm_1", "lstm_2"):
        sides = (of.model.get_layer(name).get_weights() for of in (trained, load(forward.path)))
        assert all(map(np.array_equal, *sides))


# === Words that the language model alone has read ===

FEW = WORDS[:4]
UNSEEN = WORDS[7]


def few(folder, words, exporter="exporter = []", **given):
    """A classifier of rows that hold the first words alone."""
    rows = [f"{' '.join(FEW[place % 3 :])} {'cat' if place % 2 else 'sat'}\t{place % 2}" for place in range(40)]
    (folder / "few.tsv").write_text("text\ttarget\n" + "\n".join(rows), encoding="utf-8")
    text = SHARED.replace("exporter = []", exporter) + CLASSES.replace("classes", "few")
    settings = {"encoder": "lstm", "layers": 1, "both": "false", "started": "", "epochs": 1, "task": "classification"}
    settings |= {"training": "weight_decay = 0.0", "embedding": words} | given
    return read_text(text.format(**settings), "a.toml", folder)


def test_words_that_only_the_language_model_has_read_join_the_vocabulary_with_their_vectors(folder, forward, tmp_path):
    source = load(forward.path)
    known, [theirs] = source.task.pipeline.vocabulary, source.model.get_layer("embedding").get_weights()
    asked = f'from = "{forward.path}"\nfile_words = 100'
    made = run(few(folder, asked, exporter=""), tmp_path).directory
    trained = load(made.path)
    words, [mine] = trained.task.pipeline.vocabulary, trained.model.get_layer("embedding").get_weights()
    assert set(words[3:7]) == set(FEW) and list(words[7:]) == [word for word in known[3:] if word not in FEW]
    for word in words[7:]:  # no row of training moves them
        np.testing.assert_array_equal(mine[words.index(word)], theirs[known.index(word)])
    plain = run(few(folder, f'from = "{forward.path}"'), tmp_path).directory
    assert UNSEEN in words and UNSEEN not in load(plain.path).task.pipeline.vocabulary
    # A prediction knows it, in Keras and in the exported file
    texts = [f"the {UNSEEN}", "the nonsense", f"{UNSEEN} {UNSEEN}"]
    answers = [trained.predict(texts)["score"], load_file(made.onnx).predict(texts)["score"]]
    np.testing.assert_allclose(*answers, atol=1e-5)
    assert abs(answers[0][0] - answers[0][1]) > 1e-5


def test_the_most_frequent_words_come_first_and_as_many_as_are_asked_for(folder, forward):
    known = load(forward.path).task.pipeline.vocabulary
    experiment = few(folder, f'from = "{forward.path}"\nfile_words = 6')
    assert tuple(experiment.embedding.extra_words()) == known[3:9]
    trained, _ = build(experiment)
    assert list(trained.task.pipeline.vocabulary[7:]) == [word for word in known[3:9] if word not in FEW]
    assert few(folder, f'from = "{forward.path}"').embedding.extra_words() == ()


def test_a_run_with_words_of_a_language_model_goes_on_without_it(folder, tmp_path):
    source = language(folder, "left")
    asked = f'from = "{source.path}"\nfile_words = 100'
    whole = run(few(folder, asked, epochs=3), tmp_path).directory
    part = run(few(folder, asked, epochs=2), tmp_path).directory
    shutil.rmtree(source.path)
    resume(read_run(part, overrides=["training.epochs=3"], data_gone=False), part)
    models = [load(each.path) for each in (whole, part)]
    assert models[0].task.pipeline.vocabulary == models[1].task.pipeline.vocabulary
    assert UNSEEN in models[1].task.pipeline.vocabulary
    for one, other in zip(*(model.model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again(part).scores


def test_a_tagger_takes_words_of_a_language_model_too(folder, forward, tmp_path):
    mine, theirs = tagger(forward, tmp_path, FEW, ("cat",), 'name = "gru"\nunits = 3', "file_words = 100")(UNSEEN)
    np.testing.assert_array_equal(mine, theirs)


def test_words_of_no_run_and_words_for_a_task_that_adds_none_are_refused(folder, forward):
    with pytest.raises(ConfigError, match="embedding.file_words: must be 0 without from, there is no run whose words"):
        few(folder, "file_words = 9")
    said = f'from = "{forward.path}"\nfile_words = 9'
    with pytest.raises(ConfigError, match="embedding.file_words: must be 0, for a language model writes the words of"):
        experiment(folder, LANGUAGE.format(reverse="false"), embedding=said)
    both = f'name = "concatenate"\n[[embedding.parts]]\nname = "learned"\n{said}\n[[embedding.parts]]\nname = "learned"'
    text = SHARED.replace('name = "learned"\ndimension = 5\n{embedding}', both) + CLASSES
    given = {"encoder": "lstm", "layers": 1, "both": "false", "started": "", "epochs": 1, "training": ""}
    with pytest.raises(ConfigError, match="embedding.parts: must start from no run of a language model, which one"):
        read_text(text.format(task="classification", **given), "a.toml", folder)
