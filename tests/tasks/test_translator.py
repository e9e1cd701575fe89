"""A translation from two columns to texts, beside a search in NumPy."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner
from kerasseq_runtime.searches.beam_search import BeamSearch
from kerasseq_runtime.searches.greedy_search import GreedySearch

from kerasseq.commands.main import main
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text_pairs import TextPairs
from kerasseq.experiment import build, resume, run
from kerasseq.loading import load
from kerasseq.tasks.translating import Translating
from kerasseq.training.origin import origin
from kerasseq.training.prediction import predict

NAMES = "zero one two three four five six seven eight nine".split()

CONFIG = """
name = "spelled"
exporter = []
[dataset]
name = "table"
train = "pairs.csv"
text = "words"
target = "digits"
[tokenizer]
name = "{tokenizer}"
min_frequency = 1
[embedding]
name = "learned"
dimension = 12
[encoder]
name = "gru"
units = 16
layers = 1
bidirectional = true
dropout = 0.0
[decoder]
name = "{decoder}"
units = 24
attention = "{attention}"
dropout = 0.0
[search]
name = "beam"
width = 3
n_best = 2
[task]
name = "translation"
max_length = 10
score = "chrf"
{task}
[training]
epochs = {epochs}
batch_size = 16
learning_rate = 0.02
[evaluation]
resamples = 100
batch_size = 7
"""


def spelled(folder, tokenizer="word", decoder="gru", attention="general", epochs=14, task="dropout = 0.0", rows=300):
    random = np.random.default_rng(0)
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["words", "digits"])
        for _ in range(rows):
            digits = random.integers(10, size=random.integers(1, 5))
            writer.writerow([" ".join(NAMES[d] for d in digits), " ".join(map(str, digits))])
    settings = {"tokenizer": tokenizer, "decoder": decoder, "attention": attention, "epochs": epochs, "task": task}
    (folder / "c.toml").write_text(CONFIG.format(**settings), encoding="utf-8")
    return read_experiment(folder / "c.toml")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spelled")
    return run(spelled(folder), folder / "runs")


def test_it_learns_to_translate_and_beats_its_baselines(outcome):
    scores = {score.name: score.value for score in outcome.scores}
    assert scores["exact_match"] > 0.9
    assert {"bleu", "chrf", "ter", "cer", "exact_match"} <= set(scores)
    assert {"copy_source", "nearest_source"} <= set(outcome.baselines)
    assert outcome.main == "chrf"


def test_a_table_of_answers_has_text_reference_and_translation(outcome):
    with outcome.directory.predictions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:4] == ["text", "target", "prediction", "score"]
    assert len(rows) == 30
    assert np.mean([row["target"] == row["prediction"] for row in rows]) > 0.9


def test_predict_gives_a_translation_a_line_and_further_ones_of_a_beam(outcome):
    found = outcome.model.predict(["one two", "", "nine"])
    assert [found["prediction"][place] for place in (0, 1, 2)] == ["1 2", "", "9"]
    assert [len(several) for several in found["alternatives"]] == [1, 0, 1]
    runner = CliRunner()
    said = runner.invoke(main, ["predict", str(outcome.directory.path), "-"], input="one two\nnine\n")
    assert [line.split(",")[1] for line in said.stdout.splitlines()[1:]] == ["1 2", "9"], said.output


def probabilities(model, tokens, written):
    """Log probability of each token behind `written`, by the model that is trained, which reads all of it at once."""
    target = np.array([[2, *written]], dtype=np.int32)
    size = model.get_layer("next_token").vocabulary
    read = [np.repeat(tokens[None], size, 0), np.repeat(target, size, 0)]
    following = np.repeat(np.pad(target[:, 1:], ((0, 0), (0, 1))), size, 0)
    following[:, -1] = np.arange(size)
    import keras

    found = model([keras.ops.convert_to_tensor(v) for v in (*read, following.astype(np.int32))], training=False)
    return np.asarray(keras.ops.convert_to_numpy(found["log_probability"]), dtype=np.float64)[:, -1]


def beam(model, tokens, width, limit, power):
    """Wu et al. (2016), one text, in plain NumPy: beginnings, ended texts."""
    live, ended = [((), 0.0)], []
    for length in range(1, limit + 1):
        grown = []
        for written, total in live:
            gains = probabilities(model, tokens, written)
            gains[:2] = -np.inf
            grown += [(written, token, total + gain) for token, gain in enumerate(gains) if gain > -np.inf]
        grown.sort(key=lambda one: -one[2])
        live = []
        for rank, (written, token, total) in enumerate(grown):
            if token == 2 or length == limit:
                text = written if token == 2 else (*written, token)
                if rank < width:
                    ended.append((total / ((5 + length) / 6) ** power, text))
            elif len(live) < width:
                live.append(((*written, token), total))
    return max(ended)[1]


@pytest.mark.once  # the plain search makes jax compile for every length; test_decoder.py asks both for their steps
@pytest.mark.parametrize("width", [1, 3])
def test_a_search_writes_what_a_plain_one_writes(outcome, width):
    trained = outcome.model
    samples = TextPairs(["two nine", "zero", "six six one three"])
    inputs, _ = trained.task.pipeline.encode(samples)
    search = BeamSearch(width, 1, 0.6) if width > 1 else GreedySearch()
    found = Translating(trained.model, trained.task.pipeline, search).write(trained.task.examples(inputs), 2)
    for row in range(3):
        wanted = beam(trained.model, inputs["tokens"][row], width, 11, 0.6 if width > 1 else 0.0)
        assert found["ids"][row].tolist() == list(wanted)
        gained = [
            probabilities(trained.model, inputs["tokens"][row], wanted[:t])[wanted[t]] for t in range(len(wanted))
        ]
        end = probabilities(trained.model, inputs["tokens"][row], wanted)[2]
        assert found["text_log_probability"][row] == pytest.approx(sum(gained) + end, abs=1e-4)


def test_neighbours_and_the_size_of_a_batch_change_no_translation(outcome):
    texts = ["one two three", "", "four", "eight seven", "zero zero"]
    whole = outcome.model.predict(texts)["prediction"]
    assert [outcome.model.predict([text])["prediction"][0] for text in texts] == whole


def test_attention_is_a_share_of_each_word_for_each_token_and_the_end(outcome):
    trained = outcome.model
    inputs, _ = trained.task.pipeline.encode(TextPairs(["one two three", "four"]))
    writing = Translating(trained.model, trained.task.pipeline, GreedySearch())
    ids = writing.write(trained.task.examples(inputs), 8)["ids"]
    found = writing.attention(inputs["tokens"], ids)
    assert [weights.shape for weights in found] == [(4, 3), (2, 1)]
    for weights in found:
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)


def test_a_run_opens_again_and_answers_alike(outcome):
    again = load(outcome.directory.path)
    texts = ["one two", "five"]
    assert again.predict(texts) == outcome.model.predict(texts)
    assert (outcome.directory.path / "target_tokenizer.json").exists()
    assert "target_tokenizer.json" in origin(outcome.directory), "one of another run is refused"
    said = json.loads(outcome.directory.metrics.read_text(encoding="utf-8"))
    assert said["main"] == "chrf"


def test_evaluate_measures_again_and_elsewhere(outcome, tmp_path):
    runner = CliRunner()
    folder = outcome.directory.path
    before = outcome.directory.metrics.read_text(encoding="utf-8")
    assert runner.invoke(main, ["evaluate", str(folder)]).exit_code == 0
    assert outcome.directory.metrics.read_text(encoding="utf-8") == before
    (tmp_path / "more.csv").write_text("words,digits\none two,1 2\nnine,9\n", encoding="utf-8")
    said = runner.invoke(main, ["evaluate", str(folder), "--data", str(tmp_path / "more.csv"), "--json"])
    assert said.exit_code == 0, said.output


@pytest.mark.parametrize(
    "settings",
    [
        # the layers of the others are asked on both backends where they are tested
        pytest.param({"attention": "bahdanau"}, id="bahdanau", marks=pytest.mark.once),
        pytest.param({"attention": "concat", "task": "scheduled_sampling = 0.3\nsampling_updates = 2"}, id="sampling"),
        pytest.param(
            {"attention": "none", "decoder": "lstm", "task": "shared = true\nlabel_smoothing = 0.0"},
            id="shared",
            marks=pytest.mark.once,
        ),
        pytest.param(
            {"attention": "general", "task": 'validate_by = "loss"', "tokenizer": "character"},
            id="by_loss",
            marks=pytest.mark.once,
        ),
    ],
)
def test_every_variant_learns(tmp_path, settings):
    outcome = run(spelled(tmp_path, epochs=3, rows=120, **settings), tmp_path / "runs")
    rows = outcome.history.rows
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert len(outcome.answer.predictions) == 12


def test_scheduled_sampling_reads_guesses_in_training_alone(tmp_path):
    trained, prepared = build(
        spelled(tmp_path, epochs=1, rows=60, task="scheduled_sampling = 0.9\nsampling_updates = 1")
    )
    layer = trained.model.get_layer("sampling")
    tokens = np.full((40, 6), 3, dtype=np.int32)
    tokens[:, 0], tokens[:, 5] = 2, 0
    import keras

    guesses = keras.ops.convert_to_tensor(np.full((40, 6), 4, dtype=np.int32))
    given = keras.ops.convert_to_tensor(tokens)
    layer.done.assign(1)
    read = keras.ops.convert_to_numpy(layer(given, guesses, training=True))
    assert (read[:, 0] == 2).all()
    assert (read[:, 5] == 0).all()
    assert 0.8 < (read[:, 1:5] == 4).mean() < 1
    assert (keras.ops.convert_to_numpy(layer(given, guesses, training=False)) == tokens).all()
    assert predict(trained.engine, prepared.examples["validation"], trained.task, 8)[1] > 0


@pytest.mark.once  # test_loop_resume.py asks both
def test_a_run_that_is_resumed_ends_as_one_that_was_not(tmp_path):
    task = "scheduled_sampling = 0.5\nsampling_updates = 4\ndropout = 0.2"
    whole = run(spelled(tmp_path, attention="bahdanau", epochs=3, rows=60, task=task), tmp_path / "whole")
    parted = run(spelled(tmp_path, attention="bahdanau", epochs=2, rows=60, task=task), tmp_path / "parted")
    again = resume(spelled(tmp_path, attention="bahdanau", epochs=3, rows=60, task=task), parted.directory)
    assert again.history.rows == whole.history.rows


@pytest.mark.once
def test_an_unknown_word_gives_way_to_the_word_that_was_attended_to(tmp_path):
    experiment = spelled(tmp_path, epochs=14, rows=300, task="replace_unknown = true")
    trained = run(experiment, tmp_path / "runs").model
    pipeline = trained.task.pipeline
    assert pipeline.written([5, 1], {1: "Anna"}).endswith(" Anna")
    inputs, _ = pipeline.encode(TextPairs(["two Anna"]))
    writing = Translating(trained.model, pipeline, GreedySearch(), copies=True)
    looked = writing.attention(inputs["tokens"], [np.array([1])])[0][0]
    copied = writing._copied(inputs["tokens"], inputs["words"], [np.array([1])])
    assert copied == [{0: ["two", "Anna"][int(looked.argmax())]}]


def test_a_coverage_penalty_ranks_texts_that_leave_words_out_lower(outcome):
    trained = outcome.model
    inputs, _ = trained.task.pipeline.encode(TextPairs(["two nine one", "four"]))
    examples = trained.task.examples(inputs)
    plain, covered = (
        Translating(trained.model, trained.task.pipeline, BeamSearch(4, 4, 0.6, factor)).write(examples, 8)
        for factor in (0.0, 5.0)
    )
    lengths = [[len(ids) for ids in (found["ids"][0], *found["others"][0])] for found in (plain, covered)]
    assert lengths[1][0] >= 3
    assert lengths[0] != lengths[1] or plain["ids"][0].tolist() == covered["ids"][0].tolist()


def problems(tmp_path, *settings):
    spelled(tmp_path, rows=40)
    runner = CliRunner()
    said = runner.invoke(
        main, ["config", "check", str(tmp_path / "c.toml"), *(x for s in settings for x in ("--set", s))]
    )
    assert said.exit_code == 2, said.output
    return said.output


def test_what_does_not_fit_is_said_at_once(tmp_path):
    assert '"dot" needs decoder.units = 32' in problems(tmp_path, 'decoder.attention="dot"')
    assert "forbids this section" in problems(tmp_path, 'pooler.name="mean"')
    assert "decoder.input_feeding: must be false" in problems(
        tmp_path, 'decoder.attention="bahdanau"', "decoder.input_feeding=true"
    )
    assert "knows every token" in problems(tmp_path, 'tokenizer={name="subword"}', "task.replace_unknown=true")
    assert "decoder.bidirectional: unknown" in problems(tmp_path, "decoder.bidirectional=true")


def test_a_beam_wider_than_the_vocabulary_is_refused_before_training(tmp_path):
    from kerasseq.errors import DataError

    spelled(tmp_path, rows=40)
    experiment = read_experiment(tmp_path / "c.toml", ["search.width=100"])
    with pytest.raises(DataError, match=r"search\.width: must be at most the \d+ tokens that may be written, got 100"):
        build(experiment)


def test_what_is_cut_is_counted_on_each_side(tmp_path):
    spelled(tmp_path, rows=40)
    experiment = read_experiment(tmp_path / "c.toml", ["tokenizer.max_length=2", "task.max_length=1"])
    _, prepared = build(experiment)
    counts = prepared.counts["train"]
    assert counts.sources.truncated > 0
    assert counts.targets.truncated > 0
    assert int(prepared.examples["train"].inputs["next"].lengths.max()) == 2
    assert "sources: 32 texts" in str(counts)


def test_a_line_of_ten_thousand_tokens_is_read_cut_and_counted(outcome):
    answer = outcome.model.answer(outcome.model.task.pipeline.given(["one " * 10_000, "two\x00\x07"]))
    assert answer.counts.sources.truncated == 1
    assert len(answer.predictions.texts) == 2
