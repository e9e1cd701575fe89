"""A language model made by hand writes: with what settings, and what is refused."""

import math
import subprocess
import sys

import pytest
from kerasseq_runtime import load
from kerasseq_runtime.errors import RunError, UsageError
from kerasseq_runtime.spelling import Spelling


def test_the_likeliest_text_goes_on_behind_the_prompt_until_its_end_is_likelier(make):
    model = load(make("writer"))
    assert (model.takes, model.writes) == ("prompt", True)
    [[one], [two]] = model.generate(["a", ""], greedy=True)
    assert (one.text, one.tokens, one.ended) == ("b c a b", 4, True)
    assert two.text == "a b c a b"
    scores = [[-1, -1, -1 + 0.5 * read, -1, -1, -1] for read in range(2, 7)]
    for row, after in zip(scores, (4, 5, 3, 4, 5), strict=True):
        row[after] += 3
    chosen = (4, 5, 3, 4, 2)
    by_hand = sum(row[k] - math.log(sum(map(math.exp, row))) for row, k in zip(scores, chosen, strict=True))
    assert one.log_probability == pytest.approx(by_hand, abs=1e-5)


def test_seeds_samples_and_batches(make):
    model = load(make("writer"))
    asked = {"temperature": 2.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0}
    texts = [[draft.text for draft in each] for each in model.generate(["a", "b"], 20, **asked, samples=40, seed=3)]
    assert [len(each) for each in texts] == [40, 40]
    again = [[draft.text for draft in each] for each in model.generate(["a", "b"], 20, **asked, samples=40, seed=3)]
    assert texts == again
    assert len({*texts[0]}) > 5
    assert texts != [[draft.text for draft in each] for each in model.generate(["a", "b"], 20, **asked, samples=40)]


def test_a_listener_hears_the_text_and_a_stop_ends_it(make):
    model = load(make("writer"))
    heard = []
    [[whole]] = model.generate(["a"], greedy=True, told=lambda row, text: heard.append((row, text)))
    assert "".join(text for _, text in heard) == whole.text
    [[one]] = model.generate(["a"], greedy=True, stop=["c"])
    [[two]] = model.generate(["a"], greedy=True, stop=["c a"])
    assert (one.text, two.text, one.ended, two.ended) == ("b", "b ", True, True)
    assert two.tokens == 3 < whole.tokens  # b, and the two of the stop
    [[again], [other]] = model.generate(["a", "b"], 20, greedy=True, stop=["b c a"])
    assert [again.text, again.tokens, other.text] == ["", 3, "c a b c"]  # the second ends of itself
    heard.clear()
    model.generate(["a"], greedy=True, stop=["c a"], told=lambda row, text: heard.append((row, text)))
    assert "".join(text for _, text in heard) == "b c a"
    assert [draft.text for draft in model.generate(["a"], 4, beam=4, samples=2)[0]][0] == "b c a b"


def test_what_the_file_says_of_a_search_holds_where_nothing_else_is_asked(make):
    model = load(make("writer", search={"name": "greedy", "repetition_penalty": 1.0}))
    assert model.generate(["a"], 3)[0][0].text == "b c a"
    assert model.generate(["a"], 3, seed=1) == model.generate(["a"], 3)
    with pytest.raises(UsageError, match="samples: must be 1 where the search is greedy, got 2; a temperature draws"):
        model.generate(["a"], 3, samples=2)
    assert len(model.generate(["a"], 3, samples=2, temperature=1.0)[0]) == 2
    model = load(make("writer", search={"name": "beam", "width": 3, "n_best": 2}))
    assert [len(model.generate(["a"], 3, samples=samples)[0]) for samples in (1, 3)] == [2, 3]
    assert model.generate(["a"], 3, samples=3) == model.generate(["a"], 3, beam=3, samples=3)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"temperature": 0}, r"temperature: must be in \(0, 100\], got 0"),
        ({"top_p": 1.5, "top_k": -1}, r"(?s)top_k: must be .* got -1.*top_p: must be in \(0, 1\], got 1.5"),
        ({"top_k": 2.5}, "top_k: must be a whole number of at least 0, got 2.5"),
        ({"min_p": math.nan}, r"min_p: must be in \[0, 1\), got nan"),
        ({"greedy": True, "temperature": 1.0}, "greedy: draws nothing, got temperature too"),
        ({"beam": 2, "samples": 3}, "n_best: must be at most the width 2, got 3"),
        ({"beam": 2, "greedy": True}, "beam: searches and does not draw, got greedy too"),
        ({"samples": 0}, "samples: must be a whole number of at least 1, got 0"),
        ({"max_length": 0}, "max_length: must be at least 1, got 0"),
        ({"stop": [""]}, "stop: must be texts of a character or more"),
        ({"prompts": "a"}, "texts: must be a list of texts, got one text"),
    ],
)
def test_what_cannot_be_asked_is_said(make, asked, said):
    with pytest.raises(UsageError, match=said):
        load(make("writer")).generate(**asked)


def test_a_file_that_writes_answers_nothing_and_one_that_answers_does_not_write(make):
    with pytest.raises(UsageError, match="is a language model, which writes; use generate"):
        load(make("writer")).predict(["a"])
    with pytest.raises(UsageError, match="must be a language model to write, got one of regression"):
        load(make("counter")).generate(["a"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"states": {"seen": "gone"}}, "must have the outputs gone, logits, text_ids, got"),
        ({"separator": 9}, "kerasseq.separator is none of 6 ids"),
        ({"spelling": {"vocabulary": [1]}}, "kerasseq.spelling has no vocabulary of texts"),
        ({"spelling": {"vocabulary": ["", "a", "b"], "joiner": "", "bytes": False}}, "must give logits of 3 tokens"),
        ({"python_steps": ["lemmas"]}, "must hold every step, got one that leaves lemmas to Python"),
    ],
)
def test_a_file_that_does_not_fit_what_it_says_is_refused(make, changed, said):
    with pytest.raises(RunError, match=said):
        load(make("writer", **changed))


def test_bytes_of_a_character_wait_for_the_rest():
    spelling = Spelling(["", "", "", "\xd9", "\x85", "a"], of_bytes=True)
    spelled = spelling.speller()
    assert [spelled(token) for token in (5, 3, 4)] == ["a", "", "م"]
    assert spelling.decode([5, 3, 4, 0, 2]) == "aم"
    assert spelling.decode([3, 5]) == "\ufffda"
    assert (spelling.token("a"), spelling.token("م")) == (5, 1)
    assert Spelling.from_json(spelling.as_json()) == Spelling(tuple(spelling.vocabulary), of_bytes=True)


def test_writing_imports_onnxruntime_and_numpy_alone(make):
    code = (
        "import sys; from kerasseq_runtime import load; load(sys.argv[1]).generate(['a'], 3); "
        "print(sorted({'keras', 'torch', 'jax', 'kerasseq', 'tokenizers'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, make("writer")], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_class_writes_where_the_file_has_classes(make):
    model = load(make("writer", conditions=["x", "y"]))
    assert model.conditions == ("x", "y")
    texts = [model.generate(["", "a"], condition=name, greedy=True, repetition_penalty=1.1) for name in ("x", "y")]
    assert [[one.text[0] for [one] in each] for each in texts] == [["b", "b"], ["c", "b"]]
    with pytest.raises(UsageError, match='condition: must be one of x, y, got "z"'):
        model.generate(condition="z")
    with pytest.raises(UsageError, match='condition: must be one of x, y, got ""'):
        model.generate()
    with pytest.raises(UsageError, match="condition: must be empty, for no class writes here"):
        load(make("writer")).generate(condition="x")


def test_names_of_classes_that_are_none_are_refused(make):
    with pytest.raises(RunError, match=r"kerasseq.conditions are no names of classes"):
        load(make("writer", conditions=["x", 3]))


@pytest.mark.parametrize("told", [None, lambda row, text: None])
def test_what_a_file_computes_that_is_no_number_is_an_error_with_its_name(make, told):
    model = load(make("writer", end=math.nan))
    with pytest.raises(RunError, match=r"writer\.onnx: the model's logits must be numbers, got nan"):
        model.generate(["a"], told=told)
