"""Stems, lemmas, roots and segments: the libraries' own answers, and texts that are no Arabic."""

import importlib.util
import sys
import types

import pytest
from kerasseq_arabic import extras, farasa
from kerasseq_arabic.farasa import Farasa
from kerasseq_arabic.lemmas import ArabicLemmas
from kerasseq_arabic.roots import ArabicRoots
from kerasseq_arabic.stem import ArabicStem

from kerasseq.plugin import PreprocessorSpec

STEMMERS = ["snowball", "isri", "arlstem", "arlstem2"]
WORDS = "والمدارس يكتبون كتاب المكتبات في مُعَلِّمٌ بالسيارة ء ا ال والله آ كِ لا الطالبات استخدام فسيكفيكهم"


def needs(library: str) -> None:
    pytest.importorskip(library, reason=f"the extra {library} is not installed")


@pytest.mark.parametrize("stemmer", STEMMERS)
def test_every_word_has_the_stem_that_the_library_gives(stemmer: str) -> None:
    if stemmer == "snowball":
        import snowballstemmer

        stem = snowballstemmer.stemmer("arabic").stemWord
    else:
        needs("nltk")
        from nltk.stem import ARLSTem, ARLSTem2, ISRIStemmer

        stem = {"isri": ISRIStemmer, "arlstem": ARLSTem, "arlstem2": ARLSTem2}[stemmer]().stem
    wanted = " ".join(stem(word) or word for word in WORDS.split())
    assert ArabicStem(stemmer=stemmer).build()([WORDS, f"({WORDS})"]) == [wanted, f"({wanted})"]


@pytest.mark.parametrize(
    ("stemmer", "word", "wanted"),
    [
        ("snowball", "المكتبات", "مكتب"),
        ("isri", "المكتبات", "كتب"),
        ("isri", "والمدارس", "درس"),
        ("arlstem", "والمدارس", "مدارس"),
        ("arlstem2", "يكتبون", "يكتب"),
    ],
)
def test_known_stems(stemmer: str, word: str, wanted: str) -> None:
    if stemmer != "snowball":
        needs("nltk")
    assert ArabicStem(stemmer=stemmer).build()([word]) == [wanted]


@pytest.mark.parametrize("stemmer", STEMMERS)
def test_what_is_no_arabic_word_stays(stemmer: str) -> None:
    if stemmer != "snowball":
        needs("nltk")
    text = "[رابط] [المكتبات] books كتاب2 x_المكتبات ١٢٣ ،؛؟ 👍🏽 \u064b שלום"
    assert ArabicStem(stemmer=stemmer).build()([text, ""]) == [text, ""]


def test_lemmas_are_dictionary_forms() -> None:
    needs("qalsadi")
    assert ArabicLemmas().build()(["يكتبون، والمدارس x"]) == ["كتب، مدارس x"]


def test_roots_are_consonants() -> None:
    needs("tashaphyne")
    assert ArabicRoots().build()(["والمدارس يكتبون ـًـ"]) == ["درس كتب ـًـ"]


class Segmenter:
    """Stands for the Java program."""

    started = 0

    def __init__(self, interactive: bool) -> None:
        assert interactive
        Segmenter.started += 1

    def segment(self, text: str) -> str:
        return {"والمدارس": "و+ال+مدارس\n"}.get(text, text)


def test_segments_come_from_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("farasa.segmenter")
    module.FarasaSegmenter = Segmenter
    monkeypatch.setitem(sys.modules, "farasa", types.ModuleType("farasa"))
    monkeypatch.setitem(sys.modules, "farasa.segmenter", module)
    try:
        build = Farasa().build()
        assert Segmenter.started == 0
        assert build(["والمدارس، هنا schools", "والمدارس"]) == ["و ال مدارس، هنا schools", "و ال مدارس"]
        assert Farasa(separator="+").build()(["والمدارس"]) == ["و+ال+مدارس"]
        assert Segmenter.started == 1
    finally:
        farasa._segment.cache_clear()
        farasa.segment.cache_clear()


PROBLEMS = [
    (ArabicStem(), []),
    (
        ArabicStem(stemmer="isri"),
        [("stemmer", 'must have nltk for "isri"; pip install "./plugins/kerasseq-arabic[nltk]"')],
    ),
    (
        ArabicLemmas(),
        [("name", 'must have qalsadi for "arabic_lemmas"; pip install "./plugins/kerasseq-arabic[qalsadi]"')],
    ),
    (
        ArabicRoots(),
        [("name", 'must have tashaphyne for "arabic_roots"; pip install "./plugins/kerasseq-arabic[tashaphyne]"')],
    ),
    (
        Farasa(),
        [
            ("name", 'must have farasa for "farasa"; pip install "./plugins/kerasseq-arabic[farasa]"'),
            ("name", 'must have Java on the PATH for "farasa", got none; install a Java runtime, 8 or newer'),
        ],
    ),
]


@pytest.mark.parametrize(("spec", "problems"), PROBLEMS, ids=lambda value: str(getattr(value, "name", "")))
def test_a_missing_extra_is_a_problem_of_the_setting_that_asks_for_it(
    spec: PreprocessorSpec, problems: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    monkeypatch.setattr(farasa.shutil, "which", lambda name: None)
    assert list(spec.problems()) == problems


def test_an_extra_that_is_there_is_no_problem() -> None:
    if importlib.util.find_spec("nltk") is None:
        pytest.skip("the extra nltk is not installed")
    assert list(ArabicStem(stemmer="isri").problems()) == []
