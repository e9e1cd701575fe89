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


SUMMING = ["pooler={name='sum'}", "encoder={name='none'}", "dataset.target='stars'", "task={name='regression'}"]
SUMMING += ["preprocessor=[{name='links', urls='remove'}]"]
"""A network whose answer is a number for each word, added up."""


@pytest.fixture(scope="module")
def summing(tiny, tmp_path_factory):
    """Such a network, and by word what it adds."""
    model, _ = build(read_experiment(tiny(tmp_path_factory.mktemp("summing")), SUMMING))
    draw = np.random.default_rng(0)
    vectors, kernel, bias = (draw.normal(size=np.shape(v)) for v in _summing_weights(model))
    vectors[0] = 0
    for variable, value in zip(_summing_weights(model), (vectors, kernel, bias), strict=True):
        variable.assign(value)
    numbers = model.task.unit * (vectors @ kernel)[:, 0]
    return model, dict(zip(model.task.pipeline.vocabulary, numbers, strict=True))


def _summing_weights(model):
    return [model.model.get_layer("embedding").embeddings, *model.model.get_layer("head").trainable_variables]


def test_without_a_word_a_sum_loses_what_the_word_adds(summing):
    model, numbers = summing
    text = "the food  was رديئة the http://a.de unheard"
    [found, empty, one] = model.explain([text, "", "food"])
    assert found.answer == {name: values[0] for name, values in model.predict([text]).items()}
    assert [(word.word, text[word.start : word.end]) for word in found.words] == [(w, w) for w in text.split()]
    known = ["the", "food", "was", "رديئة", "the"]
    expected = [*(numbers[word] for word in known), 0.0, numbers["[UNK]"]]  # links are removed
    assert [word.weight for word in found.words] == pytest.approx(expected, abs=1e-4)
    assert {word.method for word in found.words} == {"occlusion"}
    assert empty.words == () and (empty.network, empty.linear, empty.attention) == (None, None, ())
    assert [word.weight for word in one.words] == pytest.approx([numbers["food"]], abs=1e-4)
    assert model.explain([]) == []


def test_words_that_truncation_takes_away_weigh_nothing_and_bring_in_the_next(summing):
    model, numbers = summing
    [found] = model.explain(["the " * 8 + "food was"])  # 8 are read
    loses = numbers["the"] - numbers["food"]
    assert [word.weight for word in found.words] == pytest.approx([loses] * 8 + [0.0, 0.0], abs=1e-4)


def test_of_a_text_of_many_words_some_are_weighed_and_the_others_counted(summing):
    model, numbers = summing
    [found] = model.explain(["the food was good " + "the " * 96], words=30)
    assert (len(found.words), found.left_out) == (30, 70)
    assert [word.word for word in found.words[:4]] == ["the", "food", "was", "good"]
    with pytest.raises(UsageError, match="words: must be at least 1, got 0"):
        model.explain(["the"], words=0)


def test_a_class_loses_probability_without_a_word_and_a_run_of_attention_can_be_asked_so_too(trained):
    texts = ["خدمة ممتازة the food", "bad", ""]
    for text, found in zip(texts, trained.explain(texts, method="occlusion"), strict=True):
        split, name = text.split(), f"score[{found.answer['prediction']}]"
        without = trained.predict([text, *(" ".join(split[:n] + split[n + 1 :]) for n in range(len(split)))])[name]
        assert [word.weight for word in found.words] == pytest.approx([without[0] - w for w in without[1:]], abs=3e-6)
        assert found.attention == ()


@pytest.mark.parametrize("pair", ["join", "combine"])
def test_both_texts_of_a_pair_are_weighed(tiny, tmp_path, pair):
    settings = ['dataset.text_2="topic"', f'task.pair="{pair}"', 'pooler={name="mean"}']
    model, _ = build(read_experiment(tiny(tmp_path), settings))
    [found, empty] = model.explain(["the food", ""], ["خدمة", ""])
    assert [(word.field, word.word) for word in found.words] == [("text", "the"), ("text", "food"), ("text_2", "خدمة")]
    name = f"score[{found.answer['prediction']}]"
    whole, *without = model.predict(["the food", "food", "the ", "the food"], ["خدمة", "خدمة", "خدمة", ""])[name]
    assert [word.weight for word in found.words] == pytest.approx([whole - each for each in without], abs=3e-6)
    assert empty.words == ()


def test_attention_is_of_the_words_as_they_were_given(trained):
    text = "خدمة http://a.de ممتازة,good the"
    [found, empty] = trained.explain([text, ""])
    [steps] = found.attention
    assert [name for name, _ in steps] != text.split()
    assert [word.word for word in found.words] == text.split()
    assert all(text[word.start : word.end] == word.word for word in found.words)
    assert sum(word.weight for word in found.words) == pytest.approx(1, abs=1e-5)
    by_step = dict(steps)
    assert found.words[1].weight == by_step["[url]"]
    assert found.words[2].weight == pytest.approx(sum(by_step.get(name, 0.0) for name in ("ممتازة", ",", "good")))
    assert {word.method for word in found.words} == {"attention"}
    assert (empty.words, empty.attention) == ((), ((),))


def test_n_grams_have_the_same_form_and_without_a_share_the_words_say_more(tiny, tmp_path):
    settings = ['wide={name="ngrams"}', 'pooler={name="mean"}']
    model, _ = build(read_experiment(tiny(tmp_path), settings))
    blend_of(model.model).share(0.5, 0.5)
    [found] = model.explain(["the food"], most=3)
    assert [(word.word, word.weight) for word in found.words] == list(found.linear.weighed)
    assert {(word.start, word.end, word.method) for word in found.words} == {(None, None, "wide")}
    blend_of(model.model).share(1.0, 0.0)
    [found] = model.explain(["the food"])
    assert found.linear.factor == 0
    assert [(word.word, word.method) for word in found.words] == [("the", "occlusion"), ("food", "occlusion")]
    [found] = model.explain(["the food"], method="wide")
    assert {word.method for word in found.words} == {"wide"}


def test_what_a_run_cannot_be_asked_is_said_with_what_it_can(tiny, tmp_path, trained):
    rule = r"^explain: the method must be one of attention, occlusion for this run, got wide$"
    with pytest.raises(UsageError, match=rule):
        trained.explain(["a"], method="wide")
    with pytest.raises(UsageError, match="got gradients"):
        trained.explain(["a"], method="gradients")
    task = ['task={name="language_model"}', 'search={name="greedy"}', "encoder.bidirectional=false"]
    task += ['tokenizer={name="word"}']
    removed = "pooler preprocessor".split()
    model, _ = build(read_experiment(tiny(tmp_path), [*task, *(f"{name}=[]" for name in removed)]))
    with pytest.raises(UsageError, match="^explain: must be of a run with .* this one is of language_model$"):
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
