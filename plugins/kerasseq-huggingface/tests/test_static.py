"""Token vectors of a model2vec folder, beside what the model2vec package makes of the same one."""

import contextlib
import json
import shutil

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from keras import ops
from kerasseq_huggingface.static import Static, token_vectors
from kerasseq_huggingface.tokenizer import HuggingFaceTokenizer, TrainedTokenizer

from kerasseq.commands.main import main
from kerasseq.plugin import DataError, Mean
from kerasseq.testing import NotChecked, checks_for

TOKENS = "[PAD] [UNK] [CLS] [SEP] a the good bad film ##s ##ing watch وقت ##ي ال . !".split()
TEXTS = ["a good film.", "the films watching!", "Good GOOD bad", "ال وقتي وقت", "watch"]
D = 6


@pytest.fixture(params=["plain", "weighted", "quantised"], scope="module")
def folder(request, tmp_path_factory):
    """A folder as `StaticModel.save_pretrained` writes it, with a weight for each token, or rows that tokens share."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    folder, random = tmp_path_factory.mktemp(request.param), np.random.default_rng(0)
    library = Tokenizer(models.WordPiece({token: place for place, token in enumerate(TOKENS)}, unk_token="[UNK]"))
    library.normalizer = normalizers.BertNormalizer()
    library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    library.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    library.save(str(folder / "tokenizer.json"))
    rows = 7 if request.param == "quantised" else len(TOKENS)
    arrays = {"embeddings": random.normal(size=(rows, D)).astype("float16" if request.param == "plain" else "float32")}
    if request.param != "plain":
        arrays["weights"] = random.random(len(TOKENS)).astype("float32")
    if request.param == "quantised":
        arrays["mapping"] = random.integers(0, rows, len(TOKENS))
    save_file(arrays, folder / "model.safetensors")
    config = {"model_type": "model2vec", "normalize": False, "hidden_dim": D}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def model_of(folder, tokenizer):
    spec = Static(name="static", folder=str(folder))
    tokens = keras.Input((None,), dtype="int32")
    mask = ops.not_equal(tokens, 0)
    vectors = spec.build(tokenizer.vocabulary)(tokens, mask=mask)
    return keras.Model(tokens, {"text": Mean(name="mean").build(1)(vectors, mask=mask), "tokens": vectors})


def answers(model, tokenizer, texts):
    encoded = tokenizer.encode(texts).ids
    width = max(map(len, encoded)) + 2
    padded = np.stack([np.pad(row, (0, width - len(row))) for row in encoded]).astype("int32")
    return padded, {name: ops.convert_to_numpy(y) for name, y in model(padded).items()}


def test_the_mean_of_the_vectors_is_what_model2vec_gives_a_text(folder):
    model2vec = pytest.importorskip("model2vec")
    tokenizer = HuggingFaceTokenizer(folder=str(folder)).build()
    reference = model2vec.StaticModel.from_pretrained(str(folder))
    padded, found = answers(model_of(folder, tokenizer), tokenizer, TEXTS)
    assert not (padded == 1).any()  # model2vec leaves unknown tokens out, here they count
    wanted = reference.encode(TEXTS, use_multiprocessing=False)
    np.testing.assert_allclose(found["text"], wanted, rtol=2e-3, atol=1e-3 if wanted.dtype == "float16" else 1e-6)
    for row, tokens in enumerate(reference.encode_as_sequence(TEXTS, use_multiprocessing=False)):
        np.testing.assert_allclose(found["tokens"][row, : len(tokens)], tokens, rtol=1e-5, atol=1e-6)


def test_padding_is_zero_and_the_unknown_token_has_the_vector_of_the_file(folder):
    tokenizer = HuggingFaceTokenizer(folder=str(folder)).build()
    padded, found = answers(model_of(folder, tokenizer), tokenizer, ["zebra", "[SEP]", ""])
    assert padded[0].tolist()[:1] == [1] and not padded[2].any()
    assert 2 not in padded and TOKENS.index("[SEP]") + 3 not in padded
    vectors = token_vectors(folder / "model.safetensors", len(TOKENS))
    np.testing.assert_allclose(found["tokens"][0, 0], vectors[1], rtol=1e-6)
    assert not found["tokens"][padded == 0].any()


def test_the_tokenizer_keeps_the_contract_of_its_kind(folder):
    spec = HuggingFaceTokenizer(folder=str(folder))
    for check in checks_for(spec):
        with contextlib.suppress(NotChecked):
            check(spec)


def test_a_saved_tokenizer_encodes_as_before_without_its_folder(folder):
    tokenizer = HuggingFaceTokenizer(folder=str(folder), max_length=3).build()
    again = TrainedTokenizer.from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert again.vocabulary == tokenizer.vocabulary
    first, second = tokenizer.encode(TEXTS), again.encode(TEXTS)
    assert (first.ids.flat == second.ids.flat).all() and first.truncated == second.truncated > 0
    assert tokenizer.split("the films") == ["the", "film", "s"]


CONFIG = """
name = "films"

[dataset]
name = "table"
train = "films.csv"

[tokenizer]
name = "huggingface"
folder = "{folder}"

[embedding]
name = "static"
folder = "{folder}"

[encoder]
name = "gru"
units = 3
layers = 1

[task]
name = "classification"

[training]
epochs = 1

[evaluation]
resamples = 100
baselines = false
"""


def test_a_run_over_static_vectors_is_exported_and_answers(folder, tmp_path):
    if folder.name.startswith("plain"):
        pytest.skip("the weighted folder and the quantised one say it")
    rows = [f"{TEXTS[row % 5]} {row},{('yes', 'no')[row % 2]}" for row in range(60)]
    (tmp_path / "films.csv").write_text("text,target\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "films.toml").write_text(CONFIG.format(folder=folder), encoding="utf-8")
    runner = CliRunner()
    result = runner.invoke(main, ["run", str(tmp_path / "films.toml"), "--out", str(tmp_path / "runs")])
    assert result.exit_code == 0, result.output
    run = tmp_path / "runs" / "films" / "0001"
    assert (run / "model.onnx").is_file()
    answer = runner.invoke(main, ["predict", str(run), "the good films"])
    assert answer.exit_code == 0, answer.output


def test_a_run_goes_on_without_the_folder_that_its_tokens_and_vectors_came_from(folder, tmp_path):
    place = shutil.copytree(folder, tmp_path / "model")
    rows = [f"{TEXTS[row % 5]} {row},{('yes', 'no')[row % 2]}" for row in range(60)]
    (tmp_path / "films.csv").write_text("text,target\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "films.toml").write_text(CONFIG.format(folder=place), encoding="utf-8")
    runner, histories = CliRunner(), []
    for out, epochs in (("whole", 2), ("cut", 1)):
        words = ["--set", f"training.epochs={epochs}", "--out", str(tmp_path / out)]
        assert runner.invoke(main, ["train", str(tmp_path / "films.toml"), *words]).exit_code == 0
        histories.append(tmp_path / out / "films" / "0001" / "history.csv")
    shutil.rmtree(place)
    longer = runner.invoke(main, ["train", "--resume", str(histories[1].parent), "--set", "training.epochs=2"])
    assert longer.exit_code == 0, longer.output
    assert histories[1].read_bytes() == histories[0].read_bytes()


def test_another_tokenizer_is_told_which_one_it_must_be(folder):
    with pytest.raises(DataError, match='got 1 others such as "zebra"; tokenizer.name must be "huggingface" with the'):
        Static(name="static", folder=str(folder)).build(("", "[UNK]", "[SEP]", "film", "zebra"))


def test_a_folder_without_its_files_is_a_problem_of_the_config(tmp_path):
    [(key, message)] = Static(name="static", folder=str(tmp_path)).problems()
    assert key == "folder" and "must be a folder with model.safetensors and tokenizer.json" in message
    [(key, message)] = HuggingFaceTokenizer().problems()
    assert (key, message) == ("folder", "must be a folder with tokenizer.json, got none")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"vectors": np.ones((3, 2), "float32")}, "embeddings: must be an (R, D) array of numbers, got none"),
        ({"embeddings": np.ones(3, "float32")}, "embeddings: must be an (R, D) array"),
        ({"embeddings": np.ones((2, 2), "float32")}, "must have a row for each of 3 tokens, got 2 vectors"),
        ({"embeddings": np.ones((2, 2), "float32"), "mapping": np.array([0, 1, 2])}, "must have a row for each of 3"),
        ({"embeddings": np.ones((3, 2), "float32"), "weights": np.ones(2, "float32")}, "weights: must be (3,) numbers"),
        ({"embeddings": np.full((3, 2), np.nan, "float32")}, "must be finite, got NaN or infinity"),
    ],
)
def test_wrong_arrays_are_named(arrays, said, tmp_path):
    from safetensors.numpy import save_file

    save_file(arrays, tmp_path / "model.safetensors")
    with pytest.raises(DataError) as caught:
        token_vectors(tmp_path / "model.safetensors", 3)
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\xff" * 64, b"\x10\0\0\0\0\0\0\0{not json at all}"])
def test_damaged_files_are_named(data, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(data)
    (tmp_path / "tokenizer.json").write_bytes(data)
    with pytest.raises(DataError, match="model.safetensors: must be a whole safetensors file"):
        token_vectors(tmp_path / "model.safetensors", 3)
    with pytest.raises(DataError, match="tokenizer.json: must be a tokenizer of the tokenizers library"):
        HuggingFaceTokenizer(folder=str(tmp_path)).build()
