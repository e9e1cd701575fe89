"""What a row costs in memory: checked, trained on, and answered."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BOUND = 2 * 2**30 / 10_000_000
"""Bytes a row with which 10 million rows take 2 GiB."""

EXPERIMENT = """
name = "many"
[dataset]
name = "table"
train = "{file}"
[tokenizer]
name = "word"
max_length = 16
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
batch_size = 512
"""

CHILD = """
import json, sys, threading, time
import kerasseq.arrays.scratch
kerasseq.arrays.scratch.CHUNK = 4096  # before the others take it over
from kerasseq.datasets import large, spool
large.LARGE, large.BLOCK, spool.LIMIT = 1 << 20, 1 << 19, 1 << 20
import sklearn.model_selection, sklearn.metrics, pyarrow.csv, pyarrow.parquet
from kerasseq import experiment as road
from kerasseq.commands.main import main
from kerasseq.config.read import read_experiment
from kerasseq.run_directory import RunDirectory

verb, config, runs = sys.argv[1:4]
if verb == "predict":  # with what a run of few rows learned
    few = RunDirectory.create(runs, "few")
    road.train(*road.build(read_experiment(sys.argv[4])), few)
peak = 0

def watch():
    global peak
    while True:
        with open("/proc/self/status") as status:
            anonymous = next(line for line in status if line.startswith("RssAnon"))
        peak = max(peak, int(anonymous.split()[1]) * 1024)
        time.sleep(0.005)

threading.Thread(target=watch, daemon=True).start()
if verb == "train":
    road.train(*road.build(read_experiment(config)), RunDirectory.create(runs, "many"))
elif verb == "check":
    main(["dataset", "check", config], standalone_mode=False)
else:
    file = str(read_experiment(config).dataset.train)
    main(["predict", str(few.path), "--input", file, "--output", runs + "/answers.csv"], standalone_mode=False)
print(json.dumps(peak))
"""


def write(folder: Path, rows: int, form: str) -> Path:
    draw = random.Random(0)
    words = [f"word{i}" for i in range(5000)]
    texts = [" ".join(draw.choices(words, k=draw.randint(8, 12))) for _ in range(rows)]
    targets = [["bad", "good"][i % 2] for i in range(rows)]
    file = folder / f"{rows}.{form}"
    if form == "parquet":
        pq.write_table(pa.table({"text": texts, "target": targets}), file, row_group_size=50_000)
    else:
        lines = (f"{text},{target}\n" for text, target in zip(texts, targets, strict=True))
        with file.open("w", encoding="utf-8") as out:
            out.writelines(["text,target\n", *lines])
    experiment = folder / f"{rows}-{form}.toml"
    experiment.write_text(EXPERIMENT.format(file=file.name), encoding="utf-8")
    return experiment


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory a process holds")
@pytest.mark.parametrize(
    ("verb", "form"), [("train", "csv"), ("train", "parquet"), ("check", "csv"), ("predict", "csv")]
)
def test_ten_million_short_texts_take_less_than_2_gib_beyond_the_model(tmp_path, verb, form):
    peaks = []
    sizes = (60_000, 360_000)
    for rows in sizes:
        config, few = str(write(tmp_path, rows, form)), str(write(tmp_path, 500, form))
        command = [sys.executable, "-c", CHILD, verb, config, str(tmp_path / f"runs-{rows}"), few]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr
        peaks.append(json.loads(done.stdout.splitlines()[-1]))
    assert (peaks[1] - peaks[0]) / (sizes[1] - sizes[0]) < BOUND
