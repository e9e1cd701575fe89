import tomllib
from pathlib import Path

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.config.schema import schema

jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema checks the schema")

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def validator():
    built = schema(ours_only=True)
    jsonschema.Draft202012Validator.check_schema(built)
    return jsonschema.Draft202012Validator(built)


def findings(validator, text):
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.validator}" for e in validator.iter_errors(tomllib.loads(text))]


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.toml")), ids=lambda p: p.relative_to(CONFIGS).as_posix())
def test_every_shipped_config_fits_the_schema_as_it_is_and_filled_in(validator, path):
    assert findings(validator, path.read_text(encoding="utf-8")) == []
    filled = read_experiment(path, backend="torch", finished=True).to_toml()
    assert findings(validator, filled) == []


def test_names_may_be_bare_or_qualified_and_columns_one_or_several(validator, working):
    assert findings(validator, working) == []
    assert findings(validator, working.replace('"table"', '"kerasseq/table"')) == []
    for text in ('text = "a"', 'text = ["a", "b"]'):
        assert findings(validator, working.replace('target = "score"', f'target = "score"\n{text}')) == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ('[encoder]\nname = "lstn"\n', "encoder: anyOf"),
        ('[encoder]\nname = "lstm"\nunits = 0\n', "encoder: anyOf"),
        ('[encoder]\nname = "lstm"\nreset = "after"\n', "encoder: anyOf"),
        ("[encoder]\nunits = 8\n", "encoder: anyOf"),
        ("[training]\nepochs = 'three'\n", "training.epochs: type"),
        ("[training]\nepoch = 3\n", "training: additionalProperties"),
        ("[encodr]\nx = 1\n", ": additionalProperties"),
        ("[preprocessor]\nname = 'html'\n", "preprocessor: type"),
        ("[[preprocessor]]\nname = 'htm'\n", "preprocessor.0: anyOf"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(validator, problems, working, change, finding):
    assert findings(validator, working + change) == [finding]
    if not change.startswith("[encoder]\nunits"):
        assert len(problems(working + change)) == 1


def test_required_sections_are_required(validator):
    assert findings(validator, 'name = "x"') == [": required", ": required"]


def test_every_setting_is_described(validator):
    built = validator.schema
    for key, definition in built["$defs"].items():
        for name, setting in definition["properties"].items():
            assert setting.get("description"), f"{key}.{name}"


def test_components_of_plugins_are_in_it_and_broken_ones_are_left_out(install, caplog):
    source = 'from kerasseq.spec import PoolerSpec\n\n\nclass Top(PoolerSpec):\n    """Best k."""\n\n    k: int = 3\n'
    install("top-pack", {"pooler": ["top = top_pack:Top", "gone = top_pack:Gone"]}, {"top_pack.py": source})
    with caplog.at_level("WARNING", "kerasseq"):
        built = schema()
    assert built["$defs"]["pooler.top-pack.top"]["properties"]["k"]["default"] == 3
    assert {"$ref": "#/$defs/pooler.top-pack.top"} in built["properties"]["pooler"]["anyOf"]
    assert "pooler.top-pack.gone" not in built["$defs"]
    assert 'pooler "gone" of top-pack 1.0' in caplog.text
    assert "pooler.top-pack.top" not in schema(ours_only=True)["$defs"]
