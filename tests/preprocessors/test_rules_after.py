import pickle
from functools import partial

from kerasseq.preprocessors.each_word import EachWord
from kerasseq.preprocessors.rules import CharMap, MapWords, Preprocessor, Rule, Rules, chain
from kerasseq.preprocessors.rules_after import RulesAfter


def dropped(words: tuple[str, ...], previous: Preprocessor) -> list[Rule]:
    return [MapWords(dict.fromkeys(previous(words), "")), CharMap({"!": "."})]


DROP = RulesAfter(partial(dropped, ("The", "Cat")))
LOWER = Rules([CharMap({"T": "t", "C": "c"})])


def test_alone_the_words_are_as_written() -> None:
    assert DROP(["The Cat the cat!"]) == ["  the cat."]
    assert DROP.portable and DROP.rules == (MapWords({"The": "", "Cat": ""}), CharMap({"!": "."}))


def test_in_a_chain_the_words_go_through_what_stands_before() -> None:
    joined = chain([LOWER, DROP])
    assert joined(["The Cat the cat!"]) == ["   ."]
    assert joined.portable and joined.rules == (*LOWER.rules, MapWords({"the": "", "cat": ""}), CharMap({"!": "."}))


def test_what_stands_before_may_be_a_step_of_python() -> None:
    assert chain([EachWord(str.upper, "[{letter}]+", "[a-zA-Z]+"), DROP])(["the cat sat"]) == ["  SAT"]


def test_it_can_be_told_again_and_after_a_journey() -> None:
    for step in (DROP.after(LOWER), pickle.loads(pickle.dumps(DROP.after(LOWER)))):
        assert step(["The the"]) == ["The "]
        assert step.after(Rules())(["The the"]) == [" the"]
