"""Every built-in, run rule by rule with RE2 as a deployed model runs it, gives what Python gives."""

import re
from functools import cache
from importlib.metadata import entry_points

import pytest
from fuzzing.texts import HOSTILE, TEXT
from hypothesis import given, settings

from kerasseq.preprocessors.arabic import Arabic
from kerasseq.preprocessors.elongation import Elongation
from kerasseq.preprocessors.english import Contractions
from kerasseq.preprocessors.html import Html
from kerasseq.preprocessors.lectures import Lectures
from kerasseq.preprocessors.numbers import Digits, Numbers
from kerasseq.preprocessors.rules import CharMap, MapWords, Preprocessor, Replace, Rule, SequenceMap, Squeeze, chain
from kerasseq.preprocessors.social import Hashtags, Links, Mentions
from kerasseq.preprocessors.stopwords import Stopwords
from kerasseq.preprocessors.unicode import Casefold, Unicode, Whitespace
from kerasseq.spec import PreprocessorSpec

re2 = pytest.importorskip("re2", reason="google-re2 checks portability: pip install google-re2")

SPECS: list[PreprocessorSpec] = [
    Html(),
    Links(),
    Links(urls="remove", emails="remove"),
    Mentions(),
    Mentions(action="remove"),
    Hashtags(),
    Hashtags(action="replace"),
    Hashtags(action="remove"),
    Numbers(),
    Numbers(action="remove"),
    Digits(),
    Casefold(),
    Unicode(),
    Unicode(zwnj="space"),
    Unicode(composition=False, compatibility=False, invisible=False, bidi=False, zwnj="keep"),
    Whitespace(),
    Whitespace(lines="keep"),
    Whitespace(trim=False),
    Contractions(),
    Elongation(),
    Elongation(letters=1, punctuation=0),
    Arabic(),
    Arabic(ta_marbuta=True, hamza="alone", presentation=False),
    Stopwords(),
    Stopwords(protect_negation=False, extra=("a",), keep=("the",)),
    Lectures(),
]

CHAIN = [Html(), Links(), Mentions(), Hashtags(), Unicode(), Arabic(), Digits(), Elongation(), Casefold(), Stopwords()]


def compiled(pattern: str) -> "re2._Regexp":
    return re2.compile(pattern)


def cut(rule: CharMap | SequenceMap, text: str) -> str:
    return "".join(rule.map.get(m.group(), m.group()) for m in compiled(rule.cut.re2).finditer(text))


def replaced(rule: Replace, text: str) -> str:
    out, done = "", 0
    for found in compiled(rule.compiled.re2).finditer(text):
        filled = re.sub(
            r"\\(.)",
            lambda m, found=found: "\\" if m[1] == "\\" else found.group(int(m[1])) or "",
            rule.replacement,
            flags=re.DOTALL,
        )
        out, done = out + text[done : found.start()] + filled, found.end()
    return out + text[done:]


def run(rules: tuple[Rule, ...], text: str) -> str:
    for rule in rules:
        if isinstance(rule, Replace):
            text = replaced(rule, text)
        elif isinstance(rule, MapWords | Squeeze):
            text = run(rule.replacements(), text)
        else:
            text = cut(rule, text)
    return text


@cache
def whole_chain() -> Preprocessor:
    return chain(spec.build() for spec in CHAIN)


@pytest.fixture(scope="module", params=SPECS, ids=repr)
def built(request: pytest.FixtureRequest) -> Preprocessor:
    preprocessor: Preprocessor = request.param.build()
    return preprocessor


def test_every_built_in_preprocessor_is_here() -> None:
    ours = {e.name for e in entry_points(group="kerasseq.preprocessors") if e.value.startswith("kerasseq.")}
    assert {spec.name for spec in SPECS} >= ours


def test_a_built_in_is_rules_as_data(built: Preprocessor) -> None:
    assert built.portable


def test_re2_and_python_agree_on_hostile_text(built: Preprocessor) -> None:
    texts = [*HOSTILE, "".join(HOSTILE), " ".join(HOSTILE)]
    assert [run(built.rules, text) for text in texts] == built(texts)


@settings(max_examples=40, deadline=None)
@given(text=TEXT)
def test_re2_and_python_agree_on_any_text(built: Preprocessor, text: str) -> None:
    assert run(built.rules, text) == built([text])[0]


@settings(max_examples=40, deadline=None)
@given(text=TEXT)
def test_re2_and_python_agree_on_a_whole_chain(text: str) -> None:
    whole = whole_chain()
    assert run(whole.rules, text) == whole([text])[0]
