"""Kneser-Ney n-grams against the textbook's formula, written a second time with dictionaries."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.metrics.ngram_baselines import discounts, fit_ngrams

START = "start"


def drawn(seed, documents, vocabulary, longest=30):
    """Documents of a chain in which some tokens like each other."""
    random = np.random.default_rng(seed)
    moves = random.dirichlet(np.full(vocabulary, 0.3), size=vocabulary)
    found = []
    for _ in range(documents):
        ids = [int(random.integers(vocabulary))]
        while len(ids) < random.integers(1, longest):
            ids.append(int(random.choice(vocabulary, p=moves[ids[-1]])))
        found.append(ids)
    return found


class Textbook:
    """Chen and Goodman (1999), section 4.1.6 and appendix, a probability at a time."""

    def __init__(self, documents, vocabulary, order):
        self.vocabulary, self.order = vocabulary, order
        raw = [Counter() for _ in range(order + 1)]
        for document in documents:
            ids = [START, *document]
            for end in range(1, len(ids)):
                for length in range(1, min(order, end + 1) + 1):
                    raw[length][tuple(ids[end - length + 1 : end + 1])] += 1
        self.counts = [Counter() for _ in range(order + 1)]
        for length in range(1, order + 1):
            before = defaultdict(set)
            for ngram in raw[length + 1] if length < order else ():
                before[ngram[1:]].add(ngram[0])
            for ngram, count in raw[length].items():
                own = length == order or ngram[0] == START
                self.counts[length][ngram] = count if own else len(before[ngram])
        self.discounts = [self.discount(counts) for counts in self.counts]
        self.behind = defaultdict(list)
        for counts in self.counts:
            for ngram, count in counts.items():
                self.behind[ngram[:-1]].append(count)

    @staticmethod
    def discount(counts):
        n1, n2, n3, n4 = (sum(count == c for count in counts.values()) for c in (1, 2, 3, 4))
        found = (0.5, 1.0, 1.5)
        if n1 and n2 and n3 and n4:
            y = n1 / (n1 + 2 * n2)
            formula = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
            found = formula if min(formula) > 0 else found
        return lambda count: 0.0 if count == 0 else found[min(count, 3) - 1]

    def probability(self, token, history):
        history = tuple(history[len(history) - self.order + 1 :]) if len(history) >= self.order else tuple(history)
        below = self.probability_below(token, history)
        counts = self.behind[history]
        if not counts:
            return below
        length = len(history) + 1
        discount, total = self.discounts[length], sum(counts)
        count = self.counts[length][(*history, token)]
        return (count - discount(count)) / total + sum(map(discount, counts)) / total * below

    def probability_below(self, token, history):
        return self.probability(token, history[1:]) if history else 1 / self.vocabulary

    def log_probabilities(self, documents):
        return [
            [math.log(self.probability(token, [START, *ids[:place]])) for place, token in enumerate(ids)]
            for ids in documents
        ]


@pytest.mark.parametrize("order", [1, 2, 3, 4, 6])
def test_it_is_the_formula_of_the_textbook(order):
    training, other = drawn(0, 60, 9), [*drawn(1, 10, 9), [8, 8, 8, 8], [0], []]
    model = fit_ngrams(training, 9, order)
    for documents in (training[:5], other):
        wanted = Textbook(training, 9, order).log_probabilities(documents)
        got = model.log_probabilities(documents)
        assert [len(part) for part in got] == [len(ids) for ids in documents]
        for one, two in zip(got, wanted, strict=True):
            assert one.dtype == np.float64
            np.testing.assert_allclose(one, two, rtol=1e-12)


def test_the_tests_use_the_formula_and_the_fallback_of_the_discounts():
    model = fit_ngrams(drawn(0, 60, 9), 9, 3)
    assert 0.0 not in (model.levels[2].discounted % 0.5).round(6)
    few = fit_ngrams([[0, 1, 0, 1]], 2, 2)
    assert set((few.levels[1].discounted % 0.5).tolist()) == {0.0}


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_what_may_come_behind_any_history_adds_up_to_one(order):
    vocabulary = 7
    model = fit_ngrams([*drawn(3, 20, 5), [6]], vocabulary, order)  # 5 is never seen
    for history in ([], [0], [5], [6], [0, 1], [5, 5, 5], [0, 1, 2, 3, 4], [4, 3, 6]):
        rows = model.log_probabilities([[*history, token] for token in range(vocabulary)])
        assert math.fsum(math.exp(row[-1]) for row in rows) == pytest.approx(1, abs=1e-12)


def test_an_unknown_history_is_cut_until_training_has_it():
    model = fit_ngrams([[0, 1, 2, 0, 1, 3]], 5, 3)
    [known] = model.log_probabilities([[0, 1, 2]])
    [first_unknown] = model.log_probabilities([[3, 1, 2]])
    [short] = fit_ngrams([[0, 1, 2, 0, 1, 3]], 5, 3).log_probabilities([[4, 1, 2]])
    assert first_unknown[2] == short[2] != known[2]
    [nothing_known] = model.log_probabilities([[4, 4, 2]])
    [also] = model.log_probabilities([[2, 4, 2]])
    assert nothing_known[2] == also[2]


def test_documents_stand_alone_and_ragged_is_as_lists():
    training, others = drawn(4, 30, 6), drawn(5, 6, 6)
    model = fit_ngrams(training, 6, 4)
    together = model.log_probabilities(others)
    for ids, wanted in zip(others, together, strict=True):
        assert model.log_probabilities([ids])[0].tolist() == wanted.tolist()
    ragged = fit_ngrams(Ragged.from_lists(training), 6, 4).log_probabilities(Ragged.from_lists(others))
    assert [row.tolist() for row in ragged] == [row.tolist() for row in together]
    assert model.log_probabilities([]) == []
    assert [len(row) for row in model.log_probabilities([[], [1], []])] == [0, 1, 0]


def test_a_token_that_continues_much_is_likelier_behind_the_unknown_than_one_of_a_phrase():
    # 3 comes as often as 4, but always behind 2: the example of San Francisco
    training = [[2, 3, 0, 4, 1, 4, 2, 3, 5, 4, 2, 3, 6, 4, 2, 3]]
    [after_three], [after_four] = (fit_ngrams(training, 8, 2).log_probabilities([[7, token]]) for token in (3, 4))
    assert after_four[1] > after_three[1]


def test_more_context_fits_a_text_with_context_better():
    training, other = drawn(6, 200, 12), drawn(6, 220, 12)[200:]
    loss = [-np.concatenate(fit_ngrams(training, 12, order).log_probabilities(other)).mean() for order in (1, 2, 3)]
    assert loss[1] < loss[0] - 0.3
    assert abs(loss[2] - loss[1]) < 0.1


def test_a_vocabulary_of_words_needs_no_table_of_it():
    random = np.random.default_rng(0)
    training = [random.zipf(1.5, 2000).clip(1, 99_999).tolist() for _ in range(3)]
    [logs] = fit_ngrams(training, 100_000, 6).log_probabilities([[1, 1, 99_998, 1]])
    assert np.isfinite(logs).all()
    assert logs[2] < logs[0] < 0


def test_discounts_are_0_5_1_and_1_5_where_the_formula_has_no_answer():
    for counts in ([1, 1, 2, 3], [2, 2, 3, 4], [], [1, *[2] * 1, *[3] * 9, 4]):
        assert discounts(np.array(counts, dtype=np.int64)) == (0.5, 1.0, 1.5)
    found = discounts(np.repeat([1, 2, 3, 4, 9], [8, 4, 2, 1, 7]))
    assert found == pytest.approx((0.5, 1.25, 2.0))


@pytest.mark.parametrize(
    ("documents", "order", "said"),
    [
        ([[1]], 0, "order must be 1 to 6, got 0"),
        ([[1]], 7, "order must be 1 to 6, got 7"),
        ([[5]], 2, "tokens must be ids below 5, got 5"),
        ([[-1]], 2, "tokens must be ids below 5, got -1"),
        ([[], []], 2, "documents must hold at least 1 token, got none"),
        ([], 2, "documents must hold at least 1 token, got none"),
    ],
)
def test_what_cannot_be_counted_is_refused(documents, order, said):
    with pytest.raises(ValueError, match=said):
        fit_ngrams(documents, 5, order)


def test_a_token_beyond_the_vocabulary_has_no_probability():
    with pytest.raises(ValueError, match="tokens must be ids below 5, got 7"):
        fit_ngrams([[1, 2]], 5, 2).log_probabilities([[7]])
