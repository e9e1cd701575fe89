import json
import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from kerasseq.patterns import NAMES
from kerasseq.preprocessors.stopword_lists import NEGATION
from kerasseq.spec import PreprocessorSpec, TokenizerSpec

TEXT = (Path(__file__).parents[2] / "docs" / "text.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)
PYTHON = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
EXAMPLES = [
    (heading, *row)
    for heading, table in re.findall(r"^### `(\w+)`\n\n((?:\|.*\n)+)", TEXT, re.M)
    for row in re.findall(r"^\| (?:`([^`]*)` )?\| `([^`]*)` \| `([^`]*)` \|", table, re.M)
]


def classes(kind: str) -> dict[str, type[PreprocessorSpec] | type[TokenizerSpec]]:
    return {e.name: e.load() for e in entry_points(group=f"kerasseq.{kind}s") if e.value.startswith("kerasseq.")}


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_toml_is_valid_and_builds(block: str) -> None:
    value = tomllib.loads(block)
    sections = [("preprocessor", s) for s in value.pop("preprocessor", [])]
    sections += [("tokenizer", s) for s in (value.pop("tokenizer", None),) if s]
    assert sections
    assert not value
    for kind, section in sections:
        classes(kind)[section["name"]].model_validate_json(json.dumps(section)).build()


@pytest.mark.parametrize(("name", "setting", "text", "expected"), EXAMPLES)
def test_every_example_gives_what_the_page_says(name: str, setting: str, text: str, expected: str) -> None:
    settings = tomllib.loads(f"settings = {{{setting}}}")["settings"]
    spec = classes("preprocessor")[name].model_validate_json(json.dumps(settings))
    assert spec.build()([text]) == [expected]


def test_every_preprocessor_and_every_setting_is_on_the_page() -> None:
    shown = {heading for heading, *_ in EXAMPLES}
    for name, spec in classes("preprocessor").items():
        assert name in shown
        for setting in set(spec.model_fields) - {"name"}:
            assert re.search(rf"`{setting}\b", TEXT), (name, setting)
    for name, spec in classes("tokenizer").items():
        assert f'name = "{name}"' in TEXT
        assert all(re.search(rf"\b{setting}\b", TEXT) for setting in spec.model_fields)


@pytest.mark.parametrize("code", PYTHON)
def test_the_code_runs(code: str) -> None:
    exec(compile(code, "docs/text.md", "exec"), {})


def test_every_named_class_is_explained() -> None:
    assert all(f"| `{{{name}}}` | {words} |" in TEXT for name, words in NAMES.items())


def test_the_negations_it_names_are_protected() -> None:
    row = next(line for line in TEXT.splitlines() if "negation stays" in line)
    english, arabic = re.findall(r"`([^`]*)`", row)[-2:]
    assert set(english.split()) <= set(NEGATION["english"])
    assert set(arabic.split()) <= set(NEGATION["arabic"])
