"""Arabic spelling: one form for what writers use as the same letter."""

from __future__ import annotations

from typing import ClassVar

from kerasseq.preprocessors import unicode_maps
from kerasseq.preprocessors.rules import CharMap, Rule, Rules
from kerasseq.spec import PreprocessorSpec

__all__ = ["Arabic"]

_TATWEEL = "\u0640"
_ALEF = "آأإٱٲٳ"
_PERSIAN = {"ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ھ": "ه", "ہ": "ه", "ە": "ه"}
_MARKS = (
    range(0x0610, 0x061B),  # honorifics, small letters
    range(0x064B, 0x0660),  # harakat, hamza and madda above and below
    range(0x0670, 0x0671),  # superscript alef
    range(0x06D6, 0x06EE),  # marks of the Quran, end of ayah and sajda included
    range(0x08CA, 0x08E2),  # extended marks
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
    """Whether final `ى` becomes `ي`, as Egyptian and Gulf spelling mix them; `على` and `علي` become one word."""
    ta_marbuta: bool = False
    """Whether `ة` becomes `ه`. Helps on dialect, where both are written; merges words such as `مكتبة` and `مكتبه`."""
    persian: bool = True
    """Whether Persian and Urdu letter shapes become the Arabic letters they stand for: `ی` to `ي`, `ک` to `ك`."""
    presentation: bool = True
    """Whether presentation forms (U+FB50 to U+FEFC) become letters: `ﻻ` to `لا`, `ﷲ` to `الله`."""

    def build(self) -> Rules:
        rules: list[Rule] = []
        if self.presentation:
            forms = unicode_maps.compatibility()
            rules.append(CharMap({c: v for c, v in forms.items() if "\ufb50" <= c <= "\ufefc"}))
        rules += unicode_maps.hamza()
        table: dict[str, str] = {}
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
        if self.persian:
            table |= _PERSIAN
        if table:
            rules.append(CharMap(table))
        return Rules(rules)
