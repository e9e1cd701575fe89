"""`buckwalter`: Arabic letters as ASCII, one for one, and back."""

from __future__ import annotations

from typing import Literal

from kerasseq.plugin import CharMap, PreprocessorSpec, Rules

__all__ = ["Buckwalter"]

_ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْٰٱپچڤگ"
_SCHEMES = {
    "buckwalter": "'|>&<}AbptvjHxd*rzs$SDTZEg_fqklmnhwYyFNKaui~o`{PJVG",
    "xml": "'|OWI}AbptvjHxd*rzs$SDTZEg_fqklmnhwYyFNKaui~o`{PJVG",
    "safe": "CMOWIQAbptvjHxdVrzscSDTZEg_fqklmnhwYyFNKaui~oeLPJBG",
}


class Buckwalter(PreprocessorSpec):
    """Transliterate Arabic by Buckwalter's scheme, one character for one: `كتاب` to `ktAb`, and back.

    There and back gives the same text where it holds no Latin letters. Digits, punctuation and letters outside the
    scheme stay; towards Arabic every character of the scheme is read as Arabic, English words too. Case carries
    meaning, so `casefold` must not stand behind it.
    """

    name: str = "buckwalter"
    direction: Literal["to_ascii", "to_arabic"] = "to_ascii"
    """Which way."""
    scheme: Literal["buckwalter", "xml", "safe"] = "buckwalter"
    """`buckwalter` (Buckwalter, 2002); `xml` has no `< > &`; `safe` (Habash, 2010) is letters alone, but for `_` and
    `~`: the word tokenizer keeps its words whole."""

    def build(self) -> Rules:
        pairs = zip(_ARABIC, _SCHEMES[self.scheme], strict=True)
        return Rules([CharMap(dict(pairs) if self.direction == "to_ascii" else {a: b for b, a in pairs})])
