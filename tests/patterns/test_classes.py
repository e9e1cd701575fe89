import unicodedata

import pytest

from kerasseq.patterns.classes import NAMES, characters, merged, ranges, union


@pytest.mark.parametrize("name", NAMES)
def test_ranges_ascend_and_do_not_touch(name: str) -> None:
    spans = ranges(name)
    assert spans
    assert all(low <= high for low, high in spans)
    assert all(high + 1 < low for (_, high), (low, _) in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(("name", "prefix"), [("letter", "L"), ("mark", "M"), ("digit", "Nd")])
def test_a_category_is_whole_up_to_ffff_and_nothing_else(name: str, prefix: str) -> None:
    inside = characters(name)
    for point in range(0x10000):
        c = chr(point)
        category = unicodedata.category(c)
        if category == "Cn" or 0xFE00 <= point <= 0xFE0F:
            continue
        assert (c in inside) == category.startswith(prefix), hex(point)


def test_far_letters_are_letters_and_emoji_are_not() -> None:
    letters = characters("letter")
    far = {chr(p) for p in range(0x10000, 0x3FFFF) if unicodedata.category(chr(p))[0] == "L"}
    assert len(far - letters) < 30  # a few letters among musical and cuneiform blocks
    assert not {c for c in characters("emoji") if c > "\uffff"} & letters


def test_alnum_is_what_python_calls_a_word_character() -> None:
    assert characters("alnum") == {chr(p) for p in range(0x110000) if chr(p).isalnum() or chr(p) == "_"}


def test_space_is_what_unicode_calls_white_space() -> None:
    python = {chr(p) for p in range(0x110000) if chr(p).isspace()}
    assert characters("space") == python - set("\x1c\x1d\x1e\x1f")
    assert characters("line") | characters("blank") == characters("space")
    assert characters("otherspace") == characters("space") - {" "}


def test_every_format_character_is_invisible_or_bidi_or_a_visible_sign() -> None:
    hidden = characters("invisible") | characters("bidi")
    for point in range(0x110000):
        c = chr(point)
        if unicodedata.category(c) == "Cf" and c not in hidden:
            # signs that are drawn: Arabic number signs, Syriac and Kaithi marks, musical and hieroglyph controls
            assert "\u0600" <= c <= "\u08e2" or c > "\U00010fff" or c == "\u180e", hex(point)


def test_union_and_merged_give_the_fewest_ranges() -> None:
    assert union([(5, 6), (1, 2), (3, 3), (6, 9)]) == ((1, 3), (5, 9))
    assert merged([1, 2, 3, 7]) == ((1, 3), (7, 7))
