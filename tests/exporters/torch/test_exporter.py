import json
import os
import subprocess
import sys

import pytest
import torch

from kerasseq import experiment as road
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.exporters.every import subject_of
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch import exporter as torch_exporter
from kerasseq.exporters.torch.exporter import TorchExporter
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory


def subject(run, texts=("خدمة", "bad food", "good"), second=()):
    return subject_of(load(run), RunDirectory(run), Texts(list(texts), list(second)), None, "nobody, 2020")


def trained_run(tiny, folder, *overrides):
    overrides = ["exporter=[]", "training.epochs=1", *overrides]
    return road.run(read_experiment(tiny(folder), overrides), folder / "runs").directory


ALONE = """
import json, sys, torch
extra = {"kerasseq.json": ""}
module = torch.export.load(sys.argv[1], extra_files=extra).module()
about = json.loads(extra["kerasseq.json"])
known = {token: n for n, token in enumerate(about["tokenizer"]["vocabulary"])}
answer = module(torch.tensor([[known["good"], known["food"], 0], [known["bad"], 0, 0]]))
print(json.dumps([about["labels"][i] for i in answer["label"]] + answer["probabilities"].tolist()))
assert not {"keras", "kerasseq"} & set(sys.modules)
"""


def test_the_command_writes_a_proved_file_that_torch_alone_reads(kerasseq_main, finished, tmp_path):
    path = tmp_path / "mine.pt2"
    result = kerasseq_main("export", finished, "--to", "torch", "--out", path)
    assert result.exit_code == 0, result.output
    assert "proof: in a new process of torch alone: equal to the model within" in result.stdout
    assert "12 test texts" in result.stdout and "padded to 400" in result.stdout
    assert "inputs: tokens int64 (batch, time)" in result.stdout
    assert "outputs: label int64 (batch), probabilities float32 (batch, 3)" in result.stdout
    assert "left to Python: text to ids; kerasseq.json inside" in result.stdout
    call = [sys.executable, "-P", "-c", ALONE, str(path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    wanted = load(finished).predict(["good food", "bad"])
    assert said[:2] == wanted["prediction"]
    assert [max(row) for row in said[2:]] == pytest.approx(wanted["score"], abs=2e-5)


@pytest.mark.once
def test_the_file_says_what_it_is(finished, tmp_path, opened_here):
    path = tmp_path / "model.pt2"
    with opened_here():
        TorchExporter().export(subject(finished), path)
    extra = {"kerasseq.json": ""}
    torch.export.load(path, extra_files=extra)
    said = json.loads(extra["kerasseq.json"])
    environment = json.loads(RunDirectory(finished).environment.read_text(encoding="utf-8"))
    assert said["labels"] == ["bad", "good", "so-so"] and said["citation"] == "nobody, 2020"
    assert said["data"] == environment["data"] and said["components"] == environment["components"]
    assert said["tokenizer"]["max_length"] == 8 and said["tokenizer"]["truncation"] == "head"
    assert [step["name"] for step in said["preprocessors"]] == ["links"]
    assert said["inputs"] == {"tokens": {"dtype": "int64", "shape": ["batch", "time"]}}


@pytest.mark.once
def test_a_run_on_pairs_read_apart_with_a_score_in_a_range(tiny, tmp_path, opened_here):
    overrides = ['dataset.text_2="topic"', 'dataset.target="stars"', 'task.name="regression"', "task.range=[0, 10]"]
    directory = trained_run(tiny, tmp_path, *overrides, 'task.pair="combine"', 'encoder.name="lstm"')
    exporter = TorchExporter()
    with opened_here():
        exported = exporter.export(subject(directory.path, ("a", ""), ("b c", "good")), exporter.path(directory))
    assert exported.path == directory.path / "model.pt2"
    assert exported.facts["inputs"] == "tokens int64 (batch, time), tokens_2 int64 (batch, time_2)"
    assert exported.facts["outputs"] == "score float32 (batch)"


@pytest.mark.once
def test_what_differs_is_not_written_and_the_first_text_is_named(finished, tmp_path, monkeypatch, opened_here):
    path = tmp_path / "model.pt2"
    path.write_bytes(b"older")
    honest = torch_exporter.program

    def tampered(network, inputs):
        for weight in network.parameters():
            weight.mul_(1.01)
        return honest(network, inputs)

    monkeypatch.setattr(torch_exporter, "program", tampered)
    said = r"model\.pt2: must answer as the model does, \d of 3 texts differ.*'خدمة'.*nothing was written"
    with opened_here(), pytest.raises(Refused, match=said):
        TorchExporter().export(subject(finished), path)
    assert path.read_bytes() == b"older" and [p.name for p in tmp_path.iterdir()] == ["model.pt2"]


@pytest.mark.once
def test_the_lectures_gru_is_refused_and_nothing_is_written(kerasseq_main, tiny, tmp_path):
    directory = trained_run(tiny, tmp_path, 'encoder.reset="before"')
    result = kerasseq_main("export", directory.path, "--to", "torch")
    assert result.exit_code == 1 and 'got reset = "before"; nothing was written' in result.stderr
    assert not directory.torch.exists()
