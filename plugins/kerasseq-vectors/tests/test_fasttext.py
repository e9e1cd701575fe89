"""fastText's own files: what gensim reads in them is what a model of kerasseq starts from."""

import tomllib

import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.plugin import read_vectors

NEW = ["teas", "شايي", "romeo", "شاي_tea", "ü"]
"""Words that training has not seen."""


@pytest.fixture(scope="module")
def trained(folder):
    output = folder / "model.bin"
    words = [folder / "company.toml", "--output", output, "--model", "fasttext", "--buckets", "3000"]
    small = ["--dimension", "8", "--epochs", "5", "--shortest", "2", "--longest", "4"]
    result = CliRunner().invoke(main, ["vectors", "train", *map(str, words), *small])
    assert result.exit_code == 0, result.output
    return output, tomllib.loads(result.stdout.split("for the config:\n")[1])["embedding"]


@pytest.fixture(scope="module")
def reference(trained):
    from gensim.models.fasttext import load_facebook_vectors

    return load_facebook_vectors(str(trained[0]))


def test_words_known_and_unknown_are_those_of_gensim(trained, reference):
    words = [*reference.index_to_key, *NEW]
    found = read_vectors(trained[0], set(words))
    assert set(found) == set(words)
    for word in words:
        np.testing.assert_allclose(found[word], reference[word], rtol=1e-4, atol=1e-6)


def test_a_model_starts_with_the_words_of_gensim_and_makes_new_ones_of_their_ngrams(trained, reference, folder):
    from kerasseq import build, read_experiment

    settings = [f"embedding.{key}={value}" for key, value in trained[1].items()]
    experiment = read_experiment(folder / "company.toml", [*settings, "embedding.trainable=false"])
    built, _ = build(experiment)
    pipeline = built.task.pipeline
    lookup = built.model.get_layer("embedding"), built.model.get_layer("subword_embedding")
    own, ngrams = (layer.get_weights()[0] for layer in lookup)
    listed = pipeline.subwords
    for word in reference.index_to_key:
        row = pipeline.vocabulary.index(word)
        ids = [number for number in listed.encode([word])[0] if number]
        assert len(ids) > 3
        mean = (own[row] + ngrams[ids].sum(axis=0)) / (1 + len(ids))
        np.testing.assert_allclose(mean, reference[word], rtol=1e-4, atol=1e-5)
    new = "teacoffee"
    ids = [number for number in listed.encode([new])[0] if number]
    absent = [ngram for ngram in listed.ngrams(new) if ngram not in listed.listed]
    known = ngrams[ids].sum(axis=0)
    every = reference[new] * (len(ids) + len(absent))
    rest = sum(_bucket(reference, gram) for gram in absent)
    np.testing.assert_allclose(known + rest, every, rtol=1e-4, atol=1e-5)


def _bucket(reference, ngram):
    from gensim.models.fasttext_inner import ft_hash_bytes

    return reference.vectors_ngrams[ft_hash_bytes(ngram.encode()) % reference.bucket]


def test_a_run_that_starts_from_it_is_exported_and_answers_new_words(trained, folder, tmp_path):
    settings = [f"embedding.{key}={value}" for key, value in trained[1].items()]
    settings += ["training.epochs=1", "evaluation.resamples=100", "evaluation.baselines=false"]
    words = [word for setting in settings for word in ("--set", setting)]
    result = CliRunner().invoke(main, ["run", str(folder / "company.toml"), "--out", str(tmp_path), *words])
    assert result.exit_code == 0, result.output
    from kerasseq.runtime import load

    answers = load(tmp_path / "company" / "0001" / "model.onnx").predict(["romeo teas", "qqqq zzzz"])
    assert len(answers["prediction"]) == 2


def test_near_answers_a_word_that_the_model_does_not_know(trained, reference):
    result = CliRunner().invoke(main, ["vectors", "near", str(trained[0]), "teas", "-n", "1"])
    assert result.exit_code == 0, result.output
    [(word, _)] = reference.most_similar(reference["teas"], topn=1)
    assert word in result.stdout
