"""The model card: what the model is for, what it was trained on, how good it is and where it ends.

After Mitchell et al., Model Cards for Model Reporting, 2019.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasseq.console import count
from kerasseq.files import write_text
from kerasseq.metrics.scores import Score, baseline_title
from kerasseq.report.curves import best_epoch
from kerasseq.report.data import ReportData
from kerasseq.report.head import card_head
from kerasseq.report.markdown import plain, table
from kerasseq.report.markup import number
from kerasseq.report.shown import shown
from kerasseq.report.summary import interval, whole_scores
from kerasseq.report.verdict import verdict

__all__ = ["model_card", "write_card"]


def write_card(data: ReportData, path: Path | str) -> None:
    """Write `MODEL_CARD.md`; it appears whole or not at all."""
    write_text(path, model_card(data))


def model_card(data: ReportData) -> str:
    """The card as Markdown, below the head that the Hugging Face Hub reads."""
    sections = {
        "Intended use": _use(data),
        "Data": _facts(data.dataset),
        "Training": _training(data),
        "Scores": _scores(data),
        "Limits": _limits(data),
        "How to load": _loading(data),
        "Environment": _facts(data.environment),
    }
    parts = [f"# {plain(data.name)}", *(f"## {name}\n\n{text}" for name, text in sections.items() if text)]
    return card_head(data) + "\n" + "\n\n".join(parts) + "\n"


def _use(data: ReportData) -> str:
    return (
        f"{plain(data.use)} It is meant for rows of the kind it was trained on, named under Data. Outside of them, and "
        "for decisions about people, test it on some of your own first."
    )


def _facts(facts: Mapping[str, Any]) -> str:
    return "\n".join(f"- {plain(key).replace(chr(92) + '_', ' ')}: {_fact(value)}" for key, value in facts.items())


def _fact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(key)} {_fact(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_fact, value))
    return plain(f"{value:.4g}" if isinstance(value, float) else number(value))


def _training(data: ReportData) -> str:
    text = f"{data.parameters:,} weights, {count(len(data.history), 'epoch')}, {data.seconds:,.1f} s."
    kept = f" The weights of epoch {best_epoch(data):g} were kept." if best_epoch(data) else ""
    return f"{text}{kept} `experiment.toml` beside this file holds every setting."


def _scores(data: ReportData) -> str:
    baselines = {name: {score.name: score for score in scores} for name, scores in data.baselines.items()}
    rows = []
    for score in whole_scores(data.scores):
        name = score.title + (" (lower is better)" if score.lower_is_better else "")
        own = f"**{shown(score, score.value)}**" if score.name == data.main_score.name else shown(score, score.value)
        others = [_value(found.get(score.name)) for found in baselines.values()]
        rows.append([name, own, interval(score) or plain(score.note), *others])
    percent = f"{100 * data.confidence:g} % interval"
    said = plain(" ".join(verdict(data.against, data.main_score.name)))
    head = ["score", "this model", percent, *(plain(baseline_title(name)) for name in baselines)]
    return f"On {data.rows:,} test rows, bootstrap over rows.\n\n{table(head, rows)}\n\n{said}{_advice(data)}"


def _advice(data: ReportData) -> str:
    """What to try next, a point each."""
    return "".join(
        ["\n\nTo try next:\n" if data.advice else "", *(f"\n- {plain(a.why)}: `{a.command}`" for a in data.advice)]
    )


def _value(score: Score | None) -> str:
    return "–" if score is None else shown(score, score.value)


def _limits(data: ReportData) -> str:
    lines = []
    weak = [
        score for score in data.scores if score.name.startswith("f1[") and score.value is not None and score.value < 0.5
    ]
    if weak:
        named = ", ".join(f"{plain(score.name[3:-1])} ({shown(score, score.value)})" for score in weak)
        lines.append(f"- F1 is under 0.5 for {named}.")
    lines += [
        "- The intervals say how far the score would move with other test rows of the same kind. They do not cover "
        "other sources, other dialects, later language, or training again with another seed.",
        "- The model repeats what its labels say, their mistakes and their bias included; `report.html` lists the test "
        "rows it gets most wrong.",
        "- Attention weights, where there are any, show what a step contributed. They are no explanation.",
    ]
    return "\n".join(lines)


def _loading(data: ReportData) -> str:
    imports = "".join(f"import {name}  # layers of its own\n" for name in data.imports)
    return (
        "In this directory:\n\n"
        f"```sh\nkerasseq predict . {data.example}\nkerasseq evaluate . --data new.csv\n```\n\n"
        "Weights and layers alone, without the text steps of `experiment.toml` and `tokenizer.json`:\n\n"
        f'```python\nimport keras\n{imports}model = keras.saving.load_model("model.keras")\n```'
    )
