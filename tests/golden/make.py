"""Make the golden set of a version: `python tests/golden/make.py tests/golden/0.2.0`, as a part of its release.

One small run of each shape, with what it answers, through Keras and through its model.onnx. The folder must be
new: what an earlier version left is never written anew.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

HEAD = """
name = "{name}"
[tokenizer]
name = "{tokenizer}"
{longest}[embedding]
name = "learned"
dimension = 4
[encoder]
name = "{encoder}"
units = {units}
layers = 1
bidirectional = {both}
dropout = 0.0
[training]
epochs = {epochs}
batch_size = 8
learning_rate = 0.02
[evaluation]
resamples = 100
"""
TABLE = '[dataset]\nname = "table"\ntrain = "rows.csv"\ntarget = "{target}"\n[pooler]\nname = "{pooler}"\n'
LINKS = '[[preprocessor]]\nname = "links"\n[[preprocessor]]\nname = "elongation"\n'

SHAPES: dict[str, tuple[dict[str, Any], str]] = {
    "classification": (
        {},
        TABLE.format(target="mood", pooler="attention") + LINKS + '[task]\nname = "classification"\n',
    ),
    "regression": (
        {"encoder": "gru"},
        TABLE.format(target="stars", pooler="mean").replace("target", 'text_2 = "topic"\ntarget')
        + '[task]\nname = "regression"\npair = "combine"\nrange = [0, 10]\n',
    ),
    "wide": (
        {"tokenizer": "character", "both": "false"},
        TABLE.format(target="mood", pooler="max")
        + '[wide]\nname = "ngrams"\ncharacters = 0\n[task]\nname = "classification"\n',
    ),
    "tagging": (
        {"tokenizer": "given"},
        '[dataset]\nname = "tokens"\ntrain = "sentences.conll"\n[task]\nname = "tagging"\nscheme = "bio"\n',
    ),
    "language_model": (
        {"tokenizer": "character", "encoder": "gru", "both": "false", "units": 8, "longest": ""},
        '[dataset]\nname = "documents"\ntrain = "texts.txt"\n[task]\nname = "language_model"\nbptt = 16\n'
        '[search]\nname = "sample"\ntemperature = 0.7\n',
    ),
    "translation": (
        {"tokenizer": "character", "encoder": "gru", "longest": "max_length = 32\n"},
        '[dataset]\nname = "parallel"\ntrain = ["one.txt", "two.txt"]\n[decoder]\nname = "gru"\nunits = 6\n'
        '[task]\nname = "translation"\nmax_length = 8\nscore = "exact_match"\n[search]\nname = "beam"\nwidth = 2\n',
    ),
}
"""What each differs in, and its sections."""

TEXTS = ["خدمة ممتازة", "the food was good", "www.example.com(مهم)", "", "لا يوجد"]
TOPICS = ["الطعام", "food", "", "x", "كتاب"]
TOKENS = [["Mona", "lives", "in", "Cairo"], ["غريب"], []]
PROMPTS = ["the ", "قال", ""]
NUMBERS = ["one two", "three", "four one five"]


def write_data(folder: Path) -> None:
    """Rows for every shape, drawn from one seed."""
    draw = random.Random(0)
    words = "خدمة ممتازة رديئة الطعام لذيذ بارد the food was good bad cold".split()
    rows = ["text,topic,mood,stars"]
    for i in range(60):
        text, topic = (" ".join(draw.choices(words, k=k)) for k in (1 + i % 7, 2))
        rows.append(f"{text},{topic},{['bad', 'good', 'so-so'][i % 3]},{i * 7 % 101 / 10}")
    (folder / "rows.csv").write_text("\n".join([*rows, ""]), encoding="utf-8", newline="\n")
    lines = []
    for _ in range(40):
        name, place = draw.choice(["Mona", "Omar", "ليلى"]), draw.choice(["Cairo", "بغداد"])
        lines += [f"{name} B-person", f"{draw.choice(['lives', 'works'])} O", "in O", f"{place} B-place", ""]
    (folder / "sentences.conll").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    text = "".join(draw.choice(["the cat sat. ", "قال الولد نعم. ", "a dog ran. "]) for _ in range(120))
    (folder / "texts.txt").write_text(text, encoding="utf-8", newline="\n")
    digits = "zero one two three four five".split()
    drawn = sorted({tuple(draw.choices(range(6), k=1 + i % 3)) for i in range(90)})
    for file, spelt in (("one.txt", lambda n: digits[n] + " "), ("two.txt", str)):
        said = ["".join(map(spelt, row)).strip() for row in drawn]
        (folder / file).write_text("\n".join([*said, ""]), encoding="utf-8", newline="\n")


def asked(name: str) -> list[list[Any]]:
    """The columns of rows that a shape answers."""
    return {"regression": [TEXTS, TOPICS], "tagging": [TOKENS], "translation": [NUMBERS]}.get(name, [TEXTS])


def answers(run: Path) -> dict[str, Any]:
    """What a run says, and what its model.onnx says; also what a newer version must say."""
    from kerasseq.loading import load
    from kerasseq.runtime import load as load_file

    trained, exported = load(run), load_file(run / "model.onnx")
    if run.name == "language_model":
        written = trained.generate(PROMPTS, max_length=12, seed=3)
        exports = [draft for [draft] in exported.generate(PROMPTS, max_length=12, seed=3)]
        return {"keras": {"text": [d.text for d in written]}, "onnx": {"text": [d.text for d in exports]}}
    return {"keras": trained.predict(*asked(run.name)), "onnx": exported.predict(*asked(run.name))}


def make(folder: Path) -> None:
    """Train each, and leave what a run needs to be opened, measured and answered from."""
    from kerasseq.config.read import read_experiment
    from kerasseq.experiment import run

    folder.mkdir(parents=True)
    write_data(folder)
    settings = {
        "tokenizer": "whitespace",
        "encoder": "lstm",
        "units": 3,
        "both": "true",
        "longest": "max_length = 16\n",
        "epochs": 4,
    }
    for name, (differs, sections) in SHAPES.items():
        toml = folder / f"{name}.toml"
        toml.write_text(HEAD.format(name=name, **(settings | differs)) + sections, encoding="utf-8", newline="\n")
        made = run(read_experiment(toml), folder / "runs").directory.path
        toml.unlink()
        kept = shutil.copytree(made, folder / name, ignore=shutil.ignore_patterns("checkpoints", "report.html", "*.md"))
        said = json.dumps(answers(kept), ensure_ascii=False, indent=1)
        (kept / "answers.json").write_text(said + "\n", encoding="utf-8", newline="\n")
    shutil.rmtree(folder / "runs")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
