"""`greedy` and `sample` on a chain whose every probability is known."""

import numpy as np
import pytest
from kerasseq_runtime.searches.filters import filtered
from kerasseq_runtime.searches.sampling import Sampling, drawn

from kerasseq.errors import RunError, UsageError
from kerasseq.searches.greedy import Greedy
from kerasseq.searches.sample import Sample
from kerasseq.searches.search import Limits
from kerasseq.testing.chain import Chain

STATES, TOKENS = 5, 6


def chain(seed=0):
    return Chain(np.random.default_rng(seed).normal(0, 1.5, (STATES, TOKENS)))


def prompts(*rows):
    return [np.array(row, dtype=np.int64) for row in rows]


def ids(found):
    return [[text.ids.tolist() for text in texts] for texts in found]


def test_greedy_takes_the_likeliest_token_at_every_step():
    model = chain()
    [[text]] = Greedy().build().write(model, prompts([3, 1]), Limits(7, forbidden=(2,)))
    state, wanted = model.read([3, 1]), []
    for _ in range(7):
        logits = model.logits[state].copy()
        logits[2] = -np.inf
        wanted.append(int(logits.argmax()))
        state = model.read(wanted[-1:], state)
    assert text.ids.tolist() == wanted
    assert text.ids.dtype == np.int64
    assert not text.ended
    assert text.log_probability == pytest.approx(model.log_probability([3, 1], wanted))


def test_greedy_with_a_penalty_leaves_what_prompt_and_text_have():
    model = Chain([[1.0, 0.95, 0.9]])
    write = Greedy(repetition_penalty=2.0).build().write
    assert ids(write(model, prompts([], [0]), Limits(3))) == [[[0, 1, 2]], [[1, 2, 0]]]


def test_a_sample_has_the_filtered_distribution():
    model, settings = chain(), {"temperature": 0.8, "top_k": 5, "top_p": 0.95, "repetition_penalty": 1.2}
    count = 4000
    found = Sample(**settings).build().write(model, prompts(*[[1, 4]] * count), Limits(2, forbidden=(0,)), seed=3)
    written = np.array([text.ids for [text] in found])  # (count, 2)
    seen = np.zeros((1, TOKENS), bool)
    seen[0, [1, 4]] = True
    first = filtered(model.logits[model.read([1, 4])][None], seen, (0,), **settings)[0]
    joint = np.zeros((TOKENS, TOKENS))
    for token in np.flatnonzero(first):
        now = seen.copy()
        now[0, token] = True
        logits = model.logits[model.read([1, 4, token])][None]
        joint[token] = first[token] * filtered(logits, now, (0,), **settings)[0]
    counts = np.zeros_like(joint)
    np.add.at(counts, tuple(written.T), 1)
    possible = joint > 0
    assert not counts[~possible].any()
    expected = count * joint[possible]
    chi_square = float(((counts[possible] - expected) ** 2 / expected).sum())
    freedom = int(possible.sum()) - 1
    assert freedom >= 8
    assert chi_square < freedom + 4 * np.sqrt(2 * freedom)
    for [text] in found[:50]:
        assert text.log_probability == pytest.approx(model.log_probability([1, 4], text.ids.tolist()))


def test_a_seed_gives_the_same_text_and_another_seed_another():
    write, model = Sample().build().write, chain()
    given = prompts([1], [2, 3], [])
    assert ids(write(model, given, Limits(20), seed=5)) == ids(write(model, given, Limits(20), seed=5))
    assert ids(write(model, given, Limits(20), seed=5)) != ids(write(model, given, Limits(20), seed=6))


def test_two_texts_of_one_prompt_differ():
    [[one], [other]] = Sample(temperature=1.5).build().write(chain(), prompts([1], [1]), Limits(20))
    assert one.ids.tolist() != other.ids.tolist()


def test_neighbours_of_any_length_that_end_at_any_time_change_nothing():
    write, model, limits = Sampling().write, chain(), Limits(30, frozenset({0, 3}))
    wanted = write(model, prompts([1, 2]), limits, seed=9)[0]
    for others in ([], [4, 4, 4, 4], [5]):
        got = write(model, prompts([1, 2], others, [1]), limits, seed=9)[0]
        assert [(t.ids.tolist(), t.log_probability) for t in got] == [
            (t.ids.tolist(), t.log_probability) for t in wanted
        ]


def test_a_stop_ends_its_row_alone_and_is_in_the_probability_but_not_in_the_text():
    # state 0 writes 1 and goes to state 2, which writes the stop 2; state 1 writes 0 and goes to state 1
    model = Chain(np.log([[0.1, 0.8, 0.1], [0.7, 0.1, 0.2], [0.2, 0.2, 0.6]]))
    told = []
    write = Greedy().build().write
    [[one], [two]] = write(model, prompts([], [0]), Limits(4, frozenset({2})), told=lambda *said: told.append(said))
    assert (one.ids.tolist(), one.ended) == ([1], True)
    assert one.log_probability == pytest.approx(np.log(0.8 * 0.6), abs=1e-6)
    assert (two.ids.tolist(), two.ended) == ([0, 0, 0, 0], False)
    assert two.log_probability == pytest.approx(4 * np.log(0.7), abs=1e-6)
    assert told == [(0, 1), (1, 0), (1, 0), (1, 0), (1, 0)]


def test_a_text_that_ends_at_once_is_empty():
    [[text]] = Greedy().build().write(Chain([[0.0, 5.0]]), prompts([]), Limits(9, frozenset({1})))
    assert (text.ids.tolist(), text.ids.dtype, text.ended) == ([], np.int64, True)


def test_nothing_is_asked_of_the_model_behind_the_last_token():
    class Counted(Chain):
        asked = 0

        def step(self, ids, state):
            self.asked += len(ids)
            return super().step(ids, state)

    model = Counted([[0.0, 1.0]])
    Greedy().build().write(model, prompts([], []), Limits(3))
    assert model.asked == 4
    assert Greedy().build().write(model, [], Limits(3)) == []


def test_forbidden_tokens_never_come():
    found = Sampling(temperature=50.0).write(chain(), prompts(*[[1]] * 50), Limits(20, forbidden=(0, 5)))
    assert {token for [text] in found for token in text.ids.tolist()} == {1, 2, 3, 4}


def test_a_draw_on_the_end_falls_on_a_token_that_may_come():
    shares = np.array([[0.3, 0.7 - 1e-16, 0.0, 0.0]])
    assert drawn(shares, np.array([np.nextafter(1, 0)])).tolist() == [1]
    assert drawn(np.array([[0.0, 1.0]]), np.array([0.0])).tolist() == [1]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(3, frozenset({6})), "stop: must be tokens of the model, ids below 6, got 6"),
        (Limits(3, forbidden=(-1,)), "forbidden: must be tokens of the model, ids below 6, got -1"),
        (Limits(3, forbidden=(0, 1, 2, 3, 4, 5)), "forbidden: must leave a token to write, got all 6 of the model"),
    ],
)
def test_limits_that_do_not_suit_the_model_are_refused(limits, said):
    with pytest.raises(UsageError, match=said):
        Greedy().build().write(chain(), prompts([1]), limits)


def test_a_length_below_one_is_refused():
    with pytest.raises(UsageError, match="max_length: must be at least 1, got 0"):
        Limits(0)


@pytest.mark.parametrize(
    ("logits", "said"),
    [
        ([[0.0, np.nan]], "logits must be numbers, got nan; its training diverged"),
        ([[0.0, np.inf]], "logits must be numbers, got inf; its training diverged"),
        ([[-np.inf, -np.inf]], "logits must be numbers, got -inf; its training diverged"),
        ([[0.0, -np.inf]], "the model gives a probability to forbidden tokens alone"),
    ],
)
@pytest.mark.parametrize("search", [Greedy(), Sample()], ids=lambda spec: spec.name)
def test_a_model_that_says_nothing_is_an_error_and_no_text(search, logits, said):
    with pytest.raises(RunError, match=said):
        search.build().write(Chain(logits), prompts([]), Limits(3, forbidden=(0,)))


def test_logits_of_another_shape_are_an_error():
    class Two(Chain):
        vocabulary_size = 2

    with pytest.raises(RunError, match=r"logits must have shape \(1, 2\), got \(1, 3\)"):
        Greedy().build().write(Two([[0.0, 1.0, 2.0]]), prompts([]), Limits(3))
