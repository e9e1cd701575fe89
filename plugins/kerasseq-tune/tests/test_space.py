"""What is varied, and what is wrong with what `[tune]` says."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from kerasseq_tune.space import Choice, Range, overrides, space_of

from kerasseq.config.read import read_experiment, read_text
from kerasseq.plugin import ConfigError


def space(config: Path, tune: str = ""):
    text = config.read_text(encoding="utf-8") + tune
    config.write_text(text, encoding="utf-8")
    return space_of(read_experiment(config), text, str(config))


def test_without_a_section_the_lectures_grid_is_varied_as_far_as_the_experiment_has_its_keys(config):
    found = space(config)
    keys = [each.key for each in found.dimensions]
    assert {"encoder.units", "encoder.layers", "encoder.bidirectional", "training.learning_rate"} <= set(keys)
    assert "decoder.units" not in keys
    assert found.written["encoder.units"] == 4
    names = next(each for each in found.dimensions if each.key == "encoder.name")
    assert names == Choice("encoder.name", ("simple_rnn", "gru", "lstm"))


def test_a_range_holds_what_the_config_says_so_that_the_config_is_the_first_trial(config):
    units = next(each for each in space(config).dimensions if each.key == "encoder.units")
    assert (units.low, units.high) == (4, 512)


def test_an_unusual_pooler_is_somebodys_choice_and_stays(config):
    config.write_text(config.read_text().replace('name = "mean"', 'name = "sum"'))
    assert "pooler.name" not in [each.key for each in space(config).dimensions]


@pytest.mark.parametrize(
    "written",
    ['\n[tune]\n"encoder.units" = { low = 2, high = 8 }\n', "\n[tune]\nencoder.units = { low = 2, high = 8 }\n"],
)
def test_keys_are_written_in_quotes_or_as_tables(config, written):
    assert space(config, written).dimensions == (Range("encoder.units", 2, 8, whole=True),)


def test_a_list_is_a_choice_and_what_the_config_says_joins_it(config):
    assert space(config, '\n[tune]\n"pooler.name" = ["max", "last"]\n').dimensions == (
        Choice("pooler.name", ("mean", "max", "last")),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"encoder.unit" = { low = 2, high = 8 }', "tune.encoder.unit: must be a key of this experiment, got none"),
        ('"decoder.units" = { low = 2, high = 8 }', "tune.decoder.units: must be a key of this experiment"),
        ('"encoder.units" = { low = 8, high = 2 }', "tune.encoder.units: low must be below high, got 8 and 2"),
        ('"encoder.units" = { low = 0, high = 8 }', "tune.encoder.units: 0: must be at least 1, got 0"),
        ('"encoder.units" = { low = 2, high = 8, step = 9 }', "step must be above 0 and at most 6, got 9"),
        ('"encoder.units" = { low = 2, hihg = 8 }', "must be a list of values, or { low, high, log, step }"),
        ('"training.learning_rate" = { low = 0, high = 1, log = true }', "low must be above 0 on a logarithmic scale"),
        ('"training.learning_rate" = { low = 0.1, high = inf }', "must have numbers for low, high and step"),
        ('"pooler.name" = ["mean"]', "must have two values or more, each once"),
        ('"pooler.name" = ["mean", "maxx"]', 'did you mean "max"'),
        ('"pooler.name" = { low = 1, high = 2 }', "a range is of numbers, and this key has 'mean'"),
        ('"encoder.bidirectional" = { low = 0, high = 1 }', "a range is of numbers, and this key has False"),
        ("x = 3", "tune.x: must be a key of this experiment"),
    ],
)
def test_what_is_wrong_is_said_with_key_rule_and_value(config, line, said):
    with pytest.raises(ConfigError) as error:
        space(config, f"\n[tune]\n{line}\n")
    assert said in str(error.value)


def test_all_problems_come_in_one_pass(config):
    with pytest.raises(ConfigError) as error:
        space(config, '\n[tune]\na = 1\n"encoder.units" = { low = 8, high = 2 }\n')
    assert len(error.value.problems) == 2


def test_an_empty_section_is_refused(config):
    with pytest.raises(ConfigError, match="must be a section"):
        space(config, "\n[tune]\n")


def test_other_verbs_read_the_same_file_and_pass_the_section_over(config):
    text = config.read_text() + '\n[tune]\n"encoder.units" = { low = 2, high = 8 }\n'
    with_it = read_text(text, "a.toml", config.parent)
    assert with_it.to_toml() == read_experiment(config).to_toml()


def test_numbers_are_multiples_of_the_step_and_stay_inside():
    units = Range("encoder.units", 32, 100, log=True, step=16, whole=True)
    assert [units.rounded(value) for value in (32.0, 41.0, 99.0)] == [32, 48, 96]
    assert Range("x", 0.0, 0.5, step=0.05).rounded(0.1234) == 0.1


def test_a_draw_that_is_the_config_is_the_config_to_the_last_digit(config):
    config.write_text(config.read_text().replace("units = 4", "units = 100"))
    found = space(config, '\n[tune]\n"encoder.units" = { low = 32, high = 128, step = 16 }\n')
    trial = SimpleNamespace(params={"encoder.units": 100}, suggest_float=lambda *_, **__: 100.0)
    assert found.draw(trial) == {"encoder.units": 100}
    assert overrides(found.draw(trial)) == ["encoder.units=100"]
