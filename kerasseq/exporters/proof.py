"""Whether an artifact answers as the model does: on the test texts, and on texts made to find a difference."""

# N texts, K classes

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerasseq.corpus.text import Texts
from kerasseq.exporters.exporter import Refused

if TYPE_CHECKING:
    from kerasseq.tasks.task import Task
    from kerasseq.trained import TrainedModel

__all__ = [
    "MARGIN",
    "TOLERANCE",
    "Answers",
    "Difference",
    "Proof",
    "as_rows",
    "check_labels",
    "compare",
    "made_texts",
    "proof_texts",
    "prove",
    "unit_of",
]

TOLERANCE = 1e-5
"""Largest difference of a probability, or of a score in deviations of the training targets."""

MARGIN = 1e-4
"""A label must be the same where the two likeliest classes are further apart."""

LENGTHS = (1, 4, 7, 50, 400)
BATCHES = (0, 1, 3, 64)
MOST = 1000
"""Test texts that a proof looks at, evenly spread."""

LONG = 10_000

HOSTILE = (
    "",
    " \t\r\n\v\f\x85\xa0\u2003\u2028\u2029\u3000",
    "\x01\x07\x1b[0m\x1c\x1d\x7f",
    "a\x00b\x00\x00",
    "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\uffff\ufffe\U0010ffff",
    "\ufeff\u200b\u200c\u200d\u2060\xad\u034f\u202e\u2066x\u2069",
    "e\u0301\u0302\u0327 a\u030a \u0627\u064e\u0654 \u0648\u0654 \u1100\u1161\u11a8",
    "ﷺ ﷲ ﻻ ﬁ ½ ² ａＢ ℌ ㍿ ẞ ß İ ı ς Σ ǅ \U0001d54f",
    "👨‍👩‍👧‍👦 👍🏽 🇪🇬🇪 🏴\U000e0067\U000e0062\U000e007f ❤️ ☎︎ 1️⃣ \u200d\ufe0f",
    "[UNK] [SEP] [PAD] [url] [user] <unk> </s> <|endoftext|> [] [a]",
    "http://t.co/abcعربي https://x.y/(z).،؟ www.a.b a@b.co @@@x #_a_b_ #a_b_c_d_e_f_g_h_i_j_k_l_m",
    "<b>un<i>believ</i>able</b><br/>a < b <3 &amp;amp; &#39; &#x1F600; &nbsp; &foo; &#0; &#xD800; <!-- c --> <script>x",
    "don't DON'T won’t l'homme 'tis rock'n'roll -- well-known a--b ''a'' _x_ __",
    "3.5 ١٢٫٥ ۱۲ 12:30 2024/05/01 50% ٪ 3D covid19 1,000.5. .5 5. ½",
    "sooooo goooood!!!!!!! ؟؟؟؟ ...... ههههههه جميييييل ـــ",
    "\\1 \\0 \\g<0> $1 \\ ^ $ . * + ? ( ) [ ] { } |",
    "漢字かな交じり文 ไทย हिन्दी עברית Ελληνικά русский",
    "Z" + "\u0301" * 60,
)
"""Texts that have broken string handling somewhere."""


@dataclass(frozen=True)
class Difference:
    """Where an artifact and the model part.

    Attributes:
        largest: Of all texts, in probabilities, or in deviations of the training targets.
        text: The first text that differs by more than is allowed; None where none does.
        said: What was answered to it.
    """

    largest: float
    text: str | None = None
    said: str = ""


@dataclass(frozen=True)
class Proof:
    """What was shown.

    Attributes:
        texts: How many test texts.
        made: How many made ones.
        largest: Largest difference.
    """

    texts: int
    made: int
    largest: float

    def __str__(self) -> str:
        return (
            f"equal to the model within {self.largest:.1e} on {self.texts:,} test texts and {self.made} made ones, "
            f"lengths {', '.join(map(str, LENGTHS))} and {LONG:,}, batches {', '.join(map(str, BATCHES))}"
        )


Answers = Callable[[Texts], NDArray[np.float64]]
"""Texts to probabilities `(N, K)`, or to scores `(N, 1)`."""


def as_rows(values: Any) -> NDArray[np.float64]:
    """What `Answers` gives, from probabilities `(N, K)` or scores `(N,)` of any type.

    >>> as_rows([0.5, 2]).tolist()
    [[0.5], [2.0]]
    """
    rows = np.asarray(values, dtype=np.float64)
    return rows if rows.ndim == 2 else rows[:, None]


def prove(name: str, trained: TrainedModel, texts: Texts, answers: Answers, tolerance: float = TOLERANCE) -> Proof:
    """Compare an artifact with the model it came from.

    Args:
        name: What to call the artifact in messages.
        trained: The model.
        texts: Its test texts, or none.
        answers: The artifact.
        tolerance: See `TOLERANCE`.

    Raises:
        Refused: They differ, with the first text that does; or the artifact fails on a text.
    """
    some, made = proof_texts(texts), made_texts(trained)
    largest = 0.0
    for subject, batches in ((some, (64,)), (made, BATCHES)):
        wanted = _model_answers(trained, subject)
        for size in batches:
            rows = list(_cut(len(subject), size))
            try:
                got = np.concatenate([answers(subject.take(part)) for part in rows])
            except Refused:
                raise
            except Exception as cause:
                raise Refused(f"{name}: must answer every text, batches of {size} failed: {cause}") from cause
            asked = sum(map(len, rows))
            if len(got) != asked:
                raise Refused(
                    f"{name}: must answer every text once, got {len(got)} answers to {asked}, batches of {size}"
                )
            found = compare(trained.task, subject, wanted[:asked], got, tolerance)
            if found.text is not None:
                raise Refused(f"{name}: must answer as the model does, {found.said}; nothing was written")
            largest = max(largest, found.largest)
    return Proof(len(some), len(made), largest)


def compare(
    task: Task, texts: Texts, wanted: NDArray[np.float64], got: NDArray[np.float64], tolerance: float
) -> Difference:
    """The largest difference, and the first text that differs by more than `tolerance` or in its label."""
    if not len(wanted):
        return Difference(0.0)
    if got.shape != wanted.shape:
        return Difference(np.inf, texts.first[0], f"it gave {got.shape} answers for {wanted.shape}")
    apart = np.abs(got - wanted).max(axis=1) / unit_of(task)  # (N,)
    wrong = ~(apart <= tolerance)
    if task.labels:
        wrong |= _clear(wanted) & (got.argmax(axis=1) != wanted.argmax(axis=1))
    largest = float(np.nan_to_num(apart, nan=np.inf).max())
    if not wrong.any():
        return Difference(largest)
    row = int(np.flatnonzero(wrong)[0])
    both = f"{_shown(task, wanted[row])}, it said {_shown(task, got[row])}"
    text = " | ".join([texts.first[row], *([texts.second[row]] if texts.second else [])])
    count = f"{int(wrong.sum()):,} of {len(wrong):,} texts differ, by up to {largest:.1e}"
    return Difference(largest, text, f"{count}; the first is {_short(text)!r}: the model said {both}")


def check_labels(name: str, task: Task, texts: Texts, said: Sequence[str], answers: NDArray[np.float64]) -> None:
    """Look at the labels that an artifact says beside its probabilities.

    Raises:
        Refused: One is not the likeliest, by more than `MARGIN`, or there is not one for each text.
    """
    if len(said) != len(answers):
        raise Refused(f"{name}: must say a label for each text, got {len(said)} labels to {len(answers)} texts")
    if not len(answers):
        return
    likeliest = np.array(task.labels, dtype=object)[answers.argmax(axis=1)]
    wrong = _clear(answers) & (likeliest != np.array(said, dtype=object))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        got = f"{said[row]} where its probabilities say {_shown(task, answers[row])}"
        raise Refused(f"{name}: must say the likeliest label, to {_short(texts.first[row])!r} it said {got}")


def _clear(answers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the two likeliest classes are further apart than `MARGIN`."""
    ranked = np.sort(answers, axis=1)
    clear: NDArray[np.bool_] = ranked[:, -1] - ranked[:, -2] > MARGIN
    return clear


def unit_of(task: Task) -> float:
    """What a difference is measured by.

    Of a score the deviation of the training targets, also where `Task.unit` is 1 because the loss does not use it: on a
    score of hundreds float32 alone is coarser than the tolerance.
    """
    return 1.0 if task.labels else float(task.state().get("deviation", task.unit)) or 1.0


def proof_texts(texts: Texts) -> Texts:
    """At most `MOST` texts, evenly spread."""
    if len(texts) <= MOST:
        return texts
    return texts.take(np.linspace(0, len(texts) - 1, MOST).astype(int).tolist())


def made_texts(trained: TrainedModel) -> Texts:
    """Texts of known tokens at every length, an unknown one, a very long one, and hostile ones."""
    random = np.random.default_rng(0)
    text = trained.text
    known = [token for token in text.tokenizer.vocabulary[3:] if token.strip()] or ["a"]
    if text.tokenizer.kind == "subword":
        known = [text.tokenizer.decode([n + 3]) for n in range(len(text.tokenizer.vocabulary) - 3)]

    def spelled(length: int) -> str:
        return text.gap.join(known[i] for i in random.integers(len(known), size=length))

    rows = [spelled(length) for length in LENGTHS for _ in range(3)]
    rows += ["\u2c60\ua7ff" * 4, spelled(LONG), *HOSTILE]
    if text.pair == "single":
        return Texts(rows)
    order = random.permutation(len(rows))
    return Texts([*rows, "", "a"], [*(rows[i] for i in order), "", ""])


def _model_answers(trained: TrainedModel, texts: Texts) -> NDArray[np.float64]:
    predictions = trained.answer(texts).predictions
    return as_rows(predictions.probabilities if trained.task.labels else predictions.answers)


def _cut(rows: int, size: int) -> Iterator[range]:
    """Row numbers in batches; for size 0 one empty batch."""
    if not size or not rows:
        yield range(0)
    else:
        yield from (range(start, min(start + size, rows)) for start in range(0, rows, size))


def _shown(task: Task, answer: NDArray[Any]) -> str:
    if not task.labels:
        return f"{answer[0]:.6g}"
    best = int(answer.argmax())
    return f"{task.labels[best]} ({answer[best]:.6f})"


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
