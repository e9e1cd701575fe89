"""The batcher alone, around a function instead of a model."""

import asyncio
import threading
import time

import pytest
from kerasseq_serve.batcher import PADDED, Batcher
from kerasseq_serve.errors import Refused
from kerasseq_serve.model import Answer


def _texts(*words):
    return [(word, "") for word in words]


class Fake:
    """Answers with the text itself, once its gate is open; keeps what it was asked."""

    def __init__(self):
        self.asked, self.gate, self.entered = [], threading.Event(), threading.Event()

    def __call__(self, texts):
        self.asked.append([first for first, _ in texts])
        self.entered.set()
        self.gate.wait(20)
        if any(first == "crash" for first, _ in texts):
            raise ValueError("a text that fails")
        return [Answer(first) for first, _ in texts]


def _with(scenario, fake, max_batch=4, max_wait=0.0, bound=100):
    """Run `scenario(batcher)` on an event loop around `fake`."""

    async def main():
        batcher = Batcher(fake, max_batch, max_wait, bound, lambda texts, seconds: None)
        batcher.start()
        try:
            return await asyncio.wait_for(scenario(batcher), 20)
        finally:
            fake.gate.set()
            batcher.close(5)
            assert not batcher.running

    return asyncio.run(main())


def _words(answers):
    return [answer.prediction for answer in answers]


async def _busy(batcher, fake):
    """A job that the model is held up with."""
    job = batcher.submit(_texts("first"))
    await asyncio.to_thread(fake.entered.wait, 20)
    return job


def test_texts_that_wait_are_answered_together_and_each_job_keeps_its_order():
    fake = Fake()

    async def scenario(batcher):
        held = await _busy(batcher, fake)
        jobs = [batcher.submit(_texts("a", "b")), batcher.submit(_texts("c")), batcher.submit(_texts("d", "e", "f"))]
        fake.gate.set()
        await held.future
        return [_words(await job.future) for job in jobs]

    assert _with(scenario, fake) == [["a", "b"], ["c"], ["d", "e", "f"]]
    assert fake.asked == [["first"], ["a", "b", "c", "d"], ["e", "f"]]


def test_after_a_crowded_run_a_text_waits_for_others_and_a_client_alone_does_not():
    fake = Fake()

    async def scenario(batcher):
        jobs = [await _busy(batcher, fake), batcher.submit(_texts("a")), batcher.submit(_texts("b"))]
        fake.gate.set()
        await asyncio.gather(*(job.future for job in jobs))
        third = batcher.submit(_texts("c"))
        await asyncio.sleep(0.02)
        await asyncio.gather(third.future, batcher.submit(_texts("d")).future)
        await batcher.submit(_texts("e")).future
        began = time.monotonic()
        await batcher.submit(_texts("f", "g")).future
        await batcher.submit(_texts("h")).future
        return time.monotonic() - began

    # "e" follows a crowded run: it waits in vain, and what follows it does not
    assert _with(scenario, fake, max_wait=0.4) < 0.4
    assert fake.asked == [["first"], ["a", "b"], ["c", "d"], ["e"], ["f", "g"], ["h"]]


def test_a_full_batch_does_not_wait():
    fake = Fake()

    async def scenario(batcher):
        jobs = [await _busy(batcher, fake), *(batcher.submit(_texts(*"abcd")) for _ in range(3))]
        fake.gate.set()
        return [_words(await job.future) for job in jobs][1:]

    assert _with(scenario, fake, max_wait=1000.0) == [list("abcd")] * 3


def test_a_job_that_finds_no_room_is_refused_whole():
    fake = Fake()

    async def scenario(batcher):
        held = await _busy(batcher, fake)
        kept = batcher.submit(_texts("a", "b"))
        with pytest.raises(Refused, match=r"got 2 of 3 texts waiting") as refused:
            batcher.submit(_texts("c", "d"))
        last = batcher.submit(_texts("e"))
        fake.gate.set()
        await asyncio.gather(held.future, kept.future, last.future)
        return refused.value

    refused = _with(scenario, fake, bound=3)
    assert refused.status == 429
    assert refused.retry_after >= 1
    assert "c" not in str(fake.asked)


def test_no_texts_are_answered_by_no_answers():
    fake = Fake()

    async def scenario(batcher):
        return await batcher.submit([]).future

    assert _with(scenario, fake) == []
    assert fake.asked == []


def test_the_texts_of_a_dropped_job_leave_the_queue_and_nobody_elses():
    fake = Fake()

    async def scenario(batcher):
        held = await _busy(batcher, fake)
        dropped, kept = batcher.submit(_texts("a", "b")), batcher.submit(_texts("c"))
        batcher.drop(dropped)
        assert batcher.waiting == 1
        batcher.drop(held)  # it is running: its answer comes and is not wanted
        fake.gate.set()
        answers = _words(await kept.future)
        assert batcher.open == 0
        batcher.drop(kept)
        return answers

    assert _with(scenario, fake) == ["c"]
    assert fake.asked == [["first"], ["c"]]


def test_a_text_that_fails_fails_alone():
    fake = Fake()

    async def scenario(batcher):
        held = await _busy(batcher, fake)
        good, bad, last = (batcher.submit(_texts(word)) for word in ("a", "crash", "b"))
        fake.gate.set()
        await held.future
        with pytest.raises(ValueError, match="a text that fails"):
            await bad.future
        return _words(await good.future) + _words(await last.future)

    assert _with(scenario, fake) == ["a", "b"]


def test_long_texts_make_smaller_batches():
    fake = Fake()
    long = "x" * (PADDED // 2)

    async def scenario(batcher):
        held = await _busy(batcher, fake)
        job = batcher.submit(_texts("a", "b", long, long + "x", "c"))
        fake.gate.set()
        await asyncio.gather(held.future, job.future)

    _with(scenario, fake, max_batch=10)
    assert [len(batch) for batch in fake.asked] == [1, 2, 1, 1, 1]


def test_giving_up_answers_everything_that_is_open():
    fake = Fake()

    async def scenario(batcher):
        jobs = [await _busy(batcher, fake), batcher.submit(_texts("a"))]
        batcher.abort(Refused(503, "stop"))
        for job in jobs:
            with pytest.raises(Refused, match="stop"):
                await job.future
        return batcher.open, batcher.waiting

    assert _with(scenario, fake) == (0, 0)
    assert fake.asked == [["first"]]


def test_many_jobs_from_many_tasks_each_get_their_own_answers_once():
    fake = Fake()
    fake.gate.set()

    async def scenario(batcher):
        async def one(number):
            words = [f"{number}-{place}" for place in range(number % 7)]
            assert _words(await batcher.submit(_texts(*words)).future) == words
            return len(words)

        return sum(await asyncio.gather(*map(one, range(500))))

    total = _with(scenario, fake, max_batch=16, max_wait=0.001, bound=5000)
    asked = [word for batch in fake.asked for word in batch]
    assert len(asked) == len(set(asked)) == total
