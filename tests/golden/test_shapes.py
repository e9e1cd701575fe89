"""A run of every shape that a released version left is opened, and answers as it did."""

import importlib.util
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerasseq.errors import RunError
from kerasseq.loading import load
from kerasseq.tokenizers.tokenizer import load as load_tokenizer

HERE = Path(__file__).parent
RUNS = sorted(path.parent for path in HERE.glob("*.*/*/answers.json"))


@pytest.fixture(scope="module")
def make():
    """The script that made them."""
    spec = importlib.util.spec_from_file_location("make_golden", HERE / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def close(got, wanted):
    """Texts equal, numbers within a hundred-thousandth."""
    if isinstance(wanted, float):
        np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0)
    elif isinstance(wanted, list | dict):
        assert len(got) == len(wanted)
        for key in wanted if isinstance(wanted, dict) else range(len(wanted)):
            close(got[key], wanted[key])
    else:
        assert got == wanted


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.parent.name}-{run.name}")
def test_a_run_and_its_exported_file_answer_as_they_did(run, make):
    close(make.answers(run), json.loads((run / "answers.json").read_text(encoding="utf-8")))


def test_every_shape_is_there(make):
    assert {run.name for run in RUNS} >= set(make.SHAPES)
    assert sum(path.stat().st_size for run in RUNS for path in run.iterdir()) < 700_000 * len({r.parent for r in RUNS})


def later(path):
    """A copy of a model.keras that says it is of a later format."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content.replace(b'"format": "1"', b'"format": "2"'))


def test_a_run_of_a_later_format_is_refused_with_the_version_to_install(tmp_path):
    run = Path(shutil.copytree(RUNS[0], tmp_path / "run"))
    later(run / "model.keras")
    with pytest.raises(
        RunError, match=r"model.keras: format must be 1, .* got '2'; kerasseq 0\.\d\.\d wrote it, install that"
    ):
        load(run)


def test_a_tokenizer_of_a_later_format_is_refused_with_what_to_install(tmp_path):
    value = json.loads((RUNS[0] / "tokenizer.json").read_text(encoding="utf-8")) | {"format": 2}
    (tmp_path / "tokenizer.json").write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(RunError, match=r"tokenizer.json: format must be 1, .* got 2; install a later kerasseq"):
        load_tokenizer(tmp_path / "tokenizer.json")
