"""`concatenate`: the vectors of several embeddings end to end, each as it is alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.embeddings.concatenate import Concatenate
from kerasseq.embeddings.learned import Learned
from kerasseq.embeddings.pretrained import Pretrained
from kerasseq.embeddings.side_by_side import SideBySide
from kerasseq.embeddings.subword import Subword
from kerasseq.spec import EmbeddingSpec

VOCABULARY = ["", "[UNK]", "[SEP]", "cat", "rome", "absent"]
TOKENS = np.array([[3, 4, 1, 0], [5, 0, 0, 0]], dtype="int32")
SUBWORDS = np.array([[[1, 2], [2, 0], [1, 0], [0, 0]], [[0, 0], [0, 0], [0, 0], [0, 0]]], dtype="int32")


def concatenated(*parts: EmbeddingSpec) -> Concatenate:
    return Concatenate(name="concatenate", parts=parts)


def model_of(spec: EmbeddingSpec) -> keras.Model:
    inputs = [keras.Input((None,), dtype="int32", name="tokens")]
    mask = ops.not_equal(inputs[0], 0)
    if spec.subwords is None:
        return keras.Model(inputs, spec.build(VOCABULARY)(inputs[0], mask=mask))
    inputs.append(keras.Input((None, 2), dtype="int32", name="subwords"))
    return keras.Model(inputs, spec.build_subwords(VOCABULARY, 3)(*inputs, mask=mask))


def run(model: keras.Model, training: bool = False) -> Any:
    given = [ops.convert_to_tensor(values) for values in (TOKENS, SUBWORDS)[: len(model.inputs)]]
    return ops.convert_to_numpy(model(given, training=training))


def test_a_frozen_and_a_tuned_table_and_ngrams_stand_side_by_side(vector_file: Callable[[str], Path]) -> None:
    path = str(vector_file("glove"))
    parts = (
        Pretrained(name="pretrained", path=path, trainable=False),
        Pretrained(name="pretrained", path=path),
        Subword(name="subword", dimension=4),
    )
    model = model_of(concatenated(*parts))
    names = ["embedding", "embedding_2", "embedding_3", "subword_embedding"]
    frozen, tuned, words, ngrams = (model.get_layer(name).get_weights()[0].astype("float64") for name in names)
    found = run(model)
    assert found.shape == (2, 4, 3 + 3 + 4)
    np.testing.assert_allclose(found[..., :3], frozen[TOKENS], rtol=1e-6)
    np.testing.assert_allclose(found[..., 3:6], tuned[TOKENS], rtol=1e-6)
    np.testing.assert_allclose(found[0, 0, 6:], (words[3] + ngrams[1] + ngrams[2]) / 3, rtol=1e-5)
    np.testing.assert_allclose(found[1, 0, 6:], words[5], rtol=1e-6)
    assert not found[TOKENS == 0].any()
    assert [model.get_layer(name).trainable for name in names] == [False, True, True, True]


def test_each_part_has_its_own_dropout() -> None:
    model = model_of(concatenated(Learned(name="learned", dimension=64), Learned(name="learned", dropout=0.5)))
    before, after = run(model), run(model, training=True)
    np.testing.assert_array_equal(after[..., :64], before[..., :64])
    assert 0.3 < (after[..., 64:][TOKENS != 0] == 0).mean() < 0.7


def test_the_layers_have_names_of_their_own_and_a_saved_model_opens(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"dimension": 3, "layer_norm": True, "dropout": 0.1, "word_dropout": 0.1}
    parts = [Learned(name="learned", **settings), Subword(name="subword", **settings)]
    model = model_of(concatenated(*parts))
    names = [layer.name for layer in model.layers]
    assert len(set(names)) == len(names) and "embedding_norm_2" in names
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(run(keras.saving.load_model(tmp_path / "model.keras")), run(model))


def test_layers_that_a_function_or_a_list_holds_are_told_apart_too() -> None:
    def part() -> Callable[..., Any]:
        table, more = keras.layers.Embedding(6, 2, name="table"), [keras.layers.Dense(3, name="more")]
        return lambda tokens, mask=None: more[0](table(tokens))

    tokens = keras.Input((None,), dtype="int32")
    model = keras.Model(tokens, SideBySide([part(), part()])(tokens))
    names = [layer.name for layer in model.layers]
    assert {"table", "table_2", "more", "more_2"} < set(names) and len(set(names)) == len(names)
    assert model.output.shape == (None, None, 6)


def test_words_of_files_and_letters_of_tokens_are_those_of_the_parts(vector_file: Callable[[str], Path]) -> None:
    path = str(vector_file("glove"))
    parts = (
        Learned(name="learned", characters="convolution", character_units=6),
        Pretrained(name="pretrained", path=path, file_words=2),
        Pretrained(name="pretrained", path=path, file_words=3, characters="recurrent", character_units=4),
    )
    spec = concatenated(*parts)
    assert (spec.has_extra_words, spec.characters_width, spec.subwords) == (True, 24, None)
    assert spec.extra_words() == ("the", "cat", "Sat")
    ids = keras.Input((None, 24), dtype="int32")
    model = keras.Model(ids, spec.build_characters(9)(ids, mask=ops.any(ids != 0, axis=-1)))
    assert model.output.shape == (None, None, 10)
    assert not concatenated(Learned(name="learned"), Learned(name="learned")).has_extra_words


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((), "must be two embeddings or more, written [[embedding.parts]], got 0"),
        ((Learned(name="learned"),), "must be two embeddings or more, written [[embedding.parts]], got 1"),
        ((Subword(name="subword"), Subword(name="subword")), "must have one embedding of n-grams at most, got 2"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts: tuple[EmbeddingSpec, ...], message: str) -> None:
    assert list(concatenated(*parts).problems()) == [("parts", message)]
