"""`kerasseq generate`."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from kerasseq.config import finished
from kerasseq.config.read import read_experiment
from kerasseq.experiment import run
from kerasseq.searches.beam import Beam
from kerasseq.searches.greedy import Greedy

CONFIG = """
name = "writer"
exporter = []
[dataset]
name = "documents"
train = "texts.txt"
[tokenizer]
name = "character"
[embedding]
name = "learned"
dimension = 8
[encoder]
name = "gru"
units = 16
layers = 1
bidirectional = false
[task]
name = "language_model"
[search]
name = "sample"
temperature = 0.7
repetition_penalty = 1.0
[training]
epochs = 3
batch_size = 4
learning_rate = 0.03
[evaluation]
resamples = 100
"""


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("writer")
    (folder / "texts.txt").write_text("قال الولد نعم. the cat sat. " * 60, encoding="utf-8")
    (folder / "c.toml").write_text(CONFIG, encoding="utf-8")
    return str(run(read_experiment(folder / "c.toml"), folder / "runs").directory.path)


def rows(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_prompt_is_written_on_and_the_same_seed_writes_the_same(kerasseq, writer):
    one, two, other = (
        kerasseq("generate", writer, "the ", "--max-length", "20", "--seed", seed) for seed in ("1", "1", "2")
    )
    assert one.exit_code == 0, one.output
    assert one.stdout.startswith("the ")
    assert 4 < len(one.stdout.rstrip("\n")) <= 24
    assert one.stdout == two.stdout
    assert one.stdout != other.stdout


def test_a_stream_prints_the_same_text(kerasseq, writer):
    whole = kerasseq("generate", writer, "قال", "--max-length", "30")
    stream = kerasseq("generate", writer, "قال", "--max-length", "30", "--stream")
    assert stream.exit_code == 0, stream.output
    assert stream.stdout == whole.stdout


def test_prompts_may_be_repeated_or_be_lines_and_each_has_its_samples(kerasseq, writer):
    asked = ("--max-length", "5", "--samples", "2", "--format", "jsonl")
    repeated = rows(kerasseq("generate", writer, "--prompt", "the", "--prompt", "cat", *asked))
    lines = rows(kerasseq("generate", writer, "-", *asked, input="the\ncat\n"))
    assert [row["prompt"] for row in repeated] == ["the", "the", "cat", "cat"]
    assert repeated == lines
    assert set(repeated[0]) == {"prompt", "text", "tokens", "log_probability", "ended"}


def test_nothing_begins_a_text(kerasseq, writer):
    [row] = rows(kerasseq("generate", writer, "--max-length", "3", "--format", "jsonl"))
    assert row["prompt"] == ""
    assert row["tokens"] <= 3


def test_an_option_goes_before_what_the_run_says(kerasseq, writer):
    greedy = rows(kerasseq("generate", writer, "the", "--greedy", "--max-length", "12", "--format", "jsonl"))
    cold = rows(
        kerasseq("generate", writer, "the", "--temperature", "0.001", "--max-length", "12", "--format", "jsonl")
    )
    assert greedy == cold  # [search] of the run has no penalty, which stays
    beam = rows(
        kerasseq("generate", writer, "the", "--beam", "3", "--samples", "2", "--max-length", "12", "--format", "jsonl")
    )
    assert len(beam) == 2
    assert beam[0]["text"] != beam[1]["text"]


def test_a_run_that_draws_nothing_gives_no_text_twice(kerasseq, writer, monkeypatch):
    asked = ("generate", writer, "the", "--max-length", "6", "--format", "jsonl", "--samples", "3")
    read = finished.read_run

    def searched(search):
        monkeypatch.setattr(finished, "read_run", lambda *given: replace(read(*given), search=search))

    beam = rows(kerasseq(*asked, "--beam", "5"))
    searched(Beam(width=5, n_best=2))
    assert rows(kerasseq(*asked)) == beam
    assert len(beam) == 3
    searched(Greedy())
    result = kerasseq(*asked)
    assert (result.exit_code, "--samples: must be 1 where [search] is greedy, got 3" in result.stderr) == (2, True)
    assert len(rows(kerasseq(*asked, "--temperature", "1"))) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--temperature", "-1", "--top-p", "0"), "--top-p: must be greater than 0, got 0"),
        (("--temperature", "0"), "--temperature: must be greater than 0, got 0.0; use --greedy for"),
        (("--top-p", "1.5"), "--top-p: must be at most 1, got 1.5"),
        (("--repetition-penalty", "0.5"), "--repetition-penalty: must be at least 1, got 0.5"),
        (("--beam", "3", "--top-k", "5"), "--beam searches, it does not draw; remove --top-k"),
        (("--greedy", "--top-k", "5"), "--greedy draws nothing; remove --top-k"),
        (("--greedy", "--samples", "5"), "--greedy draws nothing; remove --samples"),
        (("--stop", ""), "stop: must be texts of a character or more"),
        (("--stream", "--samples", "2"), "--stream prints one text"),
        (("--prompt", "x"), "give PROMPT or --prompt, not both"),
        (("--max-length", "0"), "--max-length"),
        (("--beam", "3000"), "beam"),
    ],
)
def test_what_cannot_be_asked_is_said(kerasseq, writer, options, said):
    result = kerasseq("generate", writer, "the", *options)
    assert result.exit_code != 0
    assert said in result.stderr.replace("\n", " ")


def test_unknown_characters_of_a_prompt_are_counted(kerasseq, writer):
    result = kerasseq("generate", writer, "theξξ", "--max-length", "2")
    assert result.exit_code == 0, result.output
    assert 'prompt: 2 tokens of "theξξ" are unknown' in result.stderr


def test_what_commands_a_terminal_is_not_printed(kerasseq, writer):
    result = kerasseq("generate", writer, "the\x1b[2J\x9b2J\x7f", "--max-length", "2")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("the[2J2J")


def test_a_prompt_that_is_no_utf_8_is_named_with_its_line(kerasseq, writer):
    result = kerasseq("generate", writer, "-", input=b"the\nc\xff\n")
    assert result.exit_code != 0
    assert "standard input:2: text: must be utf-8, got byte 0xFF" in result.stderr


def test_a_run_of_another_task_does_not_write(kerasseq, finished):
    result = kerasseq("generate", finished, "the")
    assert result.exit_code == 2
    assert "must be of a task that writes" in result.stderr


def test_a_text_has_a_perplexity(kerasseq, writer):
    result = kerasseq("predict", writer, "-", input="the cat sat.\ntas tac eht.\n")
    assert result.exit_code == 0, result.output
    known, strange = (float(line.rpartition(",")[2]) for line in result.stdout.splitlines()[1:])
    assert known < strange


@pytest.fixture
def exported(kerasseq, writer, tmp_path_factory):
    """The file of the run, in a folder of its own."""
    path = tmp_path_factory.getbasetemp() / "alone" / "writer.onnx"
    if not path.exists():
        path.parent.mkdir()
        result = kerasseq("export", writer, "--to", "onnx", "--out", str(path))
        assert result.exit_code == 0, result.output
    return str(path)


@pytest.mark.parametrize(
    "options",
    [("--seed", "4", "--samples", "3"), ("--temperature", "1.5", "--top-k", "5"), ("--greedy",), ("--beam", "3")],
)
def test_a_file_alone_writes_what_its_run_writes(kerasseq, writer, exported, options):
    asked = ("--prompt", "the c", "--prompt", "قال", "--stop", ".", "--max-length", "20", "--format", "jsonl", *options)
    ours, its = (rows(kerasseq("generate", model, *asked)) for model in (writer, exported))
    keys = ("prompt", "text", "tokens", "ended")
    assert [[row[key] for key in keys] for row in its] == [[row[key] for key in keys] for row in ours]
    assert max(abs(a["log_probability"] - b["log_probability"]) for a, b in zip(its, ours, strict=True)) < 1e-3


def test_a_file_is_written_with_by_onnxruntime_alone(exported):
    code = (
        "import sys; from kerasseq.__main__ import main\n"
        "try: main()\n"
        "finally: print(sorted({'keras', 'torch', 'jax', 'tokenizers'} & {*sys.modules}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "generate", exported, "the ", "--max-length", "9"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("the ")
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_file_has_no_backend_and_must_be_there(kerasseq, exported):
    result = kerasseq("generate", exported, "the", "--backend", "torch")
    assert (result.exit_code, "--backend: an exported file has none" in result.stderr) == (2, True)
    result = kerasseq("generate", "none.onnx", "the")
    assert (result.exit_code, "must be a model file, got nothing there" in result.stderr) == (1, True)
