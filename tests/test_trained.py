import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.errors import DataError, UsageError
from kerasseq.experiment import build
from kerasseq.loading import load
from kerasseq.training.share import blend_of


@pytest.fixture(scope="module")
def trained(finished):
    return load(finished)


def test_answers_come_in_the_order_of_the_texts(trained):
    texts = ["خدمة ممتازة", "", "the food was bad " * 3, "🦙"]
    together = trained.predict(texts)
    assert list(together) == ["prediction", "score", "score[bad]", "score[good]", "score[so-so]"]
    for row, text in enumerate(texts):
        alone = trained.predict([text])
        assert alone["prediction"] == together["prediction"][row : row + 1]
        assert alone["score"][0] == pytest.approx(together["score"][row], abs=1e-5)


def test_no_texts_get_no_answers(trained):
    assert trained.predict([]) == {name: [] for name in trained.predict(["a"])}


def test_a_text_of_ten_thousand_words_is_cut_and_counted(trained):
    answer = trained.answer(Texts(["خدمة " * 10_000, "قصير"]))
    assert (answer.counts.texts, answer.counts.tokens, answer.counts.truncated) == (2, 9, 1)
    assert np.isfinite(answer.predictions.probabilities).all()
    assert trained.predict(["خدمة " * 10_000]) == trained.predict(["خدمة " * 8])


def test_attention_weighs_every_word_and_sums_to_one(trained):
    texts = Texts(["خدمة ممتازة عجيبة", "", "the food was " * 5])
    answer, [words] = trained.answer(texts), trained.words(texts)
    assert words == [("خدمة", "ممتازة", "عجيبة"), (), ("the", "food", "was", "the", "food", "was", "the", "food")]
    for row, weights in zip(words, answer.attention[0], strict=True):
        assert len(row) == len(weights)
        assert sum(weights) == pytest.approx(1 if row else 0, abs=1e-5)


TEXTS = ["خدمة ممتازة the food", "", "bad bad cold " * 3]


@pytest.mark.parametrize("target", ["mood", "stars"])
def test_what_weighed_adds_up_to_the_part_of_the_linear_model(tiny, tmp_path, target):
    task = "classification" if target == "mood" else "regression"
    wanted = [f'dataset.target="{target}"', f'task={{name="{task}"}}', 'wide={name="ngrams"}']
    model, _ = build(read_experiment(tiny(tmp_path), wanted))
    blend, branch = blend_of(model.model), model.task.pipeline.wide
    blend.share(0.4, 0.6)
    answers, values = model.predict(TEXTS), branch.values(model.task.pipeline.baseline_texts(Texts(TEXTS)))
    with blend.alone():
        network = model.predict(TEXTS)
    for row, found in enumerate(model.explain(TEXTS, most=3)):
        linear, answer = found.linear, answers["prediction"][row]
        assert found.answer == {name: column[row] for name, column in answers.items()}
        place = model.task.answer_names.index(answer) if task == "classification" else 0
        whole = linear.start + linear.rest + sum(moved for _, moved in linear.weighed)
        assert whole == pytest.approx(0.6 * values[row, place], abs=1e-5)
        assert linear.start == pytest.approx(0.6 * branch.values([""])[0, place], abs=1e-4)
        assert len(linear.weighed) == (3 if TEXTS[row] else 0)
        name = f"score[{answer}]" if task == "classification" else "prediction"
        assert found.network.alone == pytest.approx(network[name][row], abs=1e-6)
        assert (found.network.factor, linear.factor) == pytest.approx((0.4, 0.6))
        own = np.exp(values[row] - values[row].max()) if task == "classification" else None
        alone = values[row, 0] if own is None else own[place] / own.sum()
        assert linear.alone == pytest.approx(alone, abs=1e-5)
        [words] = found.attention
        assert sum(weight for _, weight in words) == pytest.approx(1 if TEXTS[row] else 0, abs=1e-5)
    assert blend.factors == pytest.approx((0.4, 0.6))


def test_a_model_of_neither_n_grams_nor_attention_is_not_explained(tiny, tmp_path):
    model, _ = build(read_experiment(tiny(tmp_path), ['pooler={name="mean"}']))
    with pytest.raises(UsageError, match=r"^explain: must be of a run with \[wide\], or with a pooler that weighs"):
        model.explain(["a"])


def test_a_text_where_a_list_belongs_is_refused(trained):
    with pytest.raises(UsageError, match=r"must be a list of texts, got one text; write \['خدمة'\]"):
        trained.predict("خدمة")


def test_what_is_no_text_is_refused_with_its_row(trained):
    with pytest.raises(DataError, match="must be texts, got nan in row 1"):
        trained.predict(["a", float("nan")])


def test_a_model_of_single_texts_refuses_pairs_and_the_other_way_round(trained, tiny, tmp_path):
    with pytest.raises(DataError, match="must be single texts, got pairs"):
        trained.predict(["a"], ["b"])
    pairs, _ = build(read_experiment(tiny(tmp_path), ['dataset.text_2="topic"']))
    assert len(pairs.predict(["a", ""], ["b", ""])["prediction"]) == 2
    with pytest.raises(DataError, match="must be pairs, got single texts"):
        pairs.predict(["a"])
    with pytest.raises(DataError, match="must be as many second texts as first ones, got 2 and 1"):
        pairs.predict(["a", "b"], ["c"])


def test_a_gradient_that_is_cut_is_another_and_the_loss_the_same(tiny, tmp_path):
    path = tiny(tmp_path)
    steps = []
    for bptt in (0, 2):
        trained, prepared = build(read_experiment(path, [f"training.bptt={bptt}", "encoder.dropout=0.0"]))
        train = prepared.examples["train"]
        steps.append(trained.engine.train([train.batch(np.arange(8))]))
    whole, cut = steps
    assert cut.loss == pytest.approx(whole.loss, rel=1e-6)
    assert abs(cut.gradient_norm / whole.gradient_norm - 1) > 1e-4


def test_a_cut_without_a_recurrent_layer_is_refused(tiny, tmp_path):
    path = tiny(tmp_path)
    text = path.read_text(encoding="utf-8").replace('name = "gru"\nunits = 3\nlayers = 1', 'name = "none"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"training\.bptt: must be 0, for .none. has no recurrent layer"):
        build(read_experiment(path, ["training.bptt=4"]))
