"""A translation made by hand answers with texts: by what the file writes itself, and by a search over its steps."""

import subprocess
import sys

import pytest
from kerasseq_runtime import load
from kerasseq_runtime.errors import DataError, RunError, UsageError


def test_texts_are_answered_with_texts_and_nothing_with_nothing(make):
    model = load(make("translator", search={"name": "beam", "width": 2, "n_best": 1, "length_normalisation": 0.0}))
    assert (model.takes, model.translates, model.writes) == ("text", True, False)
    answers = model.predict(["a b", "", "c c c c c c"])
    assert answers["prediction"] == ["x y", "", "z z z z z"]  # four tokens, and one in the place of what ends it
    assert answers["score"][1] == 0 and -1 < answers["score"][0] < 0


def test_without_a_search_the_file_writes_itself(make):
    model = load(make("translator"))
    assert model.predict(["a b", "", "c"]) == {"prediction": ["x y", "", "z"], "score": [-2.0, 0.0, -1.0]}
    assert model.predict([]) == {"prediction": [], "score": []}
    [[draft]] = model.translate(["a b"], greedy=True)
    assert load(make("translator")).translate(["a b"]) == [[draft]]
    assert (draft.prompt, draft.text, draft.tokens, draft.ended) == ("a b", "x y", 2, True)


def test_a_beam_gives_several_the_best_first(make):
    [several, nothing] = load(make("translator")).translate(["b", ""], beam=3, n_best=3)
    assert several[0].text == "y" and len({draft.text for draft in several}) == 3
    assert [draft.text for draft in nothing] == [""]


def test_many_texts_come_in_batches_and_in_their_order(make):
    texts = ["a b c a"[: 2 * (n % 4) + 1] for n in range(150)]
    told = str.maketrans("abc", "xyz")
    drafts = load(make("translator")).translate(texts, beam=2)
    assert [draft.text for [draft] in drafts] == [text.translate(told) for text in texts]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"texts": "a"}, UsageError, "must be a list of texts, got one text"),
        ({"texts": [1]}, DataError, "must be texts, got 1 in row 0"),
        ({"texts": ["a"], "n_best": 2}, UsageError, "n_best: must be 1 without a beam"),
        ({"texts": ["a"], "beam": 9}, UsageError, "search.width: must be at most the 4 tokens that may be written"),
    ],
)
def test_what_cannot_be_asked_is_said(make, asked, error, said):
    with pytest.raises(error, match=said):
        load(make("translator")).translate(**asked)


def test_a_file_that_answers_with_labels_does_not_translate(make):
    with pytest.raises(UsageError, match="must be a translation, got one of regression; use predict"):
        load(make("counter")).translate(["a"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"decoder": {"longest": 0, "held": ["memory"], "states": ["place"]}}, "kerasseq.decoder does not say"),
        ({"decoder": {"longest": 4, "held": ["memory"], "states": []}}, "kerasseq.decoder does not say"),
        ({"decoder": {"longest": 4, "held": ["memory"], "states": ["gone"]}}, "must have the inputs .* lacks gone"),
        ({"spelling": {"vocabulary": [1]}}, "kerasseq.spelling has no vocabulary of texts"),
        ({"separator": 9}, "kerasseq.separator is none of 6 ids"),
    ],
)
def test_a_file_that_does_not_fit_what_it_says_is_refused(make, changed, said):
    with pytest.raises(RunError, match=said):
        load(make("translator", **changed))


def test_translating_imports_onnxruntime_and_numpy_alone(make):
    code = (
        "import sys; from kerasseq_runtime import load; load(sys.argv[1]).translate(['a'], beam=2); "
        "print(sorted({'keras', 'torch', 'jax', 'kerasseq', 'tokenizers'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, make("translator")], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
