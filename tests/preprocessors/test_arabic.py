import unicodedata

import pytest

from kerasseq.preprocessors.arabic import Arabic

OFF = {
    "diacritics": False,
    "tatweel": False,
    "alef": False,
    "ya": False,
    "hamza": "keep",
    "ta_marbuta": False,
    "persian": False,
    "presentation": False,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ٱلرَّحْمَٰنِ ٱلرَّحِيمِ", "الرحمن الرحيم"),
        ("هٰذا لٰكن", "هذا لكن"),
        ("قُلۡ هُوَ ٱللَّهُ أَحَدٌ ۝ۚ", "قل هو الله احد "),
        ("جمـــيل هـ", "جميل ه"),
        ("أحمد إيمان آمال ٱسم", "احمد ايمان امال اسم"),
        ("على مستشفى", "علي مستشفي"),
        ("مكتبة", "مكتبة"),
        ("کتاب یک ھذا", "كتاب يك هذا"),
        ("ﻻ ﻷ ﷲ ﺍﻟﻌﺮﺑﻴﺔ ﹷ", "لا لا الله العربية "),
        ("\ufdfd", "بسم الله الرحمن الرحيم"),
        ("ے ۓ ې ۀ ۂ ۃ پ چ گ", "ي ي ي ه ه ة پ چ گ"),
        ("ب\u0898ت\u089f", "بت"),
        (unicodedata.normalize("NFD", "أَحمد سُؤَال سُئِل"), "احمد سؤال سئل"),
        ("؟، ؛ ٪ ١٢", "؟، ؛ ٪ ١٢"),
    ],
)
def test_the_defaults_give_one_spelling(text: str, expected: str) -> None:
    assert Arabic().build()([text]) == [expected]


@pytest.mark.parametrize("text", ["é e\u0301 ñ", "हिन्दी", "שָׁלוֹם", "ไทยนี้", "x̂ ᾄ", "👍🏽 ❤️"])
def test_marks_of_other_scripts_are_not_touched(text: str) -> None:
    assert Arabic().build()([text]) == [text]


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        ("diacritics", "كَتَّبَٰۖ", "كتب"),
        ("tatweel", "جمـيل", "جميل"),
        ("alef", "أإآٱ", "اااا"),
        ("ya", "على", "علي"),
        ("ta_marbuta", "مكتبة", "مكتبه"),
        ("persian", "کی", "كي"),
        ("presentation", "ﻻ", "لا"),
    ],
)
def test_each_option_does_its_own_part_only(option: str, text: str, expected: str) -> None:
    assert Arabic(**OFF | {option: True}).build()([text]) == [expected]
    assert Arabic(**OFF).build()([text]) == [text]


@pytest.mark.parametrize(
    ("hamza", "expected"),
    [("keep", "سؤال شئ شيء قرأ"), ("carrier", "سوال شي شيء قرأ"), ("alone", "سءال شء شيء قرأ")],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_hamza_of_waw_and_ya_stays_or_goes_or_stands_alone(hamza: str, expected: str, form: str) -> None:
    assert Arabic(**OFF | {"hamza": hamza}).build()([unicodedata.normalize(form, "سؤال شئ شيء قرأ")]) == [expected]


def test_the_ta_marbuta_of_urdu_is_one_too() -> None:
    assert Arabic(ta_marbuta=True).build()(["مکتبۃ مكتبة"]) == ["مكتبه مكتبه"]


def test_composed_and_decomposed_spellings_become_the_same() -> None:
    text = "أإآؤئۀۂۓ"
    assert Arabic().build()([text]) == Arabic().build()([unicodedata.normalize("NFD", text)])


def test_a_hamza_is_composed_even_where_alef_is_not_folded() -> None:
    assert Arabic(**OFF | {"diacritics": True}).build()(["ا\u064e\u0654"]) == ["أ"]


def test_every_mark_of_harakat_and_quran_goes() -> None:
    marks = "".join(map(chr, (*range(0x064B, 0x0653), 0x0670, *range(0x06D6, 0x06EE))))
    assert Arabic().build()([f"ب{marks}ت"]) == ["بت"]
