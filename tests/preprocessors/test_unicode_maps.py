import unicodedata

from kerasseq.patterns import characters
from kerasseq.preprocessors import unicode_maps

EVERY = [chr(p) for p in range(0x110000) if not 0xD800 <= p <= 0xDFFF]


def test_casefold_is_full_case_folding_but_for_emoji() -> None:
    table = unicode_maps.casefold()
    emoji = characters("emoji")
    assert all(table.get(c, c) == (c if c in emoji else c.casefold()) for c in EVERY)


def test_compatibility_is_nfkc_but_for_emoji_and_spacing_accents() -> None:
    table = unicode_maps.compatibility()
    emoji = characters("emoji")
    differs = {c for c in EVERY if table.get(c, c) != unicodedata.normalize("NFKC", c)}
    accents = differs - emoji
    assert differs & emoji
    assert all(unicodedata.normalize("NFKC", c)[:1] == " " for c in accents)
    assert {"´", "¨", "ﱞ"} <= accents
    assert "ﷺ" not in accents
    assert table["ﱞ"] == "\u064c\u0651"


def test_composition_gives_back_every_composed_character_but_hangul() -> None:
    table = unicode_maps.composition()
    for c in EVERY:
        apart = unicodedata.normalize("NFD", c)
        if len(apart) > 1 and unicodedata.normalize("NFC", c) == c and not "가" <= c <= "힣":
            assert table[apart] == c
    assert all(unicodedata.normalize("NFC", key) == value for key, value in table.items())
