"""What a client may send, and what it is told otherwise."""

import json

import pytest
from kerasseq_serve.body import one_text, texts
from kerasseq_serve.errors import Refused
from kerasseq_serve.settings import Settings

SETTINGS = Settings(max_texts=3, max_characters=10)


def _sent(content, pair=False):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return texts(body, pair, SETTINGS)


@pytest.mark.parametrize(
    ("content", "pair", "found", "many"),
    [
        ({"text": "a b"}, False, [("a b", "")], False),
        ({"text": ""}, False, [("", "")], False),
        ({"texts": ["a", "", "جميل 🙂"]}, False, [("a", ""), ("", ""), ("جميل 🙂", "")], True),
        ({"texts": []}, False, [], True),
        ({"text": "a", "text_2": "b"}, True, [("a", "b")], False),
        ({"texts": ["a", "b"], "texts_2": ["c", "d"]}, True, [("a", "c"), ("b", "d")], True),
    ],
)
def test_texts_are_read_in_their_order(content, pair, found, many):
    asked = _sent(content, pair)
    assert list(asked.texts) == found
    assert asked.many == many


@pytest.mark.parametrize(
    ("content", "pair", "status", "message"),
    [
        (b"", False, 400, "body: must be JSON, got an error in line 1, column 1"),
        (b"{", False, 400, "body: must be JSON"),
        (b'{"text": "a\nb"}', False, 400, "invalid control character"),
        (b'{"text": "\xff"}', False, 400, r"body: must be utf-8, got byte 0xFF \(byte 11\)"),
        ('{"text": "a"}'.encode("utf-16"), False, 400, "must be utf-8"),
        (b"[" * 100_000, False, 400, "cannot be read"),
        (b'{"text": ' + b"9" * 10_000 + b"}", False, 400, "cannot be read"),
        ([], False, 422, "body: must be a JSON object, got a list"),
        ("a", False, 422, "got a string"),
        ({}, False, 422, "text: must be given, this model reads text, or texts"),
        ({"text": None}, False, 422, "text: must be a string, got null"),
        ({"text": 1.5}, False, 422, "got a number"),
        ({"text": True}, False, 422, "got a truth value"),
        ({"text": ["a"]}, False, 422, "text: must be a string, got a list"),
        ({"texts": "a"}, False, 422, "texts: must be a list of strings, got a string"),
        ({"texts": ["a", {}]}, False, 422, r"texts\[1\]: must be a string, got an object"),
        ({"texts": ["a"] * 4}, False, 422, "at most 3 texts, got 4; .*--max-texts"),
        ({"text": "a" * 11}, False, 422, "at most 10 characters, got 11; .*--max-characters"),
        ({"text": "ab\0"}, False, 422, "no NUL character, got one as character 3"),
        (b'{"text": "a\\ud800"}', False, 422, "half a surrogate pair as character 2"),
        ({"text": "a", "texts": ["b"]}, False, 422, "no others, got texts"),
        ({"text": "a", "text_2": "b"}, False, 422, "no others, got text_2"),
        ({"text": "a", "secret": 1}, False, 422, "no others, got 1 more"),
        ({"text": "a"}, True, 422, "text_2: must be given, this model reads text and text_2"),
        ({"texts": ["a"], "text_2": "b"}, True, 422, "texts_2: must be given"),
        ({"texts": ["a", "b"], "texts_2": ["c"]}, True, 422, "for each of texts, got 2 and 1"),
    ],
)
def test_a_wrong_body_is_told_the_rule_and_the_value(content, pair, status, message):
    with pytest.raises(Refused, match=message) as refused:
        _sent(content, pair)
    assert refused.value.status == status


def test_a_whole_surrogate_pair_is_one_character():
    assert _sent(b'{"text": "\\ud83d\\ude42"}').texts == (("🙂", ""),)


def test_an_explanation_is_of_one_text():
    with pytest.raises(Refused, match="got a list"):
        one_text(b'{"texts": ["a"]}', False, SETTINGS)
    assert one_text(b'{"text": "a", "text_2": "b"}', True, SETTINGS) == ("a", "b")
