"""A language model from documents to numbers, beside a GRU in NumPy."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.searches.sampling import Sampling

from kerasseq.config.read import read_experiment
from kerasseq.experiment import build, run, train
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
[task]
name = "language_model"
documents = "{documents}"
bptt = 16
dropout = 0.0
[training]
epochs = {epochs}
batch_size = 4
learning_rate = 0.02
[evaluation]
resamples = 100
batch_size = 3
"""


def written(folder, encoder="gru", layers=1, epochs=6, documents="joined", document="file", text=LINE * 60):
    (folder / "texts.txt").write_text(text, encoding="utf-8")
    settings = {"encoder": encoder, "layers": layers, "epochs": epochs, "documents": documents, "document": document}
    (folder / "c.toml").write_text(CONFIG.format(**settings), encoding="utf-8")
    return read_experiment(folder / "c.toml")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    return run(written(folder), folder / "runs")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(model, tokens, following):
    """Natural logarithms of the probability of each token, one step after another, float64."""
    weights = {w.path: np.asarray(keras.ops.convert_to_numpy(w), dtype=np.float64) for w in model.weights}
    table = weights["embedding/embeddings"]
    kernel, recurrent, bias = (weights[f"gru_1/gru_cell/{n}"] for n in ("kernel", "recurrent_kernel", "bias"))
    head, shift = weights["next_token/kernel"], weights["next_token/bias"]
    h, found, units = np.zeros(24), [], 24
    for token, after in zip(tokens, following, strict=True):
        x = table[token] @ kernel + bias[0]
        r = h @ recurrent + bias[1]
        z, g = sigmoid(x[:units] + r[:units]), sigmoid(x[units : 2 * units] + r[units : 2 * units])
        n = np.tanh(x[2 * units :] + g * r[2 * units :])
        h = z * h + (1 - z) * n
        scores = h @ head + shift
        found.append(scores[after] - scores.max() - np.log(np.exp(scores - scores.max()).sum()))
    return np.array(found)


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
