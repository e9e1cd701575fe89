"""The steps that are rules: other programs' answers, and the same in a graph as in Python."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kerasseq_arabic.arabert import Arabert
from kerasseq_arabic.buckwalter import Buckwalter
from kerasseq_arabic.dialect import ArabicDialect
from kerasseq_arabic.dialect_words import SPELLINGS
from kerasseq_arabic.sentences import ArabicSentences

from kerasseq.plugin import CharMap, PreprocessorSpec, Rules, chain
from kerasseq.testing import rules_in_graph

_file = Path(__file__).with_name("arabert_answers.py")
_spec = importlib.util.spec_from_file_location("arabert_answers", _file)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
ANSWERS = _module.ANSWERS

SPECS: list[PreprocessorSpec] = [
    ArabicDialect(),
    ArabicDialect(words=False),
    ArabicDialect(letters=False, laughter=False),
    Buckwalter(),
    Buckwalter(scheme="safe"),
    Buckwalter(direction="to_arabic", scheme="xml"),
    Arabert(),
    Arabert(emoji=True),
    ArabicSentences(),
    ArabicSentences(separator=r" \1 "),
]

HOSTILE = [
    "",
    "\u064b\u0640\u0654 \ufdfa \ufefb \u0671",
    "هههههههههه خخخخ ههخخ ـــ",
    "a.bc.de http://ع.x/ www @@ @ a@ \\1 $1 <> < > </>",
    "١٢٣abc٣ع4ع٫٬٪",
    "\t\r\n\u2028\x01\x1c\x1f\x7f\x85",
    'أ. ب؟ ج۔ "د!" 5. 6\ufdd0a',
    "👨‍👩‍👧 👍🏽 🇪🇬 e\u0301 ﬁ ½",
]
LETTERS = "".join(chr(point) for point in (*range(0x0621, 0x063B), *range(0x0640, 0x0653), 0x0670, 0x0671))
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(sorted(SPELLINGS) + [text for text, _ in ANSWERS]),
        st.text(LETTERS, max_size=6),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    max_size=8,
).flatmap(lambda parts: st.sampled_from([" ", "", "، "]).map(lambda between: between.join(parts)))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.name}")
def test_a_step_does_the_same_in_the_graph(spec: PreprocessorSpec) -> None:
    built = spec.build()
    assert built.portable
    run = rules_in_graph(built.rules)

    @given(st.lists(TEXTS, min_size=1, max_size=4))
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def same(texts: list[str]) -> None:
        texts = [text.replace("\0", "\x01") for text in texts]
        assert run(texts) == built(texts)

    same()
    texts = [*HOSTILE, *(text for text, _ in ANSWERS)]
    assert run(texts) == built(texts)


@pytest.mark.parametrize(("text", "wanted"), ANSWERS)
def test_arabert_is_what_its_own_program_gives(text: str, wanted: str) -> None:
    assert Arabert().build()([text]) == [wanted]


def test_arabert_keeps_emoji_where_it_is_told_to() -> None:
    assert Arabert(emoji=True).build()(["رائع👍🏽😂"]) == ["رائع 👍 🏽 😂"]


@pytest.mark.parametrize(
    ("scheme", "wanted"),
    [
        ("buckwalter", "{lr~aHomaAni |>&<}' *$ Z_` vH"),
        ("xml", "{lr~aHomaAni |OWI}' *$ Z_` vH"),
        ("safe", "Llr~aHomaAni MOWIQC Vc Z_e vH"),
    ],
)
def test_buckwalter_is_the_published_table(scheme: str, wanted: str) -> None:
    text = "\u0671\u0644\u0631\u0651\u064e\u062d\u0652\u0645\u064e\u0627\u0646\u0650 آأؤإئء ذش ظ\u0640\u0670 ثح"
    assert Buckwalter(scheme=scheme).build()([text]) == [wanted]
    assert Buckwalter(scheme=scheme, direction="to_arabic").build()([wanted]) == [text]


@given(st.text(LETTERS + "پچڤگ ،؟0123٤٥😀\n", max_size=30), st.sampled_from(["buckwalter", "xml", "safe"]))
@settings(max_examples=100, deadline=None)
def test_there_and_back_is_the_same_text(text: str, scheme: str) -> None:
    there = Buckwalter(scheme=scheme).build()([text])
    assert Buckwalter(scheme=scheme, direction="to_arabic").build()(there) == [text]
    assert not set(there[0]) & set(LETTERS)


def test_dialect_words_have_one_spelling() -> None:
    build = ArabicDialect().build()
    assert build(["گال علشان انشالله كدا، ايش! ڤيديو خخخخخخ ههههه"]) == ["قال عشان إن شاء الله كده، إيش! فيديو ههه ههه"]
    assert ArabicDialect(words=False, laughter=False).build()(["گال علشان هههه"]) == ["قال علشان هههه"]
    assert ArabicDialect(letters=False).build()(["گال والعلشان"]) == ["گال والعلشان"]


def test_every_spelling_is_written_in_the_kept_one_those_with_vowel_signs_too() -> None:
    assert ArabicDialect().build()(list(SPELLINGS)) == list(SPELLINGS.values())
    assert any(not key.isalpha() for key in SPELLINGS)


def test_the_words_fit_behind_what_folds_letters() -> None:
    folded = Rules([CharMap({"ة": "ه", "إ": "ا", "أ": "ا", "ى": "ي"})])
    build = chain([folded, ArabicDialect().build()])
    assert build(["بكرا بكره بكرة إيش ايش عاوزة إنشالله"]) == ["بكره بكره بكره ايش ايش عايزه ان شاء الله"]


@pytest.mark.parametrize("scheme", ["buckwalter", "safe", "xml"])
def test_words_that_signs_have_cut_in_two_are_left_alone(scheme: str) -> None:
    assert chain([Buckwalter(scheme=scheme).build(), ArabicDialect().build()])(["abc"]) == ["abc"]


def test_no_kept_spelling_is_folded_again() -> None:
    words = {word for kept in SPELLINGS.values() for word in kept.split()}
    assert not words & set(SPELLINGS)
    assert ArabicDialect().build()([" ".join(sorted(words))]) == [" ".join(sorted(words))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("هل وصلت؟ نعم، وصلت.", "هل وصلت؟\nنعم، وصلت."),
        ("كیا حال ہے۔ ٹھیک ہوں۔", "كیا حال ہے۔\nٹھیک ہوں۔"),
        ("قال: «انتهى.» ثم ذهب؟! لا أدري…  ربما", "قال: «انتهى.»\nثم ذهب؟!\nلا أدري…\nربما"),
        ("جاءت د. منى من م. ن. ص. اليوم. ثم رقم. 5", "جاءت د. منى من م. ن. ص. اليوم.\nثم رقم. 5"),
        ("3.5 ثم example.com", "3.5 ثم example.com"),
        ("", ""),
    ],
)
def test_sentences_end_at_arabic_signs(text: str, wanted: str) -> None:
    assert ArabicSentences().build()([text]) == [wanted]
    assert ArabicSentences(separator=r" \1 ").build()([text]) == [wanted.replace("\n", r" \1 ")]
    assert ArabicSentences().build()([wanted]) == [wanted]
