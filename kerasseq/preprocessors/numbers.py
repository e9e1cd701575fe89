"""Numbers and digits."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from kerasseq.patterns import characters, shapes
from kerasseq.preprocessors.rules import CharMap, Replace, Rules, verbatim
from kerasseq.preprocessors.words import CLOSE, OPEN
from kerasseq.spec import PreprocessorSpec

__all__ = ["Digits", "Numbers"]


class Numbers(PreprocessorSpec):
    """Replace or remove numbers that stand alone: `3.5`, `١٢٫٥`, `12:30`, `50%`. In `covid19` and `3D` they stay."""

    name: str = "numbers"
    action: Literal["replace", "remove"] = "replace"
    """What happens to a number."""
    token: str = Field(default="[number]", min_length=1)
    """What replaces a number."""

    def build(self) -> Rules:
        token = verbatim(self.token) if self.action == "replace" else ""
        word = "[{letter}{mark}{digit}_]*[{letter}{mark}_][{letter}{mark}{digit}_]*"
        # without look-around: bracket each number, and nothing behind each word, then take the full brackets
        return Rules(
            [
                Replace(f"[{OPEN}{CLOSE}]", "", only_with=OPEN + CLOSE),
                Replace(
                    f"({word})|({shapes.NUMBER}[%٪]?)",
                    rf"\1{OPEN}\2{CLOSE}",
                    only_with="".join(sorted(characters("digit"))),
                ),
                Replace(f"{OPEN}[^{OPEN}{CLOSE}]+{CLOSE}", token, only_with=OPEN),
                Replace(f"[{OPEN}{CLOSE}]", "", only_with=OPEN + CLOSE),
            ]
        )


class Digits(PreprocessorSpec):
    """Write Arabic-Indic (`٠` to `٩`) and Extended Arabic-Indic (`۰` to `۹`) digits as ASCII ones."""

    idempotent: ClassVar[bool] = True
    name: str = "digits"
    separators: bool = True
    """Whether the Arabic decimal separator, thousands separator and percent sign become `.`, `,` and `%`."""

    def build(self) -> Rules:
        table = {chr(zero + i): str(i) for zero in (0x0660, 0x06F0) for i in range(10)}
        if self.separators:
            table |= {"٫": ".", "٬": ",", "٪": "%"}
        return Rules([CharMap(table)])
