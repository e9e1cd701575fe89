"""Every chain of rules gives what its rules give one behind the other."""

from pathlib import Path

import pytest
from fuzzing.texts import CHAINS, HOSTILE, TEXT, built, one_by_one
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.preprocessors.mapped import Mapped
from kerasseq.preprocessors.rules import CharMap, MapWords, Replace, Rule, SequenceMap, Squeeze
from kerasseq.preprocessors.waking import Waking

RULES: list[Rule] = [
    Replace("a+", "ب@", only_with="a"),
    Replace("(@)b|c", r"\1a\\", only_with="@c"),
    Replace("[^{space}]😀", "n", only_with="😀"),
    Replace("{space}+", " "),
    Replace("{start}{space}+|{space}+{end}", ""),
    CharMap({"b": "a ", "\u00a0": " ", "ب": ""}),
    CharMap({"n": "\n", "\\": "c"}),
    CharMap({"c": "b", "😀": "n"}),
    SequenceMap({"a@": "bb", "bn": "", "😀b": "a"}),
    MapWords({"a-b": "c", "n-n": "@a"}),
    MapWords({"ab": "ba"}),
    Squeeze("ab", 2),
]
SMALL = st.lists(st.text(st.sampled_from(list("aabbc@n\\-ب😀 \u00a0\n")), max_size=12), min_size=1, max_size=40)


@settings(deadline=None)
@given(st.lists(st.sampled_from(RULES), max_size=6), SMALL)
def test_rules_that_wake_each_other_run_in_their_order(rules: list[Rule], texts: list[str]) -> None:
    wanted = one_by_one(rules, texts)
    assert Waking(rules)(texts) == wanted
    assert Waking(rules)(texts * 40) == wanted * 40  # so many are looked at together


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=30, deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=40))
def test_a_chain_gives_what_its_rules_give_one_behind_the_other(name: str, texts: list[str]) -> None:
    rules = built(name)
    assert rules(texts) == one_by_one(rules.rules, texts)


@pytest.mark.parametrize("name", CHAINS)
def test_hostile_texts_alone_and_among_many(name: str) -> None:
    rules, texts = built(name), [*HOSTILE, "".join(HOSTILE), " ".join(HOSTILE), "\ud800"]
    wanted = one_by_one(rules.rules, texts)
    assert rules(texts * 3) == wanted * 3
    assert [rules([text])[0] for text in texts] == wanted


@pytest.mark.parametrize("name", ["Arabic", "tweets", "others"])  # `numbers` brackets, and drops what it bracketed
def test_a_rule_says_what_wakes_it_and_what_it_writes(name: str) -> None:
    for rule in built(name).rules:
        step = rule.step()
        for text in HOSTILE:
            made = step(text)
            if rule.wakers is not None and not rule.wakers.intersection(text):
                assert made == text
            assert set(made) <= {*text, *rule.writes}


def test_more_rules_than_a_number_has_bits() -> None:
    rules = [Replace(chr(0x4E00 + place), chr(0x4E01 + place), only_with=chr(0x4E00 + place)) for place in range(70)]
    assert Waking(rules)(["一", "x"] * 40) == [chr(0x4E00 + 70), "x"] * 40


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["Arabic", "tweets"])
def test_real_texts_come_out_as_rule_by_rule(realdata: Path, name: str) -> None:
    lines = (realdata / "arsarcasm" / "ArSarcasm_train.csv").read_text(encoding="utf-8").splitlines()[:3000]
    assert built(name)(lines) == one_by_one(built(name).rules, lines)


@given(st.dictionaries(st.sampled_from("ab\u064b"), st.sampled_from(["", "ا", "😀"]), min_size=1), SMALL)
def test_a_map_over_many_texts_is_the_map_of_each(table: dict[str, str], texts: list[str]) -> None:
    rule = CharMap(table)
    mapped = Mapped.of(rule)
    assert mapped is not None
    assert mapped(texts) == one_by_one([rule], texts)


@pytest.mark.parametrize("table", [{"a": "bb"}, {"😀": "a"}, {"\n": "a"}, {"a": "\n"}])
def test_a_map_that_a_table_cannot_hold_is_left_to_the_rule(table: dict[str, str]) -> None:
    assert Mapped.of(CharMap(table)) is None
