"""`[search]` in a config: which tasks take it, its settings, and what is said of wrong ones."""

import pytest

from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError

WRITER = """
from kerasseq.spec import TaskSpec


class Optional(TaskSpec):
    '''Writes, or not.'''

    needs = frozenset({"encoder"})
    takes = frozenset({"search"})


class Writer(TaskSpec):
    '''Writes.'''

    needs = frozenset({"encoder", "search"})
"""
BASE = '[dataset]\nname = "bundled"\n[task]\nname = "{}"\n'


@pytest.fixture
def read(install):
    install("pen", {"task": ["may_write = pen:Optional", "writes = pen:Writer"]}, {"pen.py": WRITER})
    return lambda task, text="", *overrides: read_text(BASE.format(task) + text, "a.toml", overrides=overrides)


def problems(read, text, task="writes"):
    with pytest.raises(ConfigError) as caught:
        read(task, text)
    return {problem.key: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_task_that_writes_nothing_refuses_the_section(read, task):
    said = f'the task "{task}" writes no text; remove it'
    assert problems(read, '[search]\nname = "greedy"\n', task) == {"search": said}


def test_a_task_that_takes_it_has_it_only_where_the_file_says_so(read):
    assert read("may_write").search is None
    experiment = read("may_write", '[search]\nname = "beam"\nwidth = 3\n')
    assert (experiment.search.name, experiment.search.width, experiment.search.n_best) == ("beam", 3, 1)
    assert experiment.to_dict()["search"]["name"] == "kerasseq/beam"


def test_a_task_that_needs_it_samples_by_default_and_every_setting_is_filled_in(read):
    assert read("writes").to_dict()["search"] == {
        "name": "kerasseq/sample",
        "temperature": 0.8,
        "top_k": 50,
        "top_p": 0.95,
        "min_p": 0.0,
        "repetition_penalty": 1.1,
    }
    assert read("writes", "[search]\ntop_k = 5\n").search.top_k == 5
    assert read("writes", "", "search={name='greedy'}").search.repetition_penalty == 1.0
    again = read("writes").to_toml()
    assert read_text(again, "b.toml") == read("writes")


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        (
            "temperature = 0",
            "temperature",
            'must be greater than 0, got 0; use name = "greedy" for the likeliest token',
        ),
        ("temperature = 0.0", "temperature", 'must be greater than 0, got 0.0; use name = "greedy"'),
        ("temperature = -1.5", "temperature", "must be greater than 0, got -1.5"),
        ('temperature = "warm"', "temperature", 'must be a number, got "warm"'),
        ("top_k = -1", "top_k", "must be at least 0, got -1"),
        ("top_p = 0", "top_p", "must be greater than 0, got 0"),
        ("top_p = 1.01", "top_p", "must be at most 1, got 1.01"),
        ("min_p = 1", "min_p", "must be less than 1, got 1"),
        ("repetition_penalty = 0.9", "repetition_penalty", "must be at least 1, got 0.9"),
        ("temp = 1", "temp", 'unknown key; did you mean "temperature"?'),
        ('name = "beam"\nwidth = 0', "width", "must be at least 1, got 0"),
        ('name = "beam"\nwidth = 2\nn_best = 3', "n_best", "must be at most width = 2, got 3"),
        ('name = "beam"\nlength_normalisation = 1.5', "length_normalisation", "must be at most 1, got 1.5"),
        ('name = "beam"\nnum_beams = 4', "num_beams", 'unknown key; did you mean "width"?'),
        ('name = "greedy"\ntop_k = 4', "top_k", "unknown key"),
        ('name = "gredy"', "name", 'unknown search "gredy"; did you mean "greedy"?'),
    ],
)
def test_a_wrong_setting_is_told_with_rule_and_value(read, settings, key, said):
    found = problems(read, f"[search]\n{settings}\n")
    assert list(found) == [f"search.{key}"]
    assert found[f"search.{key}"].startswith(said)


def test_a_section_of_another_name_is_led_here(read):
    assert problems(read, '[generation]\nname = "greedy"\n')["generation"] == (
        'unknown section; did you mean "search"?'
    )
