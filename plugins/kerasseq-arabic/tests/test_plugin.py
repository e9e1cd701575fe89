"""The distribution as a whole: the kit's checks, the config, and the script that measures."""

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from kerasseq_arabic import extras
from kerasseq_arabic.arabert import Arabert
from kerasseq_arabic.buckwalter import Buckwalter
from kerasseq_arabic.dialect import ArabicDialect
from kerasseq_arabic.lemmas import ArabicLemmas
from kerasseq_arabic.roots import ArabicRoots
from kerasseq_arabic.sentences import ArabicSentences
from kerasseq_arabic.stem import ArabicStem

from kerasseq.plugin import PreprocessorSpec
from kerasseq.registry.components import find
from kerasseq.testing import parametrize_with_checks

SPECS: list[PreprocessorSpec] = [
    ArabicStem(),
    ArabicDialect(),
    ArabicDialect(words=False, letters=False),
    Buckwalter(),
    Buckwalter(direction="to_arabic", scheme="safe"),
    Arabert(),
    ArabicSentences(),
]
_EXTRA: list[tuple[str, PreprocessorSpec]] = [
    ("nltk", ArabicStem(stemmer="isri")),
    ("nltk", ArabicStem(stemmer="arlstem")),
    ("nltk", ArabicStem(stemmer="arlstem2")),
    ("qalsadi", ArabicLemmas()),
    ("tashaphyne", ArabicRoots()),
]
SPECS += [spec for library, spec in _EXTRA if extras.find_spec(library) is not None]


@parametrize_with_checks(SPECS)
def test_keeps_the_rules(spec, check):
    check(spec)


def test_every_entry_point_is_checked_where_its_library_can_be() -> None:
    ours = {component.name for component in find("preprocessor") if component.distribution == "kerasseq-arabic"}
    assert ours == {spec.name for spec in SPECS} | {"arabic_lemmas", "arabic_roots", "farasa"}


def test_what_is_under_the_gpl_is_imported_only_where_it_is_chosen() -> None:
    modules = "arabert buckwalter dialect farasa lemmas roots sentences stem".split()
    code = (
        f"import sys; {'; '.join(f'import kerasseq_arabic.{m}' for m in modules)}\n"
        "from kerasseq_arabic.lemmas import ArabicLemmas; from kerasseq_arabic.roots import ArabicRoots\n"
        "ArabicLemmas().build(); ArabicRoots().build(); list(ArabicLemmas().problems())\n"
        "print([m for m in ('keras', 'torch', 'nltk', 'qalsadi', 'tashaphyne', 'pyarabic') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


CONFIG = """
name = "arabic"
[dataset]
name = "bundled"
[[preprocessor]]
name = "{name}"
[tokenizer]
name = "word"
[embedding]
name = "learned"
[encoder]
name = "none"
[pooler]
name = "mean"
[task]
name = "regression"
"""


def test_a_missing_extra_ends_the_check_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasseq.commands.main import main

    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    path = tmp_path / "arabic.toml"
    path.write_text(CONFIG.format(name="arabic_lemmas"), encoding="utf-8")
    done = CliRunner().invoke(main, ["config", "check", str(path)])
    assert done.exit_code == 2
    assert 'arabic.toml:6:1: preprocessor[0].name: must have qalsadi for "arabic_lemmas"' in done.output
    path.write_text(CONFIG.format(name="arabic_stem"), encoding="utf-8")
    assert CliRunner().invoke(main, ["config", "check", str(path)]).exit_code == 0


@pytest.fixture(scope="module")
def worth():
    path = Path(__file__).parents[1] / "worth.py"
    spec = importlib.util.spec_from_file_location("worth", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_experiment_of_the_measurement_is_a_good_config(worth, tmp_path: Path) -> None:
    import tomli_w

    from kerasseq import read_experiment

    names = set()
    for data in worth.SETS:
        for step in worth.STEPS:
            if worth.missing(step):
                continue
            table = worth.experiment(data, step, 1)
            path = tmp_path / f"{table['name']}.toml"
            path.write_text(tomli_w.dumps(table), encoding="utf-8")
            experiment = read_experiment(path, (), "")
            assert experiment.seed == 1
            names.add(experiment.name)
            added = [each["name"] for each in tomllib.loads(path.read_text(encoding="utf-8"))["preprocessor"]]
            assert added[len(added) - len(worth.STEPS[step]) :] == [each["name"] for each in worth.STEPS[step]]
    assert len(names) == 2 * sum(not worth.missing(step) for step in worth.STEPS)


def test_the_table_takes_finished_runs_and_says_what_is_missing(worth, tmp_path: Path, monkeypatch, capsys) -> None:
    for seed, value in ((0, 0.8), (1, 0.9)):
        run = tmp_path / "runs" / f"ajgt-dialect-{seed}" / "0001"
        run.mkdir(parents=True)
        (run / "metrics.json").write_text(f'{{"scores": {{"accuracy": {{"value": {value}}}}}}}', encoding="utf-8")
    monkeypatch.setattr(worth, "find_spec", lambda name: None)
    worth.main(["--out", str(tmp_path), "--sets", "ajgt", "--seeds", "0", "1", "--steps", "dialect", "lemmas"])
    assert capsys.readouterr().out.splitlines() == [
        "| step | AJGT, accuracy |",
        "|---|---|",
        "| dialect | 85.0 (80.0, 90.0) |",
        "| lemmas | qalsadi is not installed |",
    ]
