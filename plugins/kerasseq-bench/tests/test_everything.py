import pytest
from click.testing import CliRunner
from kerasseq_bench.everything import everything

from kerasseq.plugin import RunError, UsageError


def asked(*arguments):
    return CliRunner().invoke(everything, [str(argument) for argument in arguments], catch_exceptions=False)


def test_tables_are_measured_once_and_stand_on_one_page(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "layers.md").write_text("# Recurrent\n\n## train\n\n| a |\n", encoding="utf-8")
    chosen = ("--only", "layers", "--only", "rules", "--rounds", 1, "--out", out)
    first = asked(tmp_path, *chosen)
    assert first.exit_code == 0, first.output
    page = (out / "benchmarks.md").read_text(encoding="utf-8")
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert headings[:4] == ["# Benchmarks", "## Recurrent layers", "### Recurrent", "#### train"]
    assert "## Rule by rule" in headings
    assert "whitespace" in (out / "rules.md").read_text(encoding="utf-8")
    (out / "rules.md").write_text("measured before\n", encoding="utf-8")
    assert "rules: stands in" in asked(tmp_path, *chosen).stderr
    assert "measured before" in (out / "benchmarks.md").read_text(encoding="utf-8")


def test_a_table_that_fails_is_named_with_its_log_and_the_others_go_on(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(RunError, match=r"prediction: must be measured, but failed; see .*prediction\.log"):
        asked(tmp_path, "--only", "prediction", "--only", "rules", "--rounds", 1, "--out", out)
    assert "must hold a model.onnx" in (out / "prediction.log").read_text(encoding="utf-8")
    assert (out / "rules.md").is_file()
    assert not (out / "prediction.md").exists()


def test_a_table_of_a_config_asks_for_the_config(tmp_path):
    with pytest.raises(UsageError, match=r"--only translation: needs a config, --translation CONFIG"):
        asked(tmp_path, "--only", "translation", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
