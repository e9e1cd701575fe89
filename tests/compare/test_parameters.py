"""Sizes against the equations, and the ratios of the lectures."""

from pathlib import Path

import pytest

from kerasseq.compare.parameters import count
from kerasseq.config.read import read_experiment
from kerasseq.experiment import build

CONFIGS = Path(__file__).parents[2] / "configs"
D, U = 6, 5
SIZES = [
    f"embedding.dimension={D}",
    f"encoder.units={U}",
    "tokenizer.max_length=8",
    "evaluation.resamples=100",
    "wide=[]",
]
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def sizes(name, layers):
    trained, _ = build(read_experiment(CONFIGS / f"{name}.toml", [*SIZES, f"encoder.layers={layers}"]))
    found = count(trained.model)
    assert found["trainable"] == found["all"]
    return found


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_kernels_are_those_of_the_equations_and_a_gru_has_a_second_row_of_biases(cell):
    gates = GATES[cell]
    one, two, both = sizes(cell, 1), sizes(cell, 2), sizes(f"bi{cell}", 1)
    assert one["recurrent_kernels"] == gates * (D * U + U * U)
    assert one["recurrent"] - one["recurrent_kernels"] == (2 if cell == "gru" else 1) * gates * U
    assert two["recurrent_kernels"] == gates * (D * U + U * U + U * U + U * U)
    assert both["recurrent_kernels"] == 2 * one["recurrent_kernels"]
    deep = sizes(f"bi{cell}", 2)  # the second layer reads both directions
    assert deep["recurrent_kernels"] == 2 * gates * (D * U + U * U + 2 * U * U + U * U)


def test_for_equal_layers_birnn_is_2_gru_3_and_lstm_4_times_the_rnn():
    plain = sizes("rnn", 1)["recurrent_kernels"]
    assert sizes("birnn", 1)["recurrent_kernels"] == 2 * plain
    for layers in (1, 2):
        for two in ("", "bi"):
            plain = sizes(f"{two}rnn", layers)["recurrent_kernels"]
            assert sizes(f"{two}gru", layers)["recurrent_kernels"] == 3 * plain
            assert sizes(f"{two}lstm", layers)["recurrent_kernels"] == 4 * plain


def test_attention_and_no_encoder_add_nothing_to_the_recurrent_part():
    assert sizes("bilstm_attention", 1)["recurrent"] == sizes("bilstm", 1)["recurrent"]
    trained, _ = build(read_experiment(CONFIGS / "rnn.toml", ["wide=[]", *SIZES[:1], 'encoder={name="none"}']))
    assert count(trained.model)["recurrent"] == 0


def test_what_is_not_trained_counts_among_all():
    overrides = [*SIZES, "encoder.layers=1", 'encoder.normalisation="batch"']
    found = count(build(read_experiment(CONFIGS / "rnn.toml", overrides))[0].model)
    assert found["all"] - found["trainable"] == 2 * U
