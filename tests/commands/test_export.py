import shutil

import pytest

from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load


def test_export_writes_a_proved_file_where_it_is_told(kerasseq, finished, tmp_path):
    result = kerasseq("export", finished, "--out", tmp_path / "mine.onnx")
    assert result.exit_code == 0, result.output
    assert f"wrote {tmp_path / 'mine.onnx'}" in result.stdout
    assert "proof: equal to the model within" in result.stdout and "12 test texts" in result.stdout
    assert load(tmp_path / "mine.onnx").labels == ("bad", "good", "so-so")


def test_export_at_int8_measures_the_change_of_the_scores(kerasseq, finished, tmp_path):
    result = kerasseq("export", finished, "--precision", "int8", "--out", tmp_path / "small.onnx")
    assert result.exit_code == 0, result.output
    said = ("size: ", "speed: ", "accuracy: ", "weights: ", "neighbours: the same alone and beside others within")
    for line in said:
        assert line in result.stdout


def test_without_the_data_made_texts_alone_prove_it(kerasseq, finished, tmp_path):
    shutil.copytree(finished, tmp_path / "run")
    directory = RunDirectory(tmp_path / "run")
    text = directory.experiment.read_text(encoding="utf-8")
    directory.experiment.write_text(text.replace("rows.csv", "gone.csv"), encoding="utf-8")
    result = kerasseq("export", directory.path)
    assert result.exit_code == 0, result.output
    assert "without the run's test rows, made ones alone" in result.stderr and "on 0 test texts" in result.stdout


def test_a_wrong_exporter_or_precision_is_named(kerasseq, finished):
    result = kerasseq("export", finished, "--to", "onx")
    assert result.exit_code == 2 and "onnx" in result.stderr
    result = kerasseq("export", finished, "--precision", "int4")
    assert result.exit_code == 2 and "precision" in result.stderr and "int8" in result.stderr


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "x", "0", ""])
def test_no_other_number_is_a_tolerance(kerasseq, finished, value):
    result = kerasseq("export", finished, "--tolerance", value)
    assert (result.exit_code, result.stderr) == (2, f'--tolerance: must be a number above 0, got "{value}"\n')


def test_the_tolerance_is_that_of_the_proof(kerasseq, finished, tmp_path):
    result = kerasseq("export", finished, "--tolerance", "1e-14", "--out", tmp_path / "mine.onnx")
    assert result.exit_code == 1 and "must answer as the model does" in result.stderr
    assert not (tmp_path / "mine.onnx").exists()
    result = kerasseq("export", finished, "--tolerance", "1e-3", "--out", tmp_path / "mine.onnx")
    assert result.exit_code == 0, result.output


def test_everything_wrong_with_the_options_is_said_at_once(kerasseq, finished):
    result = kerasseq("export", finished, "--precision", "int4", "--tolerance", "0")
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert first == '--tolerance: must be a number above 0, got "0"' and "--precision: must be" in second
