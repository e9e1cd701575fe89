"""What a verb says beside its result: --json, --quiet, --log-file, and no escape codes where none are wanted."""

import datetime as dt
import json
import logging
import os
import pty
import re
import shutil
import sys

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.compare import worker
from kerasseq.console import is_quiet, out
from kerasseq.progress import TrainingProgress
from kerasseq.run_directory import RunDirectory

FAST = ["--set", "training.epochs=1", "--set", 'encoder={name="none"}', "--set", "exporter=[]"]


@pytest.fixture
def config(tiny, tmp_path):
    return tiny(tmp_path)


@pytest.fixture
def run(finished, tmp_path):
    return RunDirectory(shutil.copytree(finished, tmp_path / "run"))


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def one_object(text):
    """The only JSON object of a text that holds nothing else."""
    return json.loads(text, parse_constant=refuse)


def test_run_gives_its_result_as_one_object(kerasseq, config):
    result = kerasseq("run", config, *FAST, "--json")
    assert result.exit_code == 0, result.output
    told = one_object(result.stdout)
    run = RunDirectory(told["run"])
    assert told["scores"] == json.loads(run.metrics.read_text(encoding="utf-8"))["scores"]
    assert set(told["baselines"]) == {"majority", "ngrams"} and told["main"] in told["scores"]
    assert told["rows"] == 12 and told["data"] is None
    assert told["files"]["report"] == str(run.report) and all(os.path.exists(path) for path in told["files"].values())
    assert "onnx" not in told["files"]  # there is none
    assert "epoch   1/1" in result.stderr


def test_evaluate_gives_the_same_object_and_undefined_scores_are_null(kerasseq, run, tmp_path):
    told = one_object(kerasseq("evaluate", run.path, "--json").stdout)
    assert told["run"] == "run" or told["run"] == str(run.path)
    assert told["scores"]["accuracy"].keys() >= {"value", "low", "high"} and "onnx" in told["files"]
    (tmp_path / "one.csv").write_text("text;mood\nخدمة;good\nbad;good\n", encoding="utf-8")
    told = one_object(kerasseq("evaluate", run.path, "--data", "one.csv", "--json").stdout)
    assert told["data"] == "one.csv" and told["rows"] == 2
    assert told["scores"]["roc_auc"]["value"] is None
    assert told["warnings"] == []


def test_dataset_check_gives_its_findings(kerasseq, config):
    result = kerasseq("dataset", "check", config, "--json")
    assert result.exit_code == 0, result.output
    told = one_object(result.stdout)
    assert {finding["status"] for finding in told["findings"]} <= {"pass", "warn", "fail"}
    assert told["passed"] + told["warned"] + told["failed"] == len(told["findings"])
    assert told["config"] == str(config)
    plain = kerasseq("dataset", "check", config).stdout
    assert all(finding["message"] in plain for finding in told["findings"])
    skipped = ["--set", "dataset.on_bad_row=skip"]
    rows = config.with_name("rows.csv")
    rows.write_text(rows.read_text(encoding="utf-8") + ",x,good,yes,1,a1,1,train\n", encoding="utf-8")
    [warning] = one_object(kerasseq("dataset", "check", config, "--json", *skipped).stdout)["warnings"]
    assert warning.startswith("rows.csv: skipped 1 of 61 rows")
    broken = kerasseq("dataset", "check", config, "--json")
    assert broken.exit_code == 1 and broken.stdout == "" and "text: must not be empty" in broken.stderr


def test_compare_gives_what_comparison_json_holds(kerasseq, finished, same_process, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "other" / "0001")
    result = kerasseq("compare", finished, copy, "--out", "both", "--json", "--quiet", "--log-file", "log.txt")
    assert result.exit_code == 0 and result.stderr == "", result.output
    told = one_object(result.stdout)
    held = json.loads((tmp_path / "both" / "comparison.json").read_text(encoding="utf-8"))
    assert {key: told[key] for key in held} == held
    assert told["failed"] is False and told["files"]["html"] == "both/comparison.html"
    assert "[1/2] tiny" in (tmp_path / "log.txt").read_text(encoding="utf-8")


def test_what_a_library_prints_is_no_part_of_the_object(kerasseq, config, monkeypatch):
    from kerasseq import experiment

    train = experiment.run

    def chatty(*arguments):
        print("a library says hello")
        return train(*arguments)

    monkeypatch.setattr(experiment, "run", chatty)
    result = kerasseq("run", config, *FAST, "--json")
    assert one_object(result.stdout)["rows"] == 12
    assert "a library says hello" in result.stderr


def test_quiet_leaves_the_result_and_errors(kerasseq, run, tmp_path):
    loud = kerasseq("evaluate", run.path)
    quiet = kerasseq("evaluate", run.path, "--quiet")
    assert quiet.stderr == "" and quiet.stdout == loud.stdout
    assert kerasseq("evaluate", run.path).stderr == loud.stderr  # and it ends with the verb
    failed = kerasseq("evaluate", "nothing", "-q")
    assert failed.exit_code == 1 and failed.stderr.startswith("nothing: must be a run directory")
    assert not is_quiet()


@pytest.mark.parametrize("name", ["log.txt", "log.jsonl"])
def test_a_log_file_gets_what_stderr_says_with_its_time_and_grows(kerasseq, run, tmp_path, name):
    began = dt.datetime.now().astimezone().replace(microsecond=0)
    said = kerasseq("evaluate", run.path, "--log-file", name).stderr
    failed = kerasseq("evaluate", run.path, "--data", "no.csv", "-q", "--log-file", name).stderr
    lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
    if name.endswith("jsonl"):
        told = [json.loads(line) for line in lines]
        times, messages = [one["time"] for one in told], [one["message"] for one in told]
        assert told[-1]["level"] == "error" and told[0]["level"] == "info"
        assert told[0]["logger"] == "kerasseq"
    else:
        times = [line.split(" ", 1)[0] for line in lines]
        messages = [line[len(times[0]) + 9 :] for line in lines]
        assert lines[-1][len(times[0]) :].startswith(" error   ")
    assert "\n".join(messages[: len(said.splitlines())]) == said.rstrip()
    assert messages[-1] == failed.rstrip()
    assert all(dt.datetime.fromisoformat(time) >= began for time in times)
    assert not [h for h in logging.getLogger("kerasseq").handlers if isinstance(h, logging.FileHandler)]


def test_a_log_file_that_cannot_be_written_is_a_line(kerasseq, run):
    result = kerasseq("evaluate", run.path, "--log-file", "no/where.txt")
    assert result.exit_code == 2
    assert "--log-file: must be a file that can be written to, got no/where.txt: no such file or dir" in result.stderr


def test_a_process_that_is_started_talks_as_its_parent(kerasseq, run, monkeypatch, tmp_path):
    seen = {}

    def attempt(job):
        seen.update({name: os.environ.get(name) for name in ("KERASSEQ_QUIET", "KERASSEQ_LOG_FILE")})
        return worker.attempt(job)

    monkeypatch.setattr("kerasseq.compare.process.launch", attempt)
    monkeypatch.setattr(worker, "LONG_ENOUGH", 0.0)
    assert kerasseq("compare", run.path, "-q", "--log-file", "log.txt", "--out", "one").exit_code == 0
    assert seen == {"KERASSEQ_QUIET": "1", "KERASSEQ_LOG_FILE": str(tmp_path / "log.txt")}
    assert "KERASSEQ_QUIET" not in os.environ and "KERASSEQ_LOG_FILE" not in os.environ


# === Terminals ===


@pytest.fixture
def terminal(monkeypatch):
    """`terminal("stderr")`: that stream is a pseudo-terminal of 60 columns; gives a call that says what came to it."""
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    ours, theirs = pty.openpty()
    stream = os.fdopen(theirs, "w", encoding="utf-8")

    def start(name):
        monkeypatch.setattr(sys, name, stream)

        def said():
            stream.flush()
            return os.read(ours, 1 << 16).decode("utf-8")

        return said

    yield start
    stream.close()
    os.close(ours)


ROW = {"epoch": 1, "loss": 1.5, "learning_rate": 1e-3, "gradient_norm": 2.0}


def shown():
    with TrainingProgress(3) as progress:
        progress.update(1, 1.7, 100)
        progress.epoch(ROW, 2.0)


def test_a_terminal_gets_a_bar(terminal):
    said = terminal("stderr")
    shown()
    text = said()
    assert "\x1b[" in text and "epoch   1/3  loss 1.5000" in text


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_escape_codes_where_none_are_wanted(terminal, monkeypatch, finished, name, value):
    monkeypatch.setenv(name, value)
    said = terminal("stderr")
    shown()
    assert said() == "epoch   1/3  loss 1.5000  lr 0.001  2.0 s\r\n"
    result = CliRunner().invoke(main, ["evaluate", str(finished), "--data", "no.csv"], color=True)
    assert "\x1b" not in result.output


def test_bold_is_for_terminals_that_want_it(run, monkeypatch):
    words = ["evaluate", str(run.path)]
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b[1m" in CliRunner().invoke(main, words, color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in CliRunner().invoke(main, words, color=True).stdout


def test_a_table_is_as_wide_as_the_terminal_and_loses_nothing(terminal):
    from kerasseq.commands.compare import _rich
    from kerasseq.compare.tables import Cell, Table

    heads = ["model", "accuracy", "f1_macro", "mean_absolute_error"]
    cells = [[Cell("bilstm-with-a-long-name"), *[Cell("0.912 ± 0.013", "[0.885, 0.933]")] * 3]]
    said = terminal("stdout")
    out(250).print(_rich(Table(title="scores", head=heads, rows=cells)))
    text = re.sub(r"\x1b\[[\d;]*m", "", said())
    assert max(map(len, text.split("\r\n"))) <= 60 and "…" not in text
    letters = sorted(c for c in text if c.isalnum())
    wanted = "scores" + "".join(heads) + "".join(cell.text + cell.below for cell in cells[0])
    assert letters == sorted(c for c in wanted if c.isalnum())


def test_predict_gives_its_answers_as_one_object_and_quiet_says_nothing_beside_them(kerasseq, run, tmp_path):
    (tmp_path / "rows.csv").write_text("text,id\nخدمة,1\nbad,2\n", encoding="utf-8")
    asked = ["predict", run.path, "--input", "rows.csv", "--keep", "id"]
    lines = kerasseq(*asked, "--format", "jsonl")
    told = kerasseq(*asked, "--json")
    found = one_object(told.stdout)
    assert found["answers"] == [json.loads(line) for line in lines.stdout.splitlines()]
    assert (found["rows"], found["run"], found["warnings"]) == (2, str(run.path), [])
    assert found["encoding"] in told.stderr

    quiet = kerasseq(*asked, "--format", "jsonl", "--quiet")
    assert (quiet.stdout, quiet.stderr) == (lines.stdout, "")
    written = kerasseq(*asked, "--json", "--output", "answers.csv")
    assert one_object(written.stdout)["output"] == "answers.csv" and (tmp_path / "answers.csv").exists()
    both = kerasseq(*asked, "--json", "--format", "csv")
    assert both.exit_code == 2 and "--json: prints one object, got --format too" in both.stderr


def test_distill_gives_the_result_of_its_student_as_one_object(kerasseq, run, tmp_path):
    rows = [f"bad خدمة {n}" for n in range(40)]
    (tmp_path / "texts.csv").write_text("text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    small = [*FAST, "--set", "evaluation.resamples=100"]
    result = kerasseq("distill", run.path, "--data", "texts.csv", *small, "--json", "--quiet")
    assert result.exit_code == 0, result.output
    told = one_object(result.stdout)
    assert told["table"] == "texts.distilled.csv" and len(told["agreement"]) > 0
    assert told["scores"] and result.stderr == ""
