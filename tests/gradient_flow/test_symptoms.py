"""What is said of numbers, and what to set."""

from dataclasses import replace

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.gradient_flow.measured import Curve, Facts, Gate, Layer, Stage, WeightUpdate
from kerasseq.gradient_flow.symptoms import symptoms
from kerasseq.gradient_flow.tables import set_line

FACTS = Facts("x", "x.toml", "2 classes", "torch", "train", 9, "text", 0.1, 0.0, 0, 1.0, 0.01, (), "2026-01-01")


def curve(rate, steps=21):
    values = [rate**n for n in range(steps)]
    return Curve(values, values, values, [9] * steps)


def layer(rate=1.0, **changes):
    flow = curve(rate)
    one = Layer("simplernn_1", "SimpleRNN", 8, False, 21, {"h": flow}, {"h": flow}, flow, {"state": rate}, {}, 0.1, ())
    return replace(one, **changes)


@pytest.fixture(scope="module")
def read(tiny, tmp_path_factory):
    path = tiny(tmp_path_factory.mktemp("symptoms"))
    return lambda *overrides: read_experiment(path, overrides)


def told(experiment, *layers, facts=FACTS, updates=(), norm=0.5, when="before"):
    found = symptoms(experiment, facts, {when: Stage(1.0, norm, layers, updates)})
    return {each.name: (each.message, set_line(each)) for each in found}


def test_nothing_stands_out_of_a_gradient_that_stays(read):
    assert told(read(), layer(0.9)) == {}


def test_a_gradient_that_vanishes_asks_for_gates_and_with_gates_for_another_pooler(read):
    said = told(read("encoder.name=simple_rnn", 'pooler={name="last"}'), layer(0.5))["vanishing"]
    assert said == (
        "of a gradient 1e-06 is left 20 steps back, 0.5 a step, less than a hundredth beyond 7 steps; largest "
        "eigenvalue of its recurrent weights 0.50; the pooler reads the last state alone, so early steps are not "
        "learned",
        'encoder.name = "lstm"',
    )
    gated = layer(0.5, cell="LSTM", radius={"forget": 0.3})
    assert told(read("encoder.name=lstm", 'pooler={name="last"}'), gated)["vanishing"][1] == 'pooler.name = "attention"'
    forgets = read("encoder.name=lstm", "encoder.unit_forget_bias=false")
    message, line = told(forgets, gated)["vanishing"]
    assert line == "encoder.unit_forget_bias = true" and '"attention" reads each step itself' in message


def test_a_gradient_that_explodes_asks_for_what_keeps_its_length(read):
    relu = read(
        "encoder.name=simple_rnn",
        "encoder.activation=relu",
        "encoder.recurrent_initializer=he_normal",
        "training.global_clipnorm=0",
    )
    message, line = told(relu, layer(2.0))["exploding"]
    assert message.startswith("a gradient grows by 2 a step: over 20 steps it is 1e+06 times as large")
    assert line == (
        'encoder.recurrent_initializer = "orthogonal", encoder.activation = "tanh", training.global_clipnorm = 1'
    )
    plain = read("encoder.name=simple_rnn")
    assert told(plain, layer(2.0))["exploding"][1] == ""
    assert told(plain, layer(2.0), when="after")["exploding"][1] == "training.learning_rate = 0.005"
    assert "more than a number holds" in told(plain, layer(2.0, kept=curve(float("inf"))))["exploding"][0]


def test_of_a_run_the_beginning_is_told_where_it_exploded_alone(read):
    experiment = read("encoder.name=simple_rnn")
    calm, wild, gone = (Stage(1.0, 0.5, [layer(rate)], ()) for rate in (1.0, 2.0, 0.5))
    names = [(e.name, e.when) for e in symptoms(experiment, FACTS, {"before": wild, "after": gone})]
    assert names == [("exploding", "before"), ("vanishing", "after")]
    assert symptoms(experiment, FACTS, {"before": gone, "after": calm}) == []


def test_gates_that_are_stuck_and_units_that_are_dead_are_told(read):
    experiment = read("encoder.units=8")
    stuck = {"update": Gate(0.5, 0.1, 0.9), "reset": Gate(0.1, 0.8, 0.1)}
    message, line = told(experiment, layer(gates=stuck), when="after")["saturated"]
    assert message.startswith("the reset gate is shut in 80 %") and line == "training.learning_rate = 0.005"
    assert told(experiment, layer(saturated=0.7))["saturated"][0].startswith("70 % of the states are beyond 0.95")
    message, line = told(experiment, layer(dead=(1, 4)))["dead"]
    assert message == "2 of 8 units give the same number at every step of every row" and line == "encoder.units = 6"


def test_updates_are_told_at_both_ends_and_a_bias_is_left_out(read):
    large = [WeightUpdate("encoder/kernel", 1.0, 0.4), WeightUpdate("encoder/bias", 0.01, 1.0)]
    message, line = told(read(), updates=large, facts=replace(FACTS, beside=("x",)))["update"]
    assert message.startswith("an update changes the weight by 40 %") and line == "training.learning_rate = 0.0003"
    small = told(read(), updates=[WeightUpdate("kernel", 1.0, 1e-8)])["update"]
    assert small[1] == "training.learning_rate = 0.1"


def test_what_training_reads_and_cuts_is_told(read):
    facts = replace(FACTS, padding=0.6, truncated=0.4, bptt=32)
    said = told(read("training.bucket_batches=0"), layer(), facts=facts, norm=40.0)
    assert said["padding"] == ("60 % of the steps that training computes are padding", "training.bucket_batches = 50")
    assert said["truncated"][1] == "tokenizer.max_length = 16" and "every 32 steps" in said["bptt"][0]
    assert "norm 40, which is cut to 1" in said["clipped"][0]


def test_a_bag_of_vectors_is_told_that_nothing_carries_a_gradient(read):
    message, line = told(read("encoder={name='none'}"))["recurrent"]
    assert message.startswith("no recurrent layer: nothing carries a gradient") and line == 'encoder.name = "lstm"'
