"""Words that are left out, against models of which it is known what each word adds."""

import dataclasses
import json
import math

import pytest
from kerasseq_runtime import load, occlusion
from kerasseq_runtime.errors import DataError, UsageError
from kerasseq_runtime.explanation import Explanation, WeighedWord
from kerasseq_runtime.occlusion import asked, occluded, variants, words

# === Words ===


def test_words_are_what_stands_between_white_space_and_know_their_places():
    text = (" يوم\u00a0جميل,\nfine\t🙂", "a")
    found = words(text)
    assert [(word.field, word.word) for word in found] == [
        ("text", "يوم"),
        ("text", "جميل,"),
        ("text", "fine"),
        ("text", "🙂"),
        ("text_2", "a"),
    ]
    for word in found:
        part = text[word.field == "text_2"]
        assert part[word.start : word.start + len(word.word)] == word.word
    assert list(variants(text, found))[2] == (" يوم\u00a0fine\t🙂", "a")
    assert list(variants(text, found))[-1] == (text[0], "")


def test_what_is_asked_is_the_probability_of_the_answered_class_or_the_number():
    assert asked({"prediction": "b", "score": 0.6, "score[a]": 0.4, "score[b]": 0.6}) == "score[b]"
    assert asked({"prediction": 2.5}) == "prediction"
    assert asked({"prediction": "a text", "score": -1.0}) == asked({"prediction": ["a", "b"]}) == ""


# === Weights ===


def test_a_number_loses_exactly_what_a_word_adds(make):
    [found, empty, one] = load(make("weigher")).explain(["fine  awful nothing جميل fine", "", "day"])
    assert found.answer == {"prediction": -1.0}
    assert [(word.word, word.start, word.end) for word in found.words] == [
        ("fine", 0, 4),
        ("awful", 6, 11),
        ("nothing", 12, 19),
        ("جميل", 20, 24),
        ("fine", 25, 29),
    ]
    assert [word.weight for word in found.words] == [-1.0, 2.0, 0.0, -1.0, -1.0]
    assert {(word.method, word.field) for word in found.words} == {("occlusion", "text")}
    assert empty == Explanation({"prediction": 0.0})
    assert one.words == (WeighedWord("day", 0, 3, 0.5, "occlusion"),)


def test_of_several_classes_the_answered_one_is_asked(make, softmax):
    model = load(make("weigher", classes=True))
    texts = ["fine fine awful", "جميل day fine", "awful", "nothing"]
    for text, found in zip(texts, model.explain(texts), strict=True):
        place = int(softmax(text).argmax())
        assert found.answer["prediction"] == model.labels[place]
        split = text.split()
        without = [" ".join(split[:n] + split[n + 1 :]) for n in range(len(split))]
        expected = [softmax(text)[place] - softmax(each)[place] for each in without]
        assert [word.weight for word in found.words] == pytest.approx(expected, abs=1e-6)


def test_both_texts_of_a_pair_are_weighed(make):
    [found, empty] = load(make("weigher", pairs=True)).explain(["fine day", ""], ["awful", ""])
    assert found.answer == {"prediction": -2.5}
    assert [(word.field, word.word, word.start, word.weight) for word in found.words] == [
        ("text", "fine", 0, -1.0),
        ("text", "day", 5, 0.5),
        ("text_2", "awful", 0, -2.0),
    ]
    assert empty.words == ()


def test_weights_are_not_rounded_as_answers_are(make, monkeypatch, weights):
    monkeypatch.setitem(weights, "fine", (3e-8, 0.0, 0.0))
    [found] = load(make("weigher")).explain(["fine"])
    assert found.answer == {"prediction": 0.0}
    assert found.words[0].weight == pytest.approx(3e-8)
    assert found.as_json()["words"][0]["weight"] == 3e-8


# === Bounds ===


def test_a_text_is_asked_at_once_and_many_texts_a_part_at_a_time(make, monkeypatch):
    model = load(make("weigher"))
    answered, asked_for = model._answered, []

    def counting(rows, *more):
        asked_for.append([first for first, _ in rows])
        return answered(rows, *more)

    monkeypatch.setattr(model, "_answered", counting)
    model.explain(["fine day fine"])
    assert [len(texts) for texts in asked_for] == [1, 4]
    asked_for.clear()
    monkeypatch.setattr(occlusion, "ROOM", 1_000)
    found = model.explain(["fine day awful nothing"] * 1_000)
    assert {word.weight for word in found[-1].words} == {-1.0, 0.5, 2.0, 0.0}
    assert sum(map(len, asked_for)) == 6_000
    assert max(sum(map(len, texts)) for texts in asked_for[1:]) <= 1_000
    monkeypatch.setattr(occlusion, "ROWS", 7)
    asked_for.clear()
    assert model.explain(["fine day awful nothing"] * 10) == found[:10]
    assert max(map(len, asked_for[1:])) == 7


def test_of_a_long_text_the_words_of_the_heaviest_stretches_are_weighed_and_the_others_counted(make, monkeypatch):
    model = load(make("weigher"))
    split = ["nothing"] * 1_000
    split[17], split[18], split[871] = "fine", "day", "awful"
    text = " ".join(split)
    answered, asked_for = model._answered, []
    monkeypatch.setattr(model, "_answered", lambda rows, *more: asked_for.append(len(rows)) or answered(rows, *more))
    [found] = model.explain([text])
    assert len(found.words) == 200 and found.left_out == 800
    assert {word.word: word.weight for word in found.words if word.weight} == {"fine": -1.0, "day": 0.5, "awful": 2.0}
    assert all(text[word.start : word.end] == word.word for word in found.words)
    starts = [word.start for word in found.words]
    assert starts == sorted(starts)
    assert sum(asked_for) <= 1 + 201 + 201
    asked_for.clear()
    [few] = model.explain([text], words=3)
    assert len(few.words) == 3 and few.left_out == 997
    assert sum(asked_for) <= 1 + 4 + 4
    [whole] = model.explain([text], words=1_000)
    assert len(whole.words) == 1_000 and whole.left_out == 0


def test_the_bound_is_of_both_texts_of_a_pair_together(make):
    [found] = load(make("weigher", pairs=True)).explain(["nothing " * 300], ["nothing " * 299 + "awful"])
    assert len(found.words) == 200 and found.left_out == 400
    assert [(word.field, word.weight) for word in found.words if word.weight] == [("text_2", -2.0)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 26, 100])
def test_however_few_words_are_weighed_they_are_those_that_count(size):
    text = " ".join(f"w{n}" for n in range(101))
    seen = []

    def ask(rows, names):
        seen.extend(rows)
        return {"prediction": [first.split().count("w60") for first, _ in rows]}

    [(found, left)] = occluded([(text, "")], ["prediction"], ask, size)
    assert (len(found), left) == (size, 101 - size)
    assert len(seen) <= 2 * (size + 1)
    if size > 10:  # so many as a stretch has
        assert [word.word for word in found if word.weight] == ["w60"]


# === Files ===


@pytest.mark.parametrize("kind", ["tagger", "mover", "writer", "translator"])
def test_a_file_of_other_rows_or_answers_is_not_explained(make, kind):
    model = load(make(kind))
    assert not model.explains
    with pytest.raises(
        UsageError, match="must read texts and answer with a class or a number to be explained, got one"
    ):
        model.explain(["a"])


def test_what_is_no_list_of_texts_and_no_bound_is_refused(make):
    model = load(make("weigher"))
    assert model.explains and model.explain([]) == []
    with pytest.raises(UsageError, match="must be a list of texts, got one text"):
        model.explain("fine")
    with pytest.raises(DataError, match="must be single texts, got pairs"):
        model.explain(["fine"], ["day"])
    with pytest.raises(UsageError, match="words: must be at least 1, got 0"):
        model.explain(["fine"], words=0)


def test_half_a_surrogate_keeps_the_places(make):
    [found] = load(make("weigher")).explain(["\ud800 fine"])
    assert [(word.word, word.start, word.weight) for word in found.words] == [("?", 0, 0.0), ("fine", 2, -1.0)]


def test_an_explanation_is_json(make):
    [found] = load(make("weigher", classes=True)).explain(["جميل"])
    [word] = json.loads(json.dumps(found.as_json()))["words"]
    assert set(word) == {field.name for field in dataclasses.fields(WeighedWord)}
    assert word["weight"] == pytest.approx(1 / (1 + math.exp(-4) + math.exp(-3)) - 1 / 3, abs=1e-6)
    assert "left_out" not in found.as_json()
