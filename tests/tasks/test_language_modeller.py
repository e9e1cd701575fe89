"""A language model from documents to numbers, beside a GRU in NumPy."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.searches.sampling import Sampling

from kerasseq.config.read import read_experiment
from kerasseq.experiment import build, resume, run, train
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.training.checkpoint import read_checkpoint

LINE = "the cat sat on the mat and the dog sat on the log. "

CONFIG = """
name = "written"
exporter = []
[dataset]
name = "documents"
train = "texts.txt"
document = "{document}"
[tokenizer]
name = "character"
min_frequency = 1
[embedding]
name = "learned"
dimension = 8
[encoder]
name = "{encoder}"
units = 24
layers = {layers}
bidirectional = false
dropout = 0.0
weight_drop = {drop}
[task]
name = "language_model"
documents = "{documents}"
bptt = 16
dropout = {drop}
{more}
[training]
epochs = {epochs}
batch_size = 4
learning_rate = 0.02
[evaluation]
resamples = 100
batch_size = 3
"""


def written(folder, encoder="gru", layers=1, epochs=6, documents="joined", document="file", text=LINE * 60, **more):
    (folder / "texts.txt").write_text(text, encoding="utf-8")
    settings = {"encoder": encoder, "layers": layers, "epochs": epochs, "documents": documents, "document": document}
    settings |= {"drop": 0.0, "more": "", **more}
    (folder / "c.toml").write_text(CONFIG.format(**settings), encoding="utf-8")
    return read_experiment(folder / "c.toml")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    return run(written(folder), folder / "runs")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def states(model, tokens):
    """What a GRU answers to each token, one step after another, float64 `(S, 24)`."""
    weights = {w.path: np.asarray(keras.ops.convert_to_numpy(w), dtype=np.float64) for w in model.weights}
    table = weights["embedding/embeddings"]
    kernel, recurrent, bias = (weights[f"gru_1/gru_cell/{n}"] for n in ("kernel", "recurrent_kernel", "bias"))
    h, found, units = np.zeros(24), [], 24
    for token in tokens:
        x = table[token] @ kernel + bias[0]
        r = h @ recurrent + bias[1]
        z, g = sigmoid(x[:units] + r[:units]), sigmoid(x[units : 2 * units] + r[units : 2 * units])
        n = np.tanh(x[2 * units :] + g * r[2 * units :])
        h = z * h + (1 - z) * n
        found.append(h)
    return np.array(found)


def gru(model, tokens, following):
    """Natural logarithms of the probability of each token."""
    weights = {w.path: np.asarray(keras.ops.convert_to_numpy(w), dtype=np.float64) for w in model.weights}
    if "next_token/kernel" in weights:
        head = weights["next_token/kernel"]
    else:
        head = weights["next_token/projection"] @ weights["embedding/embeddings"].T
    scores = states(model, tokens) @ head + weights["next_token/bias"]
    scores -= scores.max(axis=1, keepdims=True)
    return np.take_along_axis(scores, np.asarray(following)[:, None], axis=1)[:, 0] - np.log(np.exp(scores).sum(axis=1))


def test_its_perplexity_is_that_of_a_gru_in_numpy_to_the_last_token(outcome):
    trained = outcome.model
    inputs, _ = trained.task.pipeline.encode(outcome.samples)
    wanted = gru(trained.model, inputs["tokens"].flat, inputs["next"].flat)
    got = np.concatenate(outcome.predictions.log_probabilities)
    np.testing.assert_allclose(got, wanted, atol=2e-4)
    scores = {score.name: score.value for score in outcome.scores}
    assert scores["perplexity"] == pytest.approx(np.exp(-wanted.mean()), rel=1e-4)
    assert scores["bits_per_character"] == pytest.approx(-wanted.sum() / np.log(2) / (len(wanted) - 1), rel=1e-4)


def test_it_learns_what_repeats_itself(outcome):
    first, last = outcome.history.rows[0], outcome.history.rows[-1]
    assert last["loss"] < first["loss"] / 2
    assert {name for name in outcome.baselines} == {"unigram", "kneser_ney"}
    perplexity = {name: scores[0].value for name, scores in outcome.baselines.items()}
    assert perplexity["kneser_ney"] < perplexity["unigram"]
    assert outcome.scores[0].value < perplexity["unigram"]


def test_the_page_shows_what_it_writes_by_several_searches_and_what_each_is_like(outcome):
    page = outcome.directory.report.read_text(encoding="utf-8")
    for words in ("What it writes", "Greedy", "Temperature 1.5", "self-BLEU", "Least expected", "Kneser-Ney"):
        assert words in page


def test_state_goes_on_from_piece_to_piece_and_ends_with_the_epoch(tmp_path):
    trained, prepared = build(written(tmp_path, encoder="lstm", layers=2, epochs=1))
    train = prepared.examples["train"]
    pieces = train.sampler(4, 0, 0).batches()
    first = train.batch(pieces[0])
    alone = trained.engine.forward(first).outputs["log_probability"]
    behind = trained.engine.forward(train.batch(pieces[1])).outputs["log_probability"]
    again = trained.engine.forward(first).outputs["log_probability"]
    fresh = trained.engine.forward(train.batch(pieces[1]._replace(continues=False))).outputs["log_probability"]
    np.testing.assert_array_equal(alone, again)
    assert np.abs(behind - fresh).max() > 1e-4


def test_writing_costs_one_step_a_token_and_follows_the_model(outcome):
    trained = outcome.model
    drafts = trained.task.writer(trained.model, GreedySearch()).write(["the c", ""], max_length=30)
    [[one], [two]] = drafts
    pipeline = trained.task.pipeline
    ids = [*pipeline.prompt("the c"), *pipeline.prompt(one.text)[1:]]
    tokens, following = np.array(ids[:-1]), np.array(ids[1:])
    by_hand = gru(trained.model, tokens, following)[len("the c") :]
    assert one.log_probability == pytest.approx(by_hand.sum(), abs=1e-3)
    assert one.tokens == len(one.text) == 30
    assert not one.ended
    assert two.prompt == ""


def test_the_same_seed_writes_the_same_and_a_neighbour_changes_nothing(outcome):
    trained = outcome.model
    writer = trained.task.writer(trained.model, Sampling(1.0))
    texts = [[draft.text for [draft] in writer.write(prompts, 40, seed=5)] for prompts in (["the"] * 2, ["the", "a"])]
    assert texts[0][0] == texts[1][0]
    assert texts[0][0] != texts[0][1]
    assert texts[0][0] != writer.write(["the"], 40, seed=6)[0][0].text


def test_a_stop_ends_a_text_before_it_whether_it_is_one_token_or_several(outcome):
    trained = outcome.model
    writer = trained.task.writer(trained.model, GreedySearch())
    [[whole]] = writer.write(["the"], 60)
    for stop in (" ", " s"):
        [[draft]] = writer.write(["the cat"], 60, stop=(stop,))
        assert stop not in draft.text
        assert draft.ended
    heard = []
    writer.write(["the"], 60, told=lambda row, text: heard.append((row, text)))
    assert "".join(text for _, text in heard) == whole.text


def test_documents_apart_are_each_read_from_the_beginning(tmp_path):
    names = "\n".join(
        f"{a}{b}{c}" for a in ("ka", "mo", "ri") for b in ("na", "to", "lu") for c in ("s", "n", "x", "l")
    )
    experiment = written(tmp_path, epochs=3, documents="apart", document="line", text=names)
    outcome = run(experiment, tmp_path / "runs")
    trained = outcome.model
    inputs, _ = trained.task.pipeline.encode(outcome.samples)
    for row, got in enumerate(outcome.predictions.log_probabilities):
        wanted = gru(trained.model, inputs["tokens"][row], inputs["next"][row])
        np.testing.assert_allclose(got, wanted, atol=2e-4)


def test_a_run_cut_off_inside_an_epoch_goes_on_with_its_state(tmp_path):
    class CutOff(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 7:
                raise KeyboardInterrupt

    experiment = written(tmp_path, epochs=1, text=LINE * 20)
    whole, prepared = build(experiment)
    train(whole, prepared, RunDirectory.create(tmp_path, "whole"))
    cut = replace(experiment, training=experiment.training.model_copy(update={"checkpoint_minutes": 1e-9}))
    directory = RunDirectory.create(tmp_path, "cut")
    with pytest.raises(KeyboardInterrupt):
        train(*build(cut), directory, callbacks=[CutOff()])
    state, arrays = read_checkpoint(directory.checkpoints / "within.npz")
    assert state["carried"] and all(np.abs(array).max() > 0 for array in arrays["carried"])
    again, prepared = build(cut)
    train(again, prepared, directory, resume=True)
    for one, other in zip(whole.model.weights, again.model.weights, strict=True):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (one, other)))


REGULARISED = {
    "drop": 0.2,
    "more": "tied = true\nactivation_penalty = 2.0\ntemporal_penalty = 1.0",
    "text": LINE * 30,
}


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tied")
    return run(written(folder, epochs=2, **REGULARISED), folder / "runs")


def test_tied_weights_are_one_parameter_that_both_ends_read(tied):
    model = tied.model.model
    names = [weight.path for weight in model.trainable_weights]
    assert sorted(name for name in names if not name.startswith("gru")) == [
        "embedding/embeddings",
        "next_token/bias",
        "next_token/projection",
    ]
    table = model.get_layer("embedding").embeddings
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(table)[0], 0)  # padding stays zero
    inputs, _ = tied.model.task.pipeline.encode(tied.samples)
    got = np.concatenate(tied.predictions.log_probabilities)
    np.testing.assert_allclose(got, gru(model, inputs["tokens"].flat, inputs["next"].flat), atol=2e-4)


def test_a_tied_run_is_opened_again_and_its_table_is_still_one(tied):
    again = load(tied.directory.path)
    texts = ["the cat sat", "a dog"]
    one, two = (trained.predict(texts)["prediction"] for trained in (tied.model, again))
    np.testing.assert_allclose(one, two, rtol=1e-5)
    paths = [[weight.path for weight in model.trainable_weights] for model in (tied.model.model, again.model)]
    assert paths[0] == paths[1]
    embeddings = again.model.get_layer("embedding").embeddings
    embeddings.assign(keras.ops.convert_to_numpy(embeddings) * 2)
    inputs, _ = again.task.pipeline.encode(tied.samples)
    tokens, following = inputs["tokens"][0], inputs["next"][0]
    moved = again.answer(tied.samples.take(np.array([0]))).predictions.log_probabilities[0]
    np.testing.assert_allclose(moved[: len(tokens)], gru(again.model, tokens, following), atol=2e-4)


def test_a_tied_run_goes_on_as_if_it_had_not_been_interrupted(tied, tmp_path):
    once = run(written(tmp_path, epochs=1, **REGULARISED), tmp_path / "runs")
    more = resume(written(tmp_path, epochs=2, **REGULARISED), once.directory)
    assert more.history.rows == tied.history.rows


def test_penalties_are_in_the_loss_of_training_as_numpy_has_them_and_in_no_other(tmp_path):
    sizes = "activation_penalty = 3.0\ntemporal_penalty = 5.0"
    trained, prepared = build(written(tmp_path, epochs=1, more=sizes))
    train = prepared.examples["train"]
    batch = train.batch(train.sampler(4, 0, 0).batches()[0])
    model = trained.model
    for weight in model.weights:
        weight.assign(keras.ops.convert_to_numpy(weight) * 2)
    plain, penalties = [], []
    for tokens, following in zip(batch.inputs["tokens"], batch.inputs["next"], strict=True):
        h = states(model, tokens)
        plain.append(-gru(model, tokens, following).mean())
        penalties.append(3 * (h**2).mean() + 5 * (np.diff(h, axis=0) ** 2).mean())
    watched = trained.engine.forward(batch)
    assert watched.loss / watched.weight == pytest.approx(np.mean(plain), rel=1e-4)
    assert trained.engine.train([batch]).loss == pytest.approx(np.mean(plain) + np.mean(penalties), rel=1e-4)
