"""English contractions."""

from __future__ import annotations

from collections.abc import Mapping

from kerasseq.preprocessors.rules import MapWords, Rules
from kerasseq.spec import PreprocessorSpec

__all__ = ["Contractions", "spellings"]

_NOT = (
    "are could did do does had has have is might must need ought should was were would dare"  # + n't
).split()
_IRREGULAR = {
    "won't": "will not",
    "can't": "can not",
    "shan't": "shall not",
    "ain't": "is not",
    "n't": "not",
    "let's": "let us",
    "y'all": "you all",
    "o'clock": "o'clock",
}
_SUBJECTS = {
    "'m": ("am", "i"),
    "'re": ("are", "you we they what who where how there these those"),
    "'ve": ("have", "i you we they who could should would might must"),
    "'ll": ("will", "i you he she it we they that this there who what"),
    "'d": ("would", "i you he she it we they who that there"),
    "'s": ("is", "he she it that there here what who where when how why this"),
}


class Contractions(PreprocessorSpec):
    """Write English contractions out, with `'` or `’`, in lower case, Capitalised or UPPER CASE.

    `don't` becomes `do not`, so that the negation is a word of its own; `n't` alone, as treebanks cut it, `not`.
    Where English is ambiguous the commoner reading is taken: `he's` is `he is`, `I'd` is `I would`. A possessive
    (`Ali's`) stays.
    """

    name: str = "contractions"

    def build(self) -> Rules:
        return Rules([MapWords(_contractions())])


def _contractions() -> dict[str, str]:
    plain = {f"{verb}n't": f"{verb} not" for verb in _NOT} | _IRREGULAR
    for ending, (verb, subjects) in _SUBJECTS.items():
        plain |= {f"{subject}{ending}": f"{subject} {verb}" for subject in subjects.split()}
    return {key: value for key, value in spellings(plain).items() if key != value}


def spellings(table: Mapping[str, str]) -> dict[str, str]:
    """A map of words, given in lower case, in lower case, Capitalised and UPPER CASE, with `'` and with `’`.

    `i` at the beginning of a value becomes `I`.

    >>> spellings({"i'm": "i am"})["i’m"]
    'I am'
    """
    out: dict[str, str] = {}
    for short, long in table.items():
        at = 1 if short[0] == "'" else 0
        capital = short[:at] + short[at:].capitalize(), long[:1].upper() + long[1:]
        for key, value in ((short.upper(), long.upper()), capital, (short, long)):
            written = "I" + value[1:] if value.startswith("i ") else value
            out[key] = out[key.replace("'", "’")] = written
    return out
