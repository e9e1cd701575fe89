"""The distribution as a whole: the kit's checks, and an experiment from its TOML to its ONNX file."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from click.testing import CliRunner
from kerasseq_english import extras
from kerasseq_english.dates import EnglishDates
from kerasseq_english.lemmas import EnglishLemmas
from kerasseq_english.quantities import EnglishQuantities
from kerasseq_english.sentences import EnglishSentences
from kerasseq_english.spoken import EnglishSpoken
from kerasseq_english.stem import EnglishStem

from kerasseq.plugin import PreprocessorSpec
from kerasseq.registry.components import find
from kerasseq.testing import parametrize_with_checks

SPECS: list[PreprocessorSpec] = [
    EnglishStem(),
    EnglishStem(stemmer="porter"),
    EnglishSpoken(),
    EnglishDates(),
    EnglishQuantities(),
    EnglishSentences(),
]
for _library, _spec in (("nltk", EnglishStem(stemmer="lancaster")), ("simplemma", EnglishLemmas())):
    if extras.find_spec(_library) is not None:
        SPECS.append(_spec)


@parametrize_with_checks(SPECS)
def test_keeps_the_rules(spec, check):
    check(spec)


def test_every_entry_point_is_checked() -> None:
    ours = {component.name for component in find("preprocessor") if component.distribution == "kerasseq-english"}
    assert ours == {spec.name for spec in SPECS} | {"english_lemmas"}


def test_the_specs_import_no_library() -> None:
    modules = "dates lemmas quantities sentences spoken stem".split()
    code = (
        f"import sys; {'; '.join(f'import kerasseq_english.{m}' for m in modules)}\n"
        "print([m for m in ('keras', 'torch', 'jax', 'nltk', 'simplemma', 'snowballstemmer') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


TOML = """
name = "english"
[dataset]
name = "table"
train = "rows.csv"
[[preprocessor]]
name = "english_dates"
[[preprocessor]]
name = "english_stem"
stemmer = "{stemmer}"
[[preprocessor]]
name = "english_quantities"
[tokenizer]
name = "whitespace"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "none"
[pooler]
name = "mean"
[task]
name = "classification"
[training]
epochs = 1
[evaluation]
resamples = 100
[[exporter]]
name = "onnx"
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "target"])
        rows.writerows([f"running {'well' * (i % 2)} since May {1 + i % 28}, five", i % 2] for i in range(60))
    return tmp_path / "english.toml"


def test_the_exporter_names_the_step_that_python_has_to_do(experiment: Path) -> None:
    from kerasseq.commands.main import main

    experiment.write_text(TOML.format(stemmer="porter"), encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(experiment), "--out", str(experiment.parent / "runs")])
    assert done.exit_code == 0, done.output
    model = onnx.load(experiment.parent / "runs" / "english" / "0001" / "model.onnx")
    known = {each.key: each.value for each in model.metadata_props}
    assert json.loads(known["kerasseq.python_steps"]) == ["english_stem"]


def test_a_missing_extra_ends_the_check_of_the_config(experiment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasseq.commands.main import main

    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    experiment.write_text(TOML.format(stemmer="lancaster"), encoding="utf-8")
    done = CliRunner().invoke(main, ["config", "check", str(experiment)])
    assert done.exit_code == 2
    assert 'english.toml:10:1: preprocessor[1].stemmer: must have nltk for "lancaster"' in done.output
    assert 'pip install "./plugins/kerasseq-english[nltk]"' in done.output
