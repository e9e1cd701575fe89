"""What each step is worth on AJGT and ArSarcasm: train with it and without it, print a markdown table."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import tomli_w

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "real"
SETS = {"ajgt": ("AJGT, accuracy", "accuracy"), "arsarcasm": ("ArSarcasm, macro F1", "f1_macro")}

Steps = list[dict[str, Any]]

STEPS: dict[str, Steps] = {
    "as configured": [],
    "dialect": [{"name": "arabic_dialect"}],
    "stem, snowball": [{"name": "arabic_stem"}],
    "stem, isri": [{"name": "arabic_stem", "stemmer": "isri"}],
    "stem, arlstem": [{"name": "arabic_stem", "stemmer": "arlstem"}],
    "stem, arlstem2": [{"name": "arabic_stem", "stemmer": "arlstem2"}],
    "lemmas": [{"name": "arabic_lemmas"}],
    "roots": [{"name": "arabic_roots"}],
    "segments": [{"name": "farasa"}],
    "dialect, stem": [{"name": "arabic_dialect"}, {"name": "arabic_stem"}],
    "arabert alone": [{"name": "arabert"}],
}
"""What is added behind the preprocessors of the configuration; `arabert alone` stands in their place."""

NEEDS = {
    "stem, isri": "nltk",
    "stem, arlstem": "nltk",
    "stem, arlstem2": "nltk",
    "lemmas": "qalsadi",
    "roots": "tashaphyne",
    "segments": "farasa",
}


def missing(step: str) -> str:
    """What is not installed of what the step needs, or nothing."""
    library = NEEDS.get(step, "")
    if library and find_spec(library) is None:
        return library
    return "java" if library == "farasa" and which("java") is None else ""


def experiment(data: str, step: str, seed: int) -> dict[str, Any]:
    """The configuration with the step added, named after both."""
    table = tomllib.loads((CONFIGS / f"{data}.toml").read_text(encoding="utf-8"))
    before = [] if step == "arabert alone" else table["preprocessor"]
    name = f"{data}-{step.replace(', ', '-').replace(' ', '-')}-{seed}"
    return {**table, "name": name, "seed": seed, "preprocessor": [*before, *STEPS[step]]}


def score(table: dict[str, Any], out: Path, metric: str) -> float:
    """The test score in percent; trains unless an earlier call did."""
    found = sorted(out.glob(f"runs/{table['name']}/*/metrics.json"))
    if not found:
        path = out / f"{table['name']}.toml"
        path.write_text(tomli_w.dumps(table), encoding="utf-8")
        program = [str(Path(sys.executable).with_name("kerasseq")), "run", str(path), "--out", str(out / "runs")]
        subprocess.run(program, check=True, stdout=sys.stderr)
        found = sorted(out.glob(f"runs/{table['name']}/*/metrics.json"))
    return 100 * float(json.loads(found[-1].read_text(encoding="utf-8"))["scores"][metric]["value"])


def row(step: str, sets: Sequence[str], seeds: Sequence[int], out: Path) -> str:
    """One line of the table."""
    lack = missing(step)
    if lack:
        return f"| {step} | " + " | ".join(f"{lack} is not installed" for _ in sets) + " |"
    cells = []
    for data in sets:
        scores = [score(experiment(data, step, seed), out, SETS[data][1]) for seed in seeds]
        cells.append(f"{sum(scores) / len(scores):.1f} ({', '.join(f'{each:.1f}' for each in scores)})")
    return f"| {step} | " + " | ".join(cells) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; each line as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("worth"), help="folder of the runs (worth)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--steps", nargs="+", choices=list(STEPS), default=list(STEPS))
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    print("| step | " + " | ".join(SETS[data][0] for data in chosen.sets) + " |")
    print("|---" * (1 + len(chosen.sets)) + "|")
    for step in chosen.steps:
        print(row(step, chosen.sets, chosen.seeds, chosen.out), flush=True)


if __name__ == "__main__":
    main()
