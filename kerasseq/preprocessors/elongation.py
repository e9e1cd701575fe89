"""Letters and punctuation that are repeated for effect."""

from __future__ import annotations

import string
from typing import ClassVar

from pydantic import Field

from kerasseq.preprocessors.rules import Rule, Rules, Squeeze
from kerasseq.spec import PreprocessorSpec

__all__ = ["Elongation"]

_ARABIC = "".join(map(chr, (*range(0x0621, 0x063B), *range(0x0641, 0x064B)))) + "ٱپچژڤگکیھہە"
_LETTERS = "".join(sorted(set(string.ascii_letters) - set("wWIX"))) + _ARABIC
_PUNCTUATION = "!?.,،؟؛…~*-_=+"


class Elongation(PreprocessorSpec):
    """Shorten letters and punctuation repeated for effect: `soooo` to `soo`, `جمييييل` to `جمييل`, `!!!!!` to `!!!`.

    Works on Latin letters without accents and on Arabic ones. Digits stay (`1000`), and so do runs of `w` (`www`) and
    of capital `I` and `X` (`World War III`): put it before `casefold`. `letters = 1` also hits proper double letters
    (`good`, `الله`).
    """

    idempotent: ClassVar[bool] = True
    name: str = "elongation"
    letters: int = Field(default=2, ge=1, le=10)
    """Longest run of one letter that stays."""
    punctuation: int = Field(default=3, ge=0, le=10)
    """Longest run of one punctuation mark that stays; 0 leaves punctuation alone."""

    def build(self) -> Rules:
        rules: list[Rule] = [Squeeze(_LETTERS, self.letters)]
        if self.punctuation:
            rules.append(Squeeze(_PUNCTUATION, self.punctuation))
        return Rules(rules)
