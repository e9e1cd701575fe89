"""`english_sentences`: one sentence a line."""

from __future__ import annotations

from pydantic import Field

from kerasseq.plugin import CharMap, PreprocessorSpec, Replace, Rule, Rules, verbatim

__all__ = ["EnglishSentences"]

_DOT = "\ufdd0"
"""Stands for a full stop that ends no sentence; Unicode keeps it out of all text."""

_TITLES = (
    "Mr Mrs Ms Messrs Mx Dr Prof Rev Fr Hon St Sgt Cpl Lt Capt Cmdr Col Maj Gen Adm Gov Sen Rep Pres Mt Ft No Nos vs "
    "Vs Fig Figs Eq Eqs Sec Vol pp cf Cf viz ca approx al Jan Feb Mar Apr Jun Jul Aug Sept Oct Nov Dec"
).split()
_CLOSING, _OPENING = "[\"'”’\\)\\]»]", "[\"'“‘\\(\\[«]"


class EnglishSentences(PreprocessorSpec):
    """Put each sentence on a line of its own: `It rained. Mr. Smith left.` becomes two lines.

    A sentence ends at `.`, `!`, `?` or `…`, with closing quotes and brackets behind it, where white space and a capital
    letter or a digit follow. Titles (`Mr.`), initials (`J. K.`, `U.S.`), `e.g.`, `i.e.` and `No. 5` end none, so a
    sentence that ends with one goes on; `etc.` and `Inc.` do where a capital follows. Put it behind `whitespace`, which
    joins lines, and before `casefold`, which takes the capitals.
    """

    name: str = "english_sentences"
    separator: str = Field(default="\n", min_length=1)
    """What stands between two sentences in place of their space: a line end, or a mark of your own, `" [eos] "`, that
    the tokenizer keeps as a token."""

    def build(self) -> Rules:
        separator = verbatim(self.separator)
        before = "({start}|[^{letter}{mark}{digit}_])"
        initial = Replace(rf"{before}([A-HJ-Z])\.([{{blank}}]+[A-Z])", rf"\1\2{_DOT}\3", only_with=".")
        rules: list[Rule] = [
            CharMap({_DOT: ""}),
            Replace(rf"{before}({'|'.join(_TITLES)})\.", rf"\1\2{_DOT}", only_with="."),
            Replace(rf"{before}([eE]\.g|[iI]\.e)\.", rf"\1\2{_DOT}", only_with="."),
            *[initial] * 2,  # of `J. R. R. T.` the first pass takes every second one
            Replace(rf"([.!?…]{_CLOSING}*)[{{blank}}]+({_OPENING}*[A-Z0-9])", rf"\1{separator}\2", only_with=".!?…"),
            CharMap({_DOT: "."}),
        ]
        return Rules(rules)
