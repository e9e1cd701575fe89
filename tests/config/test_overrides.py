import pytest

from kerasseq.config.experiment import COMPONENTS
from kerasseq.config.overrides import apply, path_of
from kerasseq.config.settings import SECTIONS


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("training.epochs=3", 3),
        ("training.epochs = 3", 3),
        ("training.epochs=0.5", 0.5),
        ("training.epochs=true", True),
        ("training.epochs=adam", "adam"),
        ('training.epochs="a b"', "a b"),
        ("training.epochs=[1, 2]", [1, 2]),
        ("training.epochs=a=b", "a=b"),
        ("training.epochs=", ""),
        ("training.epochs=C:\\data", "C:\\data"),
        ("training.epochs=1\nx = 2", "1\nx = 2"),
        ("training.epochs=" + "9" * 5000, "9" * 5000),
    ],
)
def test_a_value_is_toml_and_what_is_no_toml_is_a_text(override, value):
    tables = {"training": {"epochs": 1, "batch_size": 2}}
    assert apply(tables, override) == "training.epochs"
    assert tables == {"training": {"epochs": value, "batch_size": 2}}


def test_missing_tables_are_made_and_numbers_address_one_of_several():
    tables = {}
    assert apply(tables, "encoder.name=gru") == "encoder.name"
    assert apply(tables, "preprocessor.0.name=html") == "preprocessor[0].name"
    assert apply(tables, "preprocessor.1.name=arabic") == "preprocessor[1].name"
    assert apply(tables, "preprocessor.0.name=links") == "preprocessor[0].name"
    assert tables["encoder"] == {"name": "gru"}
    assert tables["preprocessor"] == [{"name": "links"}, {"name": "arabic"}]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs", 'must be KEY=VALUE, got "training.epochs"'),
        ("=3", "must be KEY=VALUE"),
        ("training..epochs=3", "must be KEY=VALUE"),
        ("training.epochs.x=3", "training.epochs is no table, it is 1"),
        (
            "preprocessor.name=html",
            "preprocessor is a list of 1: the next part of preprocessor.name must be a number from 0 to 1, got name",
        ),
        ("preprocessor.4.name=html", "must be a number from 0 to 1, got 4"),
        ("preprocessor.-1.name=html", "must be a number from 0 to 1, got -1"),
    ],
)
def test_a_key_that_leads_nowhere_says_how_far_it_leads(override, message):
    tables = {"training": {"epochs": 1}, "preprocessor": [{"name": "html"}]}
    with pytest.raises(ValueError) as caught:
        apply(tables, override)
    assert message in str(caught.value)


def test_paths_are_written_as_messages_write_them():
    assert path_of(["preprocessor", "0", "name"]) == "preprocessor[0].name"
    assert path_of(["encoder"]) == "encoder"


def test_overrides_weigh_more_than_the_file(read):
    experiment = read(overrides=["training.epochs=3", "encoder.name=gru", "preprocessor.0.name=html", "name=other"])
    assert experiment.training.epochs == 3
    assert experiment.components["encoder"].name == "gru"
    assert [p.name for p in experiment.preprocessor] == ["html"]
    assert experiment.name == "other"


def test_wrong_and_unused_overrides_are_named_without_a_line(problems):
    found = problems(overrides=["training.epoch=3", "training.batch_size=no", "pooler.name=men", "x", "foo.bar=1"])
    sections = ", ".join(sorted([*COMPONENTS, *SECTIONS]))
    assert found == [
        'a.toml: --set must be KEY=VALUE, got "x"',
        f"a.toml: foo: unknown section; choose from {sections} (from --set)",
        'a.toml: pooler.name: unknown pooler "men"; did you mean "mean"? (from --set)',
        'a.toml: training.batch_size: must be a whole number, got "no" (from --set)',
        'a.toml: training.epoch: unknown key; did you mean "epochs"? (from --set)',
    ]


def test_what_a_console_in_another_encoding_made_of_a_text_is_refused():
    with pytest.raises(ValueError, match=r'must be utf-8, got "name=\?\?"; write it into the file'):
        apply({}, "name=\udcd8\udcaa")
