"""Beam search against every text that there is, and against a second one written step by step."""

import itertools

import numpy as np
import pytest
from kerasseq_runtime.searches.beam_search import BeamSearch

from kerasseq.errors import RunError, UsageError
from kerasseq.searches.beam import Beam
from kerasseq.searches.greedy import Greedy
from kerasseq.searches.search import Limits
from kerasseq.testing.chain import Chain

STOP = 1


def chain(seed, states=7, written=4, tokens=4):
    """Only the first `written` tokens can come, so that a beam may be wider than what can be written."""
    logits = np.random.default_rng(seed).normal(0, 1, (states, tokens))
    logits[:, written:] = -np.inf
    return Chain(logits)


def rank(total, length, alpha):
    return total / ((5 + length) / 6) ** alpha


def every_text(model, prompt, limits, alpha):
    """`(rank, ids, log probability, ended)` of each text that may be written, the best first."""
    possible = np.flatnonzero(np.isfinite(model.logits).any(axis=0)).tolist()
    tokens = [token for token in possible if token not in {*limits.stop, *limits.forbidden}]
    found = []
    for length in range(limits.max_length + 1):
        for ids in itertools.product(tokens, repeat=length):
            ends = sorted(limits.stop) if length < limits.max_length else [None]
            for end in ends:
                whole = [*ids, end] if end is not None else ids
                total = model.log_probability(prompt, whole)
                if total > -np.inf:
                    found.append((rank(total, len(whole), alpha), list(ids), total, end is not None))
    return sorted(found, key=lambda text: -text[0])


def slow_beam(model, prompt, limits, width, alpha):
    """A beam search of one text, with lists, that looks at every step and ends at none early."""
    live, done = [((), 0.0)], []
    for length in range(1, limits.max_length + 1):
        grown = []
        for ids, _ in live:
            for token in range(model.vocabulary_size):
                total = model.log_probability(prompt, [*ids, token])
                if token not in limits.forbidden:
                    grown.append((total, ids, token))
        grown.sort(key=lambda text: -text[0])
        for total, ids, token in grown[:width]:
            if token in limits.stop:
                done.append((rank(total, length, alpha), list(ids), total, True))
            elif length == limits.max_length:
                done.append((rank(total, length, alpha), [*ids, token], total, False))
        live = [((*ids, token), total) for total, ids, token in grown if token not in limits.stop][:width]
    return sorted(done, key=lambda text: -text[0])


def texts(found):
    return [(text.ids.tolist(), pytest.approx(text.log_probability, abs=1e-5), text.ended) for text in found]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_wide_beam_finds_the_best_of_all_texts(seed, alpha):
    model = chain(seed, tokens=90)
    limits = Limits(4, frozenset({STOP}))
    search = Beam(width=85, n_best=6, length_normalisation=alpha).build()
    for prompt in ([], [2, 0, 3]):
        [found] = search.write(model, [np.array(prompt, np.int64)], limits)
        wanted = every_text(model, prompt, limits, alpha)[:6]
        assert texts(found) == [(ids, total, ended) for _, ids, total, ended in wanted]


@pytest.mark.parametrize("width", [1, 2, 3, 5])
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_narrow_beam_finds_what_a_slow_one_finds(width, alpha):
    given = [[], [3], [4, 0, 2, 2], [5, 5]]
    limits = Limits(7, frozenset({STOP}), (0,))
    for seed in range(8):
        model = chain(seed, written=6, tokens=6)
        search = Beam(width=width, n_best=width, length_normalisation=alpha).build()
        found = search.write(model, [np.array(prompt, np.int64) for prompt in given], limits)
        for prompt, got in zip(given, found, strict=True):
            wanted = slow_beam(model, prompt, limits, width, alpha)[:width]
            assert texts(got) == [(ids, total, ended) for _, ids, total, ended in wanted]


def test_a_beam_of_one_without_stops_is_greedy():
    model, given, limits = chain(3, written=6, tokens=6), [np.array([2]), np.array([3, 4])], Limits(9, forbidden=(0,))
    beam, greedy = Beam(width=1).build().write(model, given, limits), Greedy().build().write(model, given, limits)
    assert [texts(one) for one in beam] == [texts(other) for other in greedy]


def test_it_finds_what_greedy_misses():
    # token 0 looks better first, but leads to state 1, where nothing is likely; token 1 leads to state 2
    model = Chain(np.log([[0.6, 0.4, 1e-9], [0.34, 0.33, 0.33], [0.98, 0.01, 0.01]]))
    [[greedy]] = Greedy().build().write(model, [np.array([], np.int64)], Limits(2))
    [[beam]] = Beam(width=2).build().write(model, [np.array([], np.int64)], Limits(2))
    assert (greedy.ids.tolist(), beam.ids.tolist()) == ([0, 0], [1, 0])
    assert beam.log_probability > greedy.log_probability


def test_normalisation_prefers_the_longer_text_where_each_token_of_it_is_likelier():
    # at the start the text may end; behind a 0 a 0 is nearly certain
    model = Chain(np.log([[0.45, 0.55], [0.99, 0.01], [0.5, 0.5]]))
    limits, given = Limits(10, frozenset({1})), [np.array([], np.int64)]
    [[plain]] = Beam(width=2, length_normalisation=0.0).build().write(model, given, limits)
    [[normalised]] = Beam(width=2, length_normalisation=1.0).build().write(model, given, limits)
    assert (plain.ids.tolist(), normalised.ids.tolist()) == ([], [0] * 10)
    assert BeamSearch(length_normalisation=1.0).normalised(-1.0, 7) == -0.5


def test_of_texts_that_differ_in_their_end_alone_the_likelier_stays():
    model = Chain(np.log([[0.2, 0.5, 0.3]]))
    search = Beam(width=3, n_best=3, length_normalisation=0.0).build()
    [found] = search.write(model, [np.array([], np.int64)], Limits(2, frozenset({1, 2})))
    assert [text.ids.tolist() for text in found] == [[], [0], [0, 0]]
    assert found[0].log_probability == pytest.approx(np.log(0.5), abs=1e-6)


def test_the_best_texts_are_told_at_the_end_and_the_seed_changes_nothing():
    model, told = chain(1), []
    given = [np.array([2]), np.array([], np.int64)]
    search = Beam(width=3, n_best=2).build()
    found = search.write(model, given, Limits(5), seed=1, told=lambda *said: told.append(said))
    assert told == [(place, token) for place, texts in enumerate(found) for token in texts[0].ids.tolist()]
    again = search.write(model, given, Limits(5), seed=2)
    assert [texts(one) for one in again] == [texts(one) for one in found]


def test_it_stops_once_no_beginning_can_become_better():
    class Counted(Chain):
        asked = 0

        def step(self, ids, state):
            self.asked += 1
            return super().step(ids, state)

    model = Counted(np.log([[0.01, 0.98, 0.01]]))
    [[text]] = Beam(width=2).build().write(model, [np.array([], np.int64)], Limits(100, frozenset({1})))
    assert text.ids.tolist() == []
    assert model.asked < 3


def test_where_few_texts_are_possible_there_are_few():
    model = Chain([[0.0, -np.inf, -np.inf]])
    [found] = Beam(width=3, n_best=3).build().write(model, [np.array([], np.int64)], Limits(2))
    assert [text.ids.tolist() for text in found] == [[0, 0]]


def test_a_beam_wider_than_the_vocabulary_is_refused():
    with pytest.raises(UsageError, match=r"search\.width: must be at most the 3 tokens that may be written, got 5"):
        Beam().build().write(chain(0), [np.array([2])], Limits(3, forbidden=(0,)))


def test_a_model_that_gives_forbidden_tokens_alone_is_an_error():
    with pytest.raises(RunError, match="gives a probability to forbidden tokens alone"):
        Beam(width=1).build().write(Chain([[0.0, -np.inf]]), [np.array([], np.int64)], Limits(3, forbidden=(0,)))


def test_no_prompts_give_no_texts():
    assert Beam(width=1).build().write(chain(0), [], Limits(3)) == []
