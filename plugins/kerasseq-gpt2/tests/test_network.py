"""The network beside transformers' GPT-2 of the same weights, and a step at a time beside the whole text."""

import functools

import keras
import numpy as np
import pytest
from keras_hub.layers import TransformerDecoder
from kerasseq_gpt2.encoder import Gpt2
from kerasseq_gpt2.stepper import Gpt2Stepper
from kerasseq_gpt2.weights import arrays_of, read
from kerasseq_runtime.searches.chosen import search_of

from kerasseq.plugin import DataError, Limits, UsageError

CONTEXT = 24


def layer_of(weights, tokens=263, **settings):
    return Gpt2(weights=str(weights), **settings).build_carried().layer(tokens + 2)


def stepper_of(layer):
    return Gpt2Stepper(arrays_of(layer.backbone), layer.backbone.num_layers, layer.backbone.num_heads)


def theirs(model, ids):
    """Logits of transformers in the order of kerasseq's ids behind the specials, separator first: `(B, T, V - 2)`."""
    import torch

    own = np.where(np.asarray(ids) == 2, model.config.vocab_size - 1, np.asarray(ids) - 3)
    with torch.no_grad():
        found = model(torch.from_numpy(own)).logits.numpy()
    return np.concatenate([found[..., -1:], found[..., :-1]], axis=-1)


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def agrees(weights, model, tokens):
    random = np.random.default_rng(1)
    ids = random.integers(2, tokens + 2, (3, CONTEXT))
    following = random.integers(2, tokens + 2, (3, CONTEXT))
    logits = theirs(model, ids)
    layer = layer_of(weights, tokens)
    found = keras.ops.convert_to_numpy(layer(ids.astype("int32"), following.astype("int32")))
    wanted = np.take_along_axis(log_softmax(logits), following[..., None] - 2, 2)[..., 0]
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    stepper = stepper_of(layer)
    scores, state = stepper.start([row[:7] for row in ids])
    np.testing.assert_allclose(scores[:, 2:], logits[:, 6], atol=1e-4)
    for place in range(7, CONTEXT):
        scores, state = stepper.step(ids[:, place], state)
        np.testing.assert_allclose(scores[:, 2:], logits[:, place], atol=1e-4)
    assert np.isneginf(scores[:, :2]).all()


def test_it_says_what_transformers_says_at_once_and_step_by_step(reference):
    agrees(*reference, 263)


@pytest.mark.realdata
def test_it_says_so_with_the_real_vocabulary(real_reference):
    agrees(*real_reference, 50_257)


@pytest.mark.parametrize("wide", [((0, 0), (0, 30)), ((0, 0), (30, 0)), ((0, 0), (2, 3))])
def test_padding_on_either_side_changes_nothing_even_beyond_the_context(reference, wide):
    layer = layer_of(reference[0])
    ids = np.array([[2, 5, 9, 7]], dtype="int32")
    longer = np.pad(ids, wide)
    short = keras.ops.convert_to_numpy(layer(ids, ids))
    found = keras.ops.convert_to_numpy(layer(longer, longer))[longer > 0]
    np.testing.assert_allclose(found, short[0], atol=1e-5)


def test_rows_of_unequal_length_are_as_alone(reference):
    stepper = stepper_of(layer_of(reference[0]))
    prompts = [np.array([2, 8, 9, 30]), np.array([2]), np.array([2, 77])]
    scores, state = stepper.start(prompts)
    rows = np.array([2, 0, 2])
    more = np.array([40, 41, 42])
    after, _ = stepper.step(more, stepper.take(state, rows))
    for place, (row, token) in enumerate(zip(rows, more, strict=True)):
        alone, own = stepper.start([prompts[row]])
        np.testing.assert_allclose(scores[row], alone[0], atol=1e-5)
        np.testing.assert_allclose(after[place], stepper.step(np.array([token]), own)[0][0], atol=1e-5)


@pytest.mark.parametrize("name", ["greedy", "sample", "beam"])
def test_a_search_writes_with_the_kept_keys_what_it_writes_without(reference, name):
    stepper = stepper_of(layer_of(reference[0]))

    class Whole:
        """Every token is a new reading."""

        vocabulary_size = stepper.vocabulary_size

        def start(self, prompts):
            return stepper.start(prompts)[0], [list(prompt) for prompt in prompts]

        def step(self, ids, state):
            longer = [[*row, token] for row, token in zip(state, ids, strict=True)]
            return self.start([np.array(row) for row in longer])

        def take(self, state, rows):
            return [state[row] for row in rows]

    prompts = [np.array([2, 40, 50]), np.array([2])]
    limits = Limits(15, frozenset({2}), (0, 1))
    one, other = (search_of(name, {}).write(model, prompts, limits, 3) for model in (stepper, Whole()))
    assert [[t.ids.tolist() for t in texts] for texts in one] == [[t.ids.tolist() for t in texts] for texts in other]


def test_behind_the_context_the_newer_half_is_read_again(reference):
    stepper = stepper_of(layer_of(reference[0]))
    random = np.random.default_rng(2)
    ids = random.integers(3, 265, CONTEXT + 1)
    _, state = stepper.start([ids[:5], ids[:CONTEXT]])  # the second one is full
    scores, state = stepper.step(ids[[5, CONTEXT]], state)
    for row, wanted in enumerate((ids[:6], ids[CONTEXT // 2 :])):
        np.testing.assert_allclose(scores[row], stepper.start([wanted])[0][0], atol=1e-5)
    [[text]] = search_of("greedy", {}).write(stepper, [ids[:3]], Limits(3 * CONTEXT, forbidden=(0, 1, 2)))
    assert len(text.ids) == 3 * CONTEXT


def test_a_prompt_longer_than_the_context_is_refused(reference):
    stepper = stepper_of(layer_of(reference[0]))
    said = "must have at most 23 tokens behind the one that begins a text, the model's context, got 24; shorten it"
    with pytest.raises(UsageError, match=said):
        stepper.start([np.full(CONTEXT + 1, 5)])


def test_low_rank_training_leaves_the_rest_and_begins_where_the_weights_are(reference):
    whole, low = layer_of(reference[0]), layer_of(reference[0], lora_rank=2)
    ids = np.array([[2, 5, 9, 7]], dtype="int32")
    np.testing.assert_allclose(*(keras.ops.convert_to_numpy(one(ids, ids)) for one in (whole, low)), atol=1e-6)
    assert {weight.name for weight in low.trainable_weights} == {"bias", "lora_kernel_a", "lora_kernel_b"}
    assert len(low.trainable_weights) == 2 * 2 * 3  # two layers, queries and values
    for weight in low.trainable_weights:
        weight.assign(np.full(weight.shape, 0.3))
    after = keras.ops.convert_to_numpy(low(ids, np.roll(ids, -1)))
    kept = stepper_of(low)  # with what LoRA adds
    scores = log_softmax(kept.start([ids[0, :3]])[0][:, 2:])
    np.testing.assert_allclose(scores[0, ids[0, 3] - 2], after[0, 2], atol=1e-4)


def of_training(layer, ids):
    """The sum of what the layer says in training, and its gradients."""
    values = [weight.value for weight in layer.trainable_weights]
    if keras.backend.backend() == "torch":
        import torch

        torch.manual_seed(5)  # of dropout
        said = layer(ids, ids, training=True).sum()
        return [said.detach().numpy(), *(found.numpy() for found in torch.autograd.grad(said, values))]
    import jax

    fixed = [np.full(v.shape, 7, v.dtype) if "seed" in v.path else v.value for v in layer.non_trainable_variables]
    ids = jax.numpy.asarray(ids)

    def said(values):
        return layer.stateless_call(values, fixed, ids, ids, training=True)[0].sum()

    value, gradients = jax.jit(jax.value_and_grad(said))(values)
    return [np.asarray(value), *(np.asarray(found) for found in gradients)]


@pytest.mark.parametrize("rank", [0, 2])
def test_what_is_computed_anew_gives_the_same_gradients_and_drops_the_same(reference, rank, monkeypatch):
    calls = []
    whole = TransformerDecoder.call

    @functools.wraps(whole)
    def call(self, *args, **kwargs):
        calls.append(1)
        return whole(self, *args, **kwargs)

    monkeypatch.setattr(TransformerDecoder, "call", call)
    found, counts = [], []
    for rematerialise in (False, True):
        layer = layer_of(reference[0], rematerialise=rematerialise, dropout=0.4, lora_rank=rank)
        layer.build((None, None), (None, None))
        for weight in layer.trainable_weights:
            if "lora" in weight.name:
                weight.assign(np.full(weight.shape, 0.3))
        calls.clear()
        found.append(of_training(layer, np.array([[2, 5, 9, 7]], dtype="int32")))
        counts.append(len(calls))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    if keras.backend.backend() == "torch":  # jax traces once and runs twice
        assert counts == [2, 4]


def test_weights_of_another_vocabulary_or_model_are_refused(reference, tmp_path):
    from safetensors.numpy import load_file, save_file

    folder, _ = reference
    with pytest.raises(DataError, match="must have the tokens of \\[tokenizer\\], got 263 against 100"):
        layer_of(folder, 100)
    given = load_file(folder / "model.safetensors")
    prefix = "transformer." if any(name.startswith("transformer.") for name in given) else ""
    given[f"{prefix}h.0.mlp.c_fc.weight"] = np.zeros((3, 3), dtype=np.float32)
    del given[f"{prefix}ln_f.bias"]
    given["strange"] = np.zeros(1, dtype=np.float32)
    save_file(given, tmp_path / "wrong.safetensors")
    with pytest.raises(DataError) as refused:
        read(tmp_path / "wrong.safetensors")
    said = str(refused.value).splitlines()
    assert [line.rpartition("safetensors: ")[2] for line in said] == [
        "h.0.mlp.c_fc.weight must have the shape (16, 64), got (3, 3)",
        "must have ln_f.bias (16,), got none",
        "must have no weight strange, which GPT-2 has not",
    ]
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(DataError, match="must be weights of GPT-2 as safetensors"):
        read(tmp_path / "broken.safetensors")


def test_settings_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(ValueError, match="layers must be 0, for the weights say it, got 3"):
        Gpt2(weights="x.safetensors", layers=3)
    with pytest.raises(ValueError, match="heads must divide units = 768, got 7"):
        Gpt2(heads=7)
    assert [key for key, _ in Gpt2(weights=str(tmp_path)).problems()] == ["weights"]
