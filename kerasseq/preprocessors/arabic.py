"""Arabic spelling: one form for what writers use as the same letter."""

from __future__ import annotations

from typing import ClassVar, Literal

from kerasseq.preprocessors import unicode_maps
from kerasseq.preprocessors.rules import CharMap, Rule, Rules
from kerasseq.spec import PreprocessorSpec

__all__ = ["Arabic"]

_TATWEEL = "\u0640"
_ALEF = "آأإٱٲٳ"
_PERSIAN = {
    **dict.fromkeys("یېےۓ", "ي"),
    **dict.fromkeys("کڪ", "ك"),
    **dict.fromkeys("ھہەۀۂ", "ه"),
    "ۃ": "ة",
}
_BASMALA = {"\ufdfd": "بسم الله الرحمن الرحيم"}  # a symbol to Unicode: it has no compatibility form
_HAMZA = {"keep": {}, "carrier": {"ؤ": "و", "ئ": "ي"}, "alone": {"ؤ": "ء", "ئ": "ء"}}
_MARKS = (
    range(0x0610, 0x061B),  # honorifics, small letters
    range(0x064B, 0x0660),  # harakat, hamza and madda above and below
    range(0x0670, 0x0671),  # superscript alef
    range(0x06D6, 0x06EE),  # marks of the Quran, end of ayah and sajda included
    range(0x0898, 0x08A0),  # extended marks
    range(0x08CA, 0x08E2),
    range(0x08E3, 0x0900),
)


class Arabic(PreprocessorSpec):
    """Normalise Arabic spelling. Each option says what it folds; marks and letters of other scripts are not touched.

    A hamza written as a mark of its own is composed with its letter first, so that `ا` + `ٔ` is `أ`, not a bare alef
    by accident, and presentation forms are made plain letters.
    """

    idempotent: ClassVar[bool] = True
    name: str = "arabic"
    diacritics: bool = True
    """Whether harakat, tanwin, shadda, sukun, superscript alef (U+0670) and the marks of the Quran (U+06D6 to U+06ED)
    go."""
    tatweel: bool = True
    """Whether tatweel goes: `جمـــيل` to `جميل`."""
    alef: bool = True
    """Whether `أ إ آ ٱ` become `ا`."""
    ya: bool = True
    """Whether `ى`, which ends words, becomes `ي`, as Egyptian and Gulf spelling mix them; `على` and `علي` become one
    word."""
    hamza: Literal["keep", "carrier", "alone"] = "keep"
    """What becomes of `ؤ ئ`: they stay, lose their hamza (`و ي`: `رئيس` to `رييس`), or are written `ء`, as search
    engines do (`رءيس`). `alef` says what becomes of `أ إ آ`."""
    ta_marbuta: bool = False
    """Whether `ة` becomes `ه`. For dialect, where both are written; merges words such as `مكتبة` and `مكتبه`."""
    persian: bool = True
    """Whether Persian and Urdu letter shapes become the Arabic letters they stand for: `ی ې ے` to `ي`, `ک ڪ` to `ك`,
    `ھ ہ ە ۀ` to `ه`, `ۃ` to `ة`. Letters of sounds that Arabic has not (`پ چ گ`) stay."""
    presentation: bool = True
    """Whether presentation forms (U+FB50 to U+FEFC) become letters: `ﻻ` to `لا`, `ﷲ` to `الله`; also
    `\ufdfd`, to `بسم الله الرحمن الرحيم`."""

    def build(self) -> Rules:
        rules: list[Rule] = []
        if self.presentation:
            forms = unicode_maps.compatibility()
            rules.append(CharMap({c: v for c, v in forms.items() if "\ufb50" <= c <= "\ufefc"} | _BASMALA))
        rules += unicode_maps.hamza()
        if self.persian:
            rules.append(CharMap(_PERSIAN))
        table: dict[str, str] = dict(_HAMZA[self.hamza])
        if self.diacritics:
            table |= {chr(point): "" for span in _MARKS for point in span}
        if self.tatweel:
            table[_TATWEEL] = ""
        if self.alef:
            table |= dict.fromkeys(_ALEF, "ا")
        if self.ya:
            table["ى"] = "ي"
        if self.ta_marbuta:
            table["ة"] = "ه"
        if table:
            rules.append(CharMap(table))
        return Rules(rules)
