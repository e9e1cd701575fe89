import pickle
from collections.abc import Sequence

from kerasseq.preprocessors.rules import CharMap, Preprocessor, Replace, Rules, chain


class Reverse(Preprocessor):
    """A plugin's arbitrary Python."""

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return [text[::-1] for text in texts]


class Listening(Preprocessor):
    """Says what the chain before it makes of a word."""

    def __init__(self, heard: str = "") -> None:
        self.heard = heard

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return [f"{text} {self.heard}" for text in texts]

    def after(self, previous: Preprocessor) -> Preprocessor:
        return Listening(previous(["abc"])[0])


def test_rules_run_in_order() -> None:
    rules = Rules([Replace("a", "b"), CharMap({"b": "c"}), Replace("c", "d")])
    assert rules(["a", "", "xax"]) == ["d", "", "xdx"]


def test_neighbouring_character_maps_become_one() -> None:
    rules = Rules([CharMap({"a": "b"}), CharMap({"b": "c"}), Replace("x", ""), CharMap({"c": "d"})])
    assert [type(rule) for rule in rules.rules] == [CharMap, Replace, CharMap]
    assert rules(["abx"]) == ["dd"]


def test_a_chain_of_rules_is_rules() -> None:
    joined = chain([Rules([CharMap({"a": "b"})]), Rules([CharMap({"b": "c"})])])
    assert joined.portable
    assert joined.rules == (CharMap({"a": "c", "b": "c"}),)


def test_an_empty_chain_changes_nothing_and_is_portable() -> None:
    nothing = chain([])
    assert nothing.portable
    assert nothing.rules == ()
    assert nothing(["a", ""]) == ["a", ""]


def test_arbitrary_python_is_allowed_and_makes_the_chain_not_portable() -> None:
    mixed = chain([Rules([CharMap({"a": "b"})]), Reverse(), Rules([Replace("c", "d")])])
    assert not mixed.portable
    assert mixed.rules == ()
    assert mixed(["abc"]) == ["dbb"]


def test_each_part_is_told_what_stands_before_it() -> None:
    joined = chain([Rules([CharMap({"a": "x"})]), Reverse(), Listening()])
    assert joined(["q"]) == ["q cbx"]


def test_a_chain_survives_pickling() -> None:
    for joined in (
        chain([Rules([CharMap({"a": "b"}), Replace("c", "d")])]),
        chain([Rules([CharMap({"a": "b"})]), Reverse()]),
    ):
        again = pickle.loads(pickle.dumps(joined))
        assert again(["abc"]) == joined(["abc"])
        assert again.rules == joined.rules


def test_a_batch_is_left_as_it_was() -> None:
    texts = ["a", "b"]
    chain([Rules([CharMap({"a": "b"})])])(texts)
    assert texts == ["a", "b"]
