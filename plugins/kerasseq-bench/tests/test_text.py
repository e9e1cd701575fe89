import importlib.util
import json
import sys
import types
from pathlib import Path

import pytest
from click.testing import CliRunner
from kerasseq_bench import text_rivals
from kerasseq_bench.text import text
from kerasseq_bench.text_rivals import (
    LENGTH,
    Contender,
    camel_tools,
    lectures,
    pieces,
    pyarabic,
    rivals,
    tensorflow_text,
    whitespace_pieces,
)
from kerasseq_bench.tweets import generate

from kerasseq.commands.main import main

TWEET = "قالَ @bob: إنّ #ملكة_الصحراء جمـــيلة، https://t.co/x1Y 3.5 😂👍🏽🇪🇬 1631 على"
TOKENS = "قال @bob : ان #ملكة_الصحراء جميلة ، https://t.co/x1Y 3.5 😂 👍🏽 🇪🇬 1631 علي".split()
VOCABULARY = ("", "[UNK]", "[SEP]", "قال", "ان", "علي", "😂")
IDS = [3, 1, 1, 4, 1, 1, 1, 1, 1, 6, 1, 1, 1, 5]


def test_generated_tweets_are_the_same_for_a_seed_and_hold_what_tweets_hold() -> None:
    tweets = generate(300, seed=7)
    assert tweets == generate(300, seed=7) != generate(300, seed=8)
    together = " ".join(tweets)
    for held in ("https://t.co/", "#", "@", "\u064e", "\u0640", "😂", "،"):
        assert held in together
    assert 60 < len(together) / 300 < 160


@pytest.mark.parametrize("build", [lectures, pieces])
def test_a_rival_cuts_and_numbers_a_tweet_by_the_same_rules(build: object) -> None:
    rival: Contender = build(VOCABULARY)  # type: ignore[operator]
    assert rival.tokens([TWEET]) == [TOKENS]
    assert list(rival.encode([TWEET])[0])[: len(IDS)] == IDS


def test_the_lectures_pad_and_cut_to_one_length() -> None:
    ids = lectures(VOCABULARY).encode(["قال", "قال " * 100])
    assert ids.shape == (2, LENGTH)
    assert ids.sum(axis=1).tolist() == [3, 3 * LENGTH]


def test_whitespace_of_tokenizers_cuts_links_and_tags() -> None:
    assert whitespace_pieces(VOCABULARY).tokens(["#a قال"]) == [["#", "a", "قال"]]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("tensorflow_text") is None, reason="tensorflow-text is not installed")
def test_tensorflow_text_cuts_and_numbers_a_tweet_by_the_same_rules() -> None:
    rival = tensorflow_text(VOCABULARY)
    assert rival.tokens([TWEET]) == [TOKENS]
    assert rival.encode([TWEET]).to_list() == [IDS]


def test_camel_tools_folds_by_its_own_rules() -> None:
    pytest.importorskip("camel_tools.utils.normalize", reason="camel-tools is not installed")
    pytest.importorskip("camel_tools.utils.dediac", reason="camel-tools is not installed")
    assert camel_tools(VOCABULARY).tokens(["قالَ: إنّ جمـــيلة على"]) == ["قال : ان جمـــيلة علي".split()]


def test_pyarabic_folds_by_its_own_rules() -> None:
    pytest.importorskip("pyarabic", reason="pyarabic is not installed")
    rival = pyarabic(VOCABULARY)
    assert rival.tokens(["قالَ: إنّ جمـــيلة على"]) == ["قال : ان جميلة علا".split()]
    assert list(rival.encode(["قالَ: إنّ"])[0])[:4] == [3, 1, 4, 0]


def test_a_library_that_is_not_installed_is_no_rival(monkeypatch: pytest.MonkeyPatch) -> None:
    araby = types.SimpleNamespace(
        **dict.fromkeys(("strip_tatweel", "strip_diacritics", "normalize_alef", "normalize_ligature"), str.lower)
    )
    monkeypatch.setitem(sys.modules, "pyarabic.araby", araby)
    monkeypatch.setattr(text_rivals.importlib.util, "find_spec", lambda name: name == "pyarabic" or None)
    found = rivals(VOCABULARY)
    assert found[-1].name == "pyarabic, str.split, dict"
    assert len(found) == 4
    assert found[-1].tokens(["A,b"]) == [["a", ",", "b"]]


def test_kerasseq_and_its_rivals_agree_on_nearly_all_generated_tweets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasseq_bench.text_rivals.tensorflow_text", lectures)  # not to load TensorFlow here
    file = tmp_path / "found.json"
    result = CliRunner().invoke(text, ["--tweets", "200", "--rounds", "2", "--json", str(file)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "| kerasseq |" in result.output
    rows = {row["name"]: row for row in json.loads(file.read_text(encoding="utf-8"))["rows"]}
    assert rows["kerasseq"]["same_tokens"] == 1
    assert rows["re.sub, str.split, dict"]["same_tokens"] > 0.95
    assert rows["HF tokenizers, Split by the same rules"]["same_tokens"] > 0.95
    assert rows["kerasseq, the chain for tweets"]["same_tokens"] is None
    assert all(row["slowest"] <= row["texts_per_second"] <= row["fastest"] for row in rows.values())
    assert all(row["texts_per_cpu_second"] > 0 for row in rows.values())


def test_texts_come_from_a_column_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerasseq_bench.text_rivals.tensorflow_text", lectures)
    table = tmp_path / "tweets.csv"
    table.write_text("tweet,x\n" + "صباح الخير,1\n" * 5, encoding="utf-8")
    options = ["--data", str(table), "--column", "tweet", "--rounds", "1", "--tweets", "3"]
    result = CliRunner().invoke(text, options, catch_exceptions=False)
    assert "3 texts of 10 characters and 2.0 tokens" in result.output


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    table = tmp_path / "tweets.csv"
    table.write_text("tweet\nصباح\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["bench", "text", "--data", str(table)])
    assert result.exit_code != 0
    assert "text" in result.output


def test_each_rule_is_measured_alone_and_beside_all_of_them_at_once(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    options = ["--by-rule", "--tweets", "50", "--rounds", "1", "--json", str(file)]
    result = CliRunner().invoke(text, options, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    chains = json.loads(file.read_text(encoding="utf-8"))["chains"]
    rows = chains["Arabic"]["rows"]
    assert list(dict.fromkeys(row["part"] for row in rows)) == ["unicode", "links", "arabic", "word"]
    assert [row["rule"] for row in rows[-2:]] == ["cut", "look up"]
    assert all(row["microseconds"] > 0 for row in rows)
    folded = next(row for row in reversed(rows) if row["rule"].startswith("CharMap"))
    assert folded["changed"] > 0.5
    assert all(chain["first"] > 0 and chain["again"] > 0 for chain in chains.values())
    assert "| links | Replace, only with U+002E U+002F |" in result.output
    assert "texts not seen before" in result.output
