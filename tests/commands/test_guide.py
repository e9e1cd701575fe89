"""A command line that is not quite one is answered with the one to type; what is said, works."""

import os
import re
import shlex
import shutil

import pytest

from kerasseq import __version__


def command_in(stderr):
    """The last command that a message says."""
    said = re.findall(r"kerasseq ([a-z][^\n]*)$", stderr.rstrip().splitlines()[-1])
    assert said, stderr
    return shlex.split(said[-1])


@pytest.mark.parametrize("words", [["run"], ["train"], ["compare"], ["config", "check"], ["dataset", "check"]])
def test_data_in_place_of_an_experiment_is_led_to_one(kerasseq, table, words):
    result = kerasseq(*words, "rows.csv")
    assert result.exit_code == 2
    assert "rows.csv: must be an experiment, a TOML file, got data" in result.stderr
    assert command_in(result.stderr) == ["config", "new", "rows.csv", "--target", "label"]
    assert kerasseq(*command_in(result.stderr)).exit_code == 0
    again = kerasseq(*words, "rows.csv")
    assert command_in(again.stderr) == [words[-1] if words[0] not in ("config", "dataset") else words[-1], "rows.toml"]


@pytest.mark.parametrize(
    ("name", "content", "command"),
    [
        ("a.tsv", "text\tstars\nx\t1\n", ["--target", "stars"]),
        ("a.jsonl", '{"text": "x", "mood": "good"}\n', ["--target", "mood"]),
        ("a b.csv", "review;sentiment;id\nx;y;1\n", ["--target", "sentiment"]),
        ("a.conll", "the O\nfood B\n\nbad O\n", []),
        ("a.txt", "the O\nfood B\n\nbad O\n", []),
        ("a.xlsx", "PK\x03\x04", []),
        ("empty.csv", "", []),
    ],
)
def test_any_data_is_told_from_an_experiment(kerasseq, tmp_path, name, content, command):
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = kerasseq("run", name)
    assert result.exit_code == 2 and command_in(result.stderr) == ["config", "new", name, *command]


def test_a_run_or_a_folder_in_place_of_an_experiment_is_told_apart(kerasseq, finished, config, tmp_path):
    result = kerasseq("run", finished)
    assert command_in(result.stderr) == ["run", str(finished / "experiment.toml")]
    assert command_in(kerasseq("run", tmp_path).stderr) == ["run", str(config)]
    (tmp_path / "empty").mkdir()
    assert kerasseq("run", "empty").stderr.endswith("empty: must be an experiment, a TOML file, got a folder\n")


def test_nothing_where_an_experiment_should_be_names_what_is_here(kerasseq, table):
    assert command_in(kerasseq("run").stderr) == ["config", "new", "rows.csv", "--target", "label"]
    assert command_in(kerasseq("config", "new").stderr) == ["config", "new", "rows.csv", "--target", "label"]
    assert command_in(kerasseq("config", "new", "rows.csv").stderr) == [
        "config",
        "new",
        "rows.csv",
        "--target",
        "label",
    ]
    table.with_name("small.toml").write_text("", encoding="utf-8")
    assert command_in(kerasseq("run").stderr) == ["run", "small.toml"]
    table.unlink()
    assert command_in(kerasseq("config", "new").stderr) == ["config", "new", "my.csv", "--target", "score"]


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        (["new"], ["config", "new"]),
        (["new", "rows.csv", "--target", "score"], ["config", "new", "rows.csv", "--target", "score"]),
        (["fill", "small.toml"], ["config", "fill", "small.toml"]),
        (["fetch", "trec"], ["dataset", "fetch", "trec"]),
        (["show", "lstm"], ["plugins", "show", "lstm"]),
        (["rows.csv"], ["config", "new", "rows.csv", "--target", "label"]),
        (["small.toml"], ["run", "small.toml"]),
    ],
)
def test_a_word_that_is_no_verb_is_led_to_one(kerasseq, config, typed, command):
    result = kerasseq(*typed)
    assert result.exit_code == 2 and command_in(result.stderr) == command


@pytest.fixture
def runs(finished, tmp_path):
    """`runs` of two experiments; the newest is `runs/b/0001`."""
    for number, name in enumerate(["a/0001", "a/0002", "b/0001"]):
        copy = tmp_path / "runs" / name
        copy.mkdir(parents=True)
        for file in ("experiment.toml", "environment.json", "model.onnx"):
            shutil.copy(finished / file, copy / file)
        os.utime(copy / "experiment.toml", (number, number))


def test_a_folder_of_runs_is_listed_with_the_command_for_the_newest(kerasseq, runs):
    result = kerasseq("predict", "runs/", "the food", "--format", "jsonl")
    assert result.exit_code == 2
    assert "got a folder with these, newest first:\n  runs/b/0001\n  runs/a/0002\n  runs/a/0001\n" in result.stderr
    assert command_in(result.stderr) == ["predict", "runs/b/0001", "the food", "--format", "jsonl"]
    assert kerasseq(*command_in(result.stderr)).exit_code == 0
    for verb in ("evaluate", "export", "verify"):
        assert command_in(kerasseq(verb, "runs").stderr) == [verb, "runs/b/0001"]
        assert command_in(kerasseq(verb, ".").stderr) == [verb, "runs/b/0001"]
        assert command_in(kerasseq(verb).stderr) == [verb, "runs/b/0001"]
    assert command_in(kerasseq("predict", "a", "good").stderr) == ["predict", "runs/a", "good"]
    assert kerasseq("predict", "runs/a", "good").exit_code == 0


def test_help_is_a_verb_too(kerasseq):
    assert kerasseq("help").stdout == kerasseq("--help").stdout
    assert kerasseq("help", "config", "new").stdout == kerasseq("config", "new", "--help").stdout
    wrong = kerasseq("help", "confg")
    assert wrong.exit_code == 2 and 'unknown command "confg"; did you mean "config"?' in wrong.stderr
    assert kerasseq("help", "run", "x").exit_code == 2 and kerasseq("help", "--", "-x").exit_code == 2
    assert kerasseq("version").stdout == f"kerasseq {__version__}\n"
