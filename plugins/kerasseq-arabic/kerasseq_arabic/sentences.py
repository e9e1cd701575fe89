"""`arabic_sentences`: one sentence a line."""

from __future__ import annotations

from pydantic import Field

from kerasseq.plugin import CharMap, PreprocessorSpec, Replace, Rules, verbatim

__all__ = ["ArabicSentences"]

_DOT = "\ufdd0"
"""Stands for a full stop that ends no sentence; Unicode keeps it out of all text."""

_CLOSING = "[\"'”’\\)\\]»﴾]"


class ArabicSentences(PreprocessorSpec):
    """Put each sentence on a line of its own: `هل وصلت؟ نعم، وصلت.` becomes two lines.

    A sentence ends at `؟` (U+061F), `۔` (U+06D4, as in Urdu), `.`, `!`, `?` or `…`, with closing quotes and brackets
    behind it, where white space and something else follow. Arabic has no capitals that would tell one full stop from
    another: behind a single letter (`د. منى`, `م. ن. ص.`) and before a digit (`رقم. 5`) it ends none. Put it behind
    `whitespace`, which joins lines.
    """

    name: str = "arabic_sentences"
    separator: str = Field(default="\n", min_length=1)
    """What stands between two sentences in place of their space: a line end, or a mark of your own, `" [eos] "`, that
    the tokenizer keeps as a token."""

    def build(self) -> Rules:
        separator = verbatim(self.separator)
        before = "({start}|[^{letter}{mark}{digit}_])"
        return Rules(
            [
                CharMap({_DOT: ""}),
                Replace(rf"{before}([{{letter}}])\.", rf"\1\2{_DOT}", only_with="."),
                Replace(r"\.([{blank}]+[{digit}])", rf"{_DOT}\1", only_with="."),
                Replace(rf"([.!?…؟۔]{_CLOSING}*)[{{blank}}]+([^{{blank}}])", rf"\1{separator}\2", only_with=".!?…؟۔"),
                CharMap({_DOT: "."}),
            ]
        )
