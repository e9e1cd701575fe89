"""The linear branch is strong, calibrated, stored whole, and the same in an exported file."""

import numpy as np
import onnxruntime
import pytest

from kerasseq.errors import RunError
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.pipelines.text import TextPipeline
from kerasseq.tokenizers.word import Word
from kerasseq.wide import folds, ngram_branch
from kerasseq.wide.branch import Sought
from kerasseq.wide.ngrams import Ngrams

WORDS = ["film", "book", "song", "place", "day", "فيلم", "كتاب"]
MOODS = [["bad", "awful", "سيء"], ["good", "great", "جيد"], ["plain", "usual", "عادي"]]


def rows(count, classes=2, seed=0, certain=1.0):
    """Texts whose class one word tells, in `certain` of them."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, count)
    texts = []
    for k in truth:
        said = k if random.random() < certain else random.integers(0, classes)
        words = [*random.choice(WORDS, 4), random.choice(MOODS[said])]
        texts.append(" ".join(random.permutation(words)))
    return texts, truth.astype(np.int64)


def fitted(texts, sought, **settings):
    branch = Ngrams(**settings).build()
    branch.fit(texts, sought)
    return branch


def probabilities(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def in_file(branch, texts):
    from kerasseq.onnx_graph.strings import NUL_STANDS_FOR

    graph = Graph()
    graph.output(
        "values", "float32", ["batch", branch.width], branch.to_onnx(graph, graph.input("text", "string", ["batch"]))
    )
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString(), _options())
    return session.run(None, {"text": np.array([t.replace("\0", NUL_STANDS_FOR) for t in texts], dtype=object)})[0]


def _options():
    from kerasseq_runtime.session import string_operators

    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(string_operators())
    return options


@pytest.mark.parametrize("classes", [2, 3])
def test_it_learns_what_one_word_tells_and_says_how_sure_it_is(classes):
    texts, truth = rows(600, classes, certain=0.8)
    branch = fitted(texts, Sought(truth, classes, classes > 2))
    others, known = rows(2000, classes, seed=1, certain=0.8)
    found = probabilities(branch.values(others).astype(float))
    right = 0.8 + 0.2 / classes
    assert (found.argmax(axis=1) == known).mean() == pytest.approx(right, abs=0.03)
    assert found.max(axis=1).mean() == pytest.approx(right, abs=0.05)  # calibrated: as sure as it is right
    assert branch.held_out.shape == (600, classes)


def test_what_it_says_of_a_row_that_it_learned_from_was_said_without_it():
    texts, truth = rows(200)
    noise = np.random.default_rng(1).integers(0, 2, 200)
    texts = [f"{text} key{n}x{n * 7919 % 1000}" for n, text in enumerate(texts)]  # a word of its own for each row
    branch = fitted(texts, Sought(noise, 2))
    assert (branch.values(texts).argmax(axis=1) == noise).mean() > 0.9
    assert (branch.held_out.argmax(axis=1) == noise).mean() < 0.65


def test_letters_are_left_out_where_they_only_mislead_and_kept_where_they_tell():
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 300).astype(np.int64)
    inner = [f"{random.integers(10**6)}{'xq' if k else 'zw'}{random.integers(10**6)} word" for k in truth]
    assert "characters" in fitted(inner, Sought(truth, 2)).describe()["n-grams"]
    assert "characters" not in fitted(inner, Sought(truth, 2), characters=0).describe()["n-grams"]


def test_rare_classes_weigh_more_where_the_score_says_so():
    random = np.random.default_rng(0)
    truth = np.array([0] * 400 + [1] * 40 + [2] * 40, dtype=np.int64)
    said = [k if random.random() < 0.7 else random.integers(0, 3) for k in truth]
    texts = [" ".join([*random.choice(WORDS, 4), random.choice(MOODS[k])]) for k in said]
    branch = fitted(texts, Sought(truth, 3, by_class=True))
    assert branch.balanced
    assert not fitted(texts, Sought(truth, 3, by_class=False)).balanced


@pytest.mark.parametrize("limits", [(), (0.0, 10.0)])
def test_numbers_are_learned_with_their_spread(limits):
    random = np.random.default_rng(0)
    truth = random.uniform(0, 10, 400)
    texts = [" ".join(["good"] * round(t) + ["bad"] * round(10 - t) + list(random.choice(WORDS, 3))) for t in truth]
    branch = fitted(texts, Sought(truth, limits=limits))
    held_out = branch.held_out[:, 0]
    assert np.corrcoef(held_out, truth)[0, 1] > 0.95
    assert np.polyfit(held_out, truth, 1)[0] == pytest.approx(1, abs=0.1)  # not drawn to the mean by the penalty
    if limits:
        assert 0 <= branch.values(["good " * 60, "bad " * 60]).min() <= branch.values(["good " * 60]).max() <= 10


@pytest.mark.parametrize(
    ("texts", "truth", "classes"),
    [(["a", "b"], [1, 1], 2), (["", "..."], [0, 1], 2), (["", ""], [0, 1], 2), (["a"], [0], 3), (["a", ""], [0, 1], 0)],
)
def test_tiny_one_class_and_wordless_data_have_an_answer(texts, truth, classes):
    branch = fitted(texts, Sought(np.array(truth), classes))
    values = branch.values([*texts, "c", ""])
    assert values.shape == (len(texts) + 2, classes or 1)
    assert np.isfinite(values).all()
    np.testing.assert_allclose(in_file(branch, [*texts, "c", ""]), values, atol=1e-5)


HOSTILE = ["", " ", "GOOD\0film", "good" * 500, "\u2423 \ufdd2 x", "a\nb\tc", "سيء، جيد!", "𝔤ood ﬁlm", "good _ good"]


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_an_exported_branch_says_the_same_and_so_does_one_that_was_stored(classes, tmp_path):
    texts, truth = rows(300, max(classes, 2))
    branch = fitted(texts, Sought(truth if classes else truth * 3.5, classes, classes > 2))
    asked = [*texts[:20], *HOSTILE]
    values = branch.values(asked)
    # of 500 times one n-gram the file sums 500 parts in float32
    np.testing.assert_allclose(in_file(branch, asked), values, atol=2e-5, rtol=1e-5)
    np.testing.assert_allclose(in_file(branch, asked[:1]), values[:1], atol=2e-5, rtol=1e-5)
    branch.save(tmp_path)
    again = Ngrams().build()
    again.load(tmp_path)
    np.testing.assert_array_equal(again.values(asked), values)
    assert (again.width, again.describe(), again.balanced) == (branch.width, branch.describe(), branch.balanced)
    assert again.weighed(texts[0], 0, 3) == branch.weighed(texts[0], 0, 3)


def test_what_is_stored_is_named_where_it_is_damaged(tmp_path):
    with pytest.raises(RunError, match=r"wide\.npz: must be what training wrote"):
        Ngrams().build().load(tmp_path)
    (tmp_path / "wide.npz").write_bytes(b"PK")
    with pytest.raises(RunError, match=r"wide\.npz: must be what training wrote"):
        Ngrams().build().load(tmp_path)


@pytest.mark.parametrize(("classes", "limits"), [(2, ()), (3, ()), (0, ()), (0, (0.0, 6.0))])
def test_what_weighed_adds_up_to_what_the_branch_says(classes, limits):
    texts, truth = rows(300, max(classes, 2))
    branch = fitted(texts, Sought(truth if classes else truth * 6.0, classes, limits=limits))
    asked = "a great great film"
    nothing, said = branch.values(["", asked]).astype(float)
    for place in range(branch.width):
        shares = branch.weighed(asked, place, 1000)
        assert sum(share for _, share in shares) == pytest.approx(said[place] - nothing[place], abs=1e-5)
        assert branch.weighed(asked, place, 3) == shares[:3]
    assert " great " in [name for name, _ in branch.weighed(asked, 1 if classes else 0, 3)]
    assert sum(share for _, share in branch.weighed("", 0, 1000)) == 0


def test_an_n_gram_has_its_value_times_its_weight_times_the_factor():
    texts, truth = rows(300)
    branch = fitted(texts, Sought(truth, 2), characters=0, words=1)
    factor, [block] = branch._scale[0], branch.blocks
    counts = {" great ": 2, " film ": 1}
    weights = {name: float(branch._lines.weights[block.spelled.index(name), 0]) for name in counts}
    values = {name: (1 + np.log(n)) * float(block.idf[block.spelled.index(name)]) for name, n in counts.items()}
    length = np.linalg.norm(list(values.values()))
    wanted = {name: factor / 2 * weights[name] * values[name] / length for name in counts}
    assert dict(branch.weighed("great great FILM unknown", 1, 9)) == pytest.approx(wanted, rel=1e-5)
    against = dict(branch.weighed("great great FILM unknown", 0, 9))
    assert against == pytest.approx({name: -share for name, share in wanted.items()}, rel=1e-5)


def test_the_heaviest_are_those_that_tell_the_classes_apart():
    texts, truth = rows(300)
    lower, higher = fitted(texts, Sought(truth, 2)).heaviest(5)
    assert {name.strip() for name, _ in higher} & {"great", "good", "جيد"}
    assert {name.strip() for name, _ in lower} & {"bad", "awful", "سيء"}


def test_groups_stay_on_one_side_of_every_fold():
    groups = np.repeat(np.arange(10), 4)
    for known, asked in folds.folds_of(Sought(np.arange(40) % 2, 2, groups=groups)):
        assert not set(groups[known]) & set(groups[asked])


def test_of_many_rows_the_last_ones_are_judged(monkeypatch):
    monkeypatch.setattr(folds, "MANY", 50)
    [(known, asked)] = folds.folds_of(Sought(np.arange(100) % 2, 2, judged=20))
    assert asked.tolist() == list(range(80, 100))
    assert len(known) == 50
    assert known.max() < 80
    texts, truth = rows(100)
    branch = fitted(texts, Sought(truth, 2, judged=20))
    assert np.isnan(branch.held_out[:80]).all()
    assert np.isfinite(branch.held_out[80:]).all()


def test_long_texts_go_without_letters(monkeypatch):
    monkeypatch.setattr(ngram_branch, "LETTERS", 100)
    texts, truth = rows(60)
    assert list(fitted(texts, Sought(truth, 2)).describe()["n-grams"]) == ["words"]


def test_a_branch_without_a_form_in_onnx_is_refused_by_the_rule():
    class Silent(ngram_branch.NgramBranch):
        def to_onnx(self, graph, texts):
            return NotImplemented

    spec = Word(name="word")
    tokenizer, branch = spec.build(), Silent(1, 0, 10)
    tokenizer.train(["good film"])
    with pytest.raises(Inexpressible, match="the linear model beside the network has no to_onnx"):
        TextPipeline((), spec, tokenizer, wide=branch).in_graph().inputs(Graph())


def test_of_distributions_it_learns_how_sure_they_are():
    texts, truth = rows(400)
    shares = np.where(np.eye(2)[truth] == 1, 0.8, 0.2).astype("float32")
    branch = fitted(texts, Sought(truth, 2, shares=shares))
    found = probabilities(branch.values(texts))
    assert (found.argmax(axis=1) == truth).mean() > 0.98
    np.testing.assert_allclose(found.max(axis=1), 0.8, atol=0.06)
    np.testing.assert_allclose(probabilities(branch.held_out).max(axis=1), 0.8, atol=0.06)
    assert probabilities(fitted(texts, Sought(truth, 2)).values(texts)).max(axis=1).mean() > 0.95


@pytest.mark.parametrize("classes", [2, 3])
def test_distributions_that_are_certain_are_their_classes(classes):
    texts, truth = rows(200, classes, certain=0.9)
    soft, hard = (
        fitted(texts, Sought(truth, classes, classes > 2, shares=shares))
        for shares in (np.eye(classes, dtype="float32")[truth], None)
    )
    assert soft.describe() == hard.describe()
    apart = np.abs(probabilities(soft.values(texts)) - probabilities(hard.values(texts)))
    assert apart.mean() < 0.02


def test_distributions_of_one_likeliest_class_and_wordless_ones_have_an_answer():
    shares = np.tile(np.array([[0.7, 0.3]], dtype="float32"), (20, 1))
    for texts in (["a b", "c d"] * 10, [""] * 20):
        found = probabilities(fitted(texts, Sought(np.zeros(20, dtype=np.int64), 2, shares=shares)).values(texts))
        np.testing.assert_allclose(found, shares, atol=0.03)
