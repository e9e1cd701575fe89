"""Unicode: one way to write each character, no invisible ones, plain white space, folded case."""

from __future__ import annotations

from typing import ClassVar, Literal

from kerasseq.patterns import characters, shapes
from kerasseq.preprocessors import unicode_maps
from kerasseq.preprocessors.rules import CharMap, Replace, Rule, Rules, SequenceMap
from kerasseq.spec import PreprocessorSpec

__all__ = ["Casefold", "Unicode", "Whitespace"]

_ZWNJ, _ZWJ = "\u200c", "\u200d"


class Unicode(PreprocessorSpec):
    """Write each character one way, much as NFKC does, and drop what nobody sees. Emoji stay as they are.

    `docs/text.md` lists where the map differs from NFKC.
    """

    idempotent: ClassVar[bool] = True
    name: str = "unicode"
    composition: bool = True
    """Whether a letter and its accents become one character: `e` + `́` to `é`, `ا` + `ٔ` to `أ`."""
    compatibility: bool = True
    """Whether compatibility forms become plain ones: `ﻻ` to `لا`, `ａ` to `a`, `ﬁ` to `fi`, `²` to `2`."""
    invisible: bool = True
    """Whether zero-width and control characters, soft hyphens and byte order marks go; joiners and variation
    selectors stay inside emoji."""
    bidi: bool = True
    """Whether bidirectional marks, embeddings, overrides and isolates go."""
    zwnj: Literal["remove", "space", "keep"] = "remove"
    """What happens to the zero-width non-joiner, which Persian writes inside words."""

    def build(self) -> Rules:
        rules: list[Rule] = []
        if self.bidi:
            rules.append(CharMap(dict.fromkeys(characters("bidi"), "")))
        if self.zwnj != "keep":
            rules.append(CharMap({_ZWNJ: " " if self.zwnj == "space" else ""}))
        if self.compatibility:
            rules.append(CharMap(unicode_maps.compatibility()))
        if self.invisible:
            rules += _drop_invisible()
        if self.composition:
            rules += [*unicode_maps.hamza(), SequenceMap(unicode_maps.composition())]
        return Rules(rules)


def _drop_invisible() -> list[Rule]:
    in_emoji = characters("tag") | {_ZWJ, "\ufe0e", "\ufe0f"}
    always = (characters("invisible") | characters("control")) - in_emoji - {_ZWNJ}
    # an emoji is replaced by itself: that is how its joiners stay without look-around
    loose = f"({shapes.EMOJI})|[{{tag}}{_ZWJ}\ufe0e\ufe0f]"
    return [CharMap(dict.fromkeys(always, "")), Replace(loose, r"\1", only_with="".join(sorted(in_emoji)))]


class Casefold(PreprocessorSpec):
    """Fold case in every script by full case folding: `Straße` to `strasse`, `Σ` and `ς` to `σ`."""

    idempotent: ClassVar[bool] = True
    name: str = "casefold"

    def build(self) -> Rules:
        return Rules([CharMap(unicode_maps.casefold())])


class Whitespace(PreprocessorSpec):
    """Make every run of white space one space and trim both ends."""

    idempotent: ClassVar[bool] = True
    name: str = "whitespace"
    lines: Literal["join", "keep"] = "join"
    """Whether a line end is white space like any other, or one line end stays for each run that holds one."""
    trim: bool = True
    """Whether white space at both ends goes."""

    def build(self) -> Rules:
        rules: list[Rule] = []
        if self.lines == "keep":
            rules += [Replace("{blank}+", " "), Replace(" ?{line}{space}*", "\n")]
        else:
            rules.append(Replace("{space}{space}+|{otherspace}", " "))
        if self.trim:
            rules.append(Replace("{start}{space}+|{space}+{end}", ""))
        return Rules(rules)
