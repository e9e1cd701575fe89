"""A run from its config to the texts that it writes."""

import json
import zipfile

import keras
import numpy as np
import pytest
from kerasseq_gpt2.weights import arrays_of, read

import kerasseq
from kerasseq.plugin import ConfigError

CONFIG = """
name = "gpt2"
exporter = []
[dataset]
name = "documents"
train = "{train}"
[tokenizer]
name = "gpt2"
folder = "{vocabulary}"
[encoder]
name = "gpt2"
{encoder}
[search]
name = "sample"
[task]
name = "gpt2"
bptt = {bptt}
[training]
epochs = {epochs}
batch_size = 4
learning_rate = {rate}
warmup_steps = 10
"""

SIZES = "layers = 1\nheads = 2\nunits = 16\ncontext = 32\ndropout = 0.0"


def config(folder, vocabulary, train, encoder=SIZES, bptt=16, epochs=2, rate=3e-3):
    file = folder / "gpt2.toml"
    given = {"train": train, "vocabulary": vocabulary, "encoder": encoder, "bptt": bptt, "epochs": epochs, "rate": rate}
    file.write_text(CONFIG.format(**given), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    words = np.random.default_rng(0).choice(["the", "cat", "sat", "a", "hat"], (60, 20))
    (folder / "cats.txt").write_text("\n".join(" ".join(row) for row in words), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory, vocabulary, texts):
    folder = tmp_path_factory.mktemp("run")
    return kerasseq.run(config(folder, vocabulary, texts / "cats.txt"), out=folder / "runs")


def test_training_lowers_the_perplexity_and_the_run_opens_again_and_writes(run):
    directory = run.directory.path
    rows = (directory / "history.csv").read_text(encoding="utf-8").splitlines()
    place = rows[0].split(",").index("validation_loss")
    losses = [float(row.split(",")[place]) for row in rows[1:]]
    assert losses[-1] < losses[0] < np.log(266)
    model = kerasseq.load(directory)
    [one], [other] = (model.generate(["the "], max_length=40, seed=4) for _ in range(2))
    assert one.text == other.text != ""
    assert one.tokens <= 40
    assert model.predict(["the cat sat"])["prediction"][0] > 1


def test_a_config_that_does_not_suit_is_refused_with_all_its_faults(tmp_path, vocabulary, texts):
    file = config(tmp_path, vocabulary, texts / "cats.txt", bptt=33)
    file.write_text(file.read_text(encoding="utf-8").replace("exporter = []\n", ""), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        kerasseq.read_experiment(file)
    said = str(refused.value)
    assert "must be at most the 32 tokens of the context, got 33" in said
    assert "GPT-2 has no exported form" in said
    lstm = file.read_text(encoding="utf-8").replace(f'[encoder]\nname = "gpt2"\n{SIZES}', '[encoder]\nname = "lstm"')
    file.write_text(lstm, encoding="utf-8")
    with pytest.raises(ConfigError, match='must be "gpt2" in this task, got "lstm"'):
        kerasseq.read_experiment(file)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, vocabulary, texts, reference):
    """Weights of the Hub, before training and after, low rank."""
    folder = tmp_path_factory.mktemp("tuned")
    encoder = f'weights = "{reference[0]}"\nlora_rank = 2\nrematerialise = true'
    file = config(folder, vocabulary, texts / "cats.txt", encoder, 16, 1, 1e-2)
    untrained, _ = kerasseq.build(kerasseq.read_experiment(file))
    return arrays_of(untrained.model.get_layer("gpt2").backbone), kerasseq.run(file, out=folder / "runs")


def test_training_begins_with_the_weights_that_are_given(tuned, reference):
    before, _ = tuned
    wanted, _ = read(reference[0])
    tokens = before.pop("wte.weight")
    for name, value in before.items():
        np.testing.assert_array_equal(value, wanted[name])
    np.testing.assert_array_equal(tokens[2:], np.roll(wanted["wte.weight"], 1, axis=0))
    assert not tokens[:2].any()


def test_low_rank_training_changes_queries_and_values_and_is_loaded_again(tuned):
    before, run = tuned
    after = arrays_of(run.model.model.get_layer("gpt2").backbone)
    changed = {name.split(".", 2)[2] for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {"attn.c_attn.weight", "attn.c_attn.bias"}
    again = kerasseq.load(run.directory.path)
    for name, value in arrays_of(again.model.get_layer("gpt2").backbone).items():
        np.testing.assert_allclose(value, after[name], atol=1e-6)
    rows = ["the cat sat", ""]
    np.testing.assert_allclose(
        *(model.predict(rows)["prediction"] for model in (run.model, again)),
        rtol=1e-4,
    )


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="minutes, of what the small runs show on jax too")
@pytest.mark.realdata
def test_fine_tuning_on_arabic_news_lowers_the_perplexity(tmp_path, real_vocabulary):
    with zipfile.ZipFile(real_vocabulary.parent / "saudinewsnet" / "2015-08-09.zip") as archive:
        [name] = archive.namelist()
        news = json.loads(archive.read(name))[:12]
    rows = [json.dumps({"text": article["content"]}, ensure_ascii=False) for article in news]
    (tmp_path / "news.jsonl").write_text("\n".join(rows), encoding="utf-8")
    sizes = "layers = 1\nheads = 2\nunits = 16\ncontext = 64"
    file = config(tmp_path, real_vocabulary, tmp_path / "news.jsonl", sizes, 64, 1, 1e-2)
    quick = ["evaluation.baselines=false", "evaluation.resamples=100"]
    trained, prepared = kerasseq.build(kerasseq.read_experiment(file, quick))
    before = trained.answer_examples(prepared.examples["test"], prepared.counts["test"]).predictions
    run = kerasseq.run(file, tmp_path / "runs", quick)
    [after] = [score.value for score in run.scores if score.name == "perplexity"]
    tokens = np.concatenate(before.log_probabilities)
    assert after < 0.1 * np.exp(-tokens.mean())
    model = kerasseq.load(run.directory.path)
    [draft] = model.generate(["قال"], max_length=8)
    assert draft.tokens == 8 or draft.ended
