"""Stems and lemmas: against the papers, other programs, and on texts that are no English."""

import importlib.util
import random
from collections.abc import Callable

import pytest
from kerasseq_english import extras
from kerasseq_english.lemmas import EnglishLemmas
from kerasseq_english.stem import EnglishStem

from kerasseq.plugin import PreprocessorSpec

PORTER = """caresses caress ponies poni ties ti caress caress cats cat feed feed agreed agre plastered plaster bled bled
motoring motor sing sing conflated conflat troubled troubl sized size hopping hop tanned tan falling fall hissing hiss
fizzed fizz failing fail filing file happy happi sky sky relational relat conditional condit rational ration valenci
valenc hesitanci hesit digitizer digit conformabli conform radicalli radic differentli differ vileli vile analogousli
analog vietnamization vietnam predication predic operator oper feudalism feudal decisiveness decis hopefulness hope
callousness callous formaliti formal sensitiviti sensit sensibiliti sensibl triplicate triplic formative form formalize
formal electriciti electr electrical electr hopeful hope goodness good revival reviv allowance allow inference infer
airliner airlin gyroscopic gyroscop adjustable adjust defensible defens irritant irrit replacement replac adjustment
adjust dependent depend adoption adopt homologou homolog communism commun activate activ angulariti angular homologous
homolog effective effect bowdlerize bowdler probate probat rate rate cease ceas controll control roll roll""".split()
"""The examples of Porter (1980), step by step, taken through all steps."""

SNOWBALL = """consign consign consigned consign consigning consign consignment consign consolation consol consolatory
consolatori knack knack knackeries knackeri knightly knight knitted knit generously generous skies sky dying die
lying lie news news howe howe inning inning proceed proceed ugly ugli early earli only onli""".split()
"""Of the sample vocabulary and the exceptions on the algorithm's page."""

LANCASTER = """maximum maxim presumably presum multiply multiply provision provid owed ow ear ear saying say crying cry
string string meant meant cement cem""".split()


def pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=True))


def of(stemmer: str) -> Callable[[list[str]], list[str]]:
    if stemmer == "lancaster":
        pytest.importorskip("nltk", reason="the extra nltk is not installed")
    return EnglishStem(stemmer=stemmer).build()


@pytest.mark.parametrize(
    ("stemmer", "words"),
    [("porter", PORTER), ("snowball", SNOWBALL), ("lancaster", LANCASTER)],
    ids=lambda v: str(v)[:9],
)
def test_words_have_the_stems_of_their_paper(stemmer: str, words: list[str]) -> None:
    given, wanted = zip(*pairs(words), strict=True)
    assert of(stemmer)([" ".join(given)]) == [" ".join(wanted)]


def test_porter_is_the_porter_of_another_program() -> None:
    stem = pytest.importorskip("nltk.stem.porter", reason="the extra nltk is not installed")
    other = stem.PorterStemmer(mode="ORIGINAL_ALGORITHM")
    draw = random.Random(0)
    starts, ends = (
        "relat connect hop troubl ration oper gener comm sky agre fil fizz".split(),
        "ational ing ed s ly ness",
    )
    words = ["".join(draw.choices("abcdefghiklmnoprstuvy", k=draw.randint(3, 9))) for _ in range(500)]
    words += [start + end for start in starts for end in f"{ends} iviti ization fulness ousli alism ement ee e".split()]
    assert of("porter")([" ".join(words)])[0].split() == [other.stem(word) for word in words]


@pytest.mark.parametrize("stemmer", ["snowball", "porter", "lancaster"])
def test_what_is_no_english_word_stays(stemmer: str) -> None:
    text = "[url] [connections] café naïvely covid19s x_running الكتابات 👍🏽 ２０ running\u0301 …"
    assert of(stemmer)([text, ""]) == [text, ""]


def test_case_and_apostrophes() -> None:
    assert of("snowball")(["RUNNING Dogs’ dog’s don't"]) == ["run dog’ dog don't"]
    assert of("porter")(["RUNNING Dogs’ dog’s don't"]) == ["run dog’ dog's don't"]


def test_lemmas_are_dictionary_forms() -> None:
    pytest.importorskip("simplemma", reason="the extra simplemma is not installed")
    build = EnglishLemmas().build()
    assert build(["the geese were running, mice’s US Dogs I'm [dogs] café"]) == [
        "the goose be run, mouse's US dog I'm [dogs] café"
    ]


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            EnglishStem(stemmer="lancaster"),
            ("stemmer", 'must have nltk for "lancaster"; pip install "./plugins/kerasseq-english[nltk]"'),
        ),
        (
            EnglishLemmas(),
            ("name", 'must have simplemma for "english_lemmas"; pip install "./plugins/kerasseq-english[simplemma]"'),
        ),
        (EnglishStem(stemmer="porter"), None),
    ],
)
def test_a_missing_extra_is_a_problem_of_the_setting_that_asks_for_it(
    spec: PreprocessorSpec, problem: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert list(spec.problems()) == ([problem] if problem else [])


def test_an_extra_that_is_there_is_no_problem() -> None:
    if importlib.util.find_spec("nltk") is None:
        pytest.skip("the extra nltk is not installed")
    assert list(EnglishStem(stemmer="lancaster").problems()) == []
