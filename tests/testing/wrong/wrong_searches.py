"""Searches that each break one rule."""

from dataclasses import replace

import numpy as np
from kerasseq_runtime.searches.filters import forbid, log_softmax
from kerasseq_runtime.searches.one_by_one import OneByOne
from kerasseq_runtime.searches.sampling import drawn

from kerasseq.searches.search import Search, Written
from kerasseq.spec import SearchSpec


class Writes(SearchSpec):
    """Builds the search that is named like the class."""

    def build(self):
        return globals()[f"_{type(self).__name__}"]()


class RightFirst(Writes):
    """Breaks nothing."""


class _RightFirst(OneByOne):
    def choose(self, logits, seen, draws):
        return drawn(np.exp(log_softmax(logits)), draws)


class WritesPadding(Writes):
    """What is forbidden may come."""


class _WritesPadding(_RightFirst):
    def write(self, stepper, prompts, limits, seed=0, told=None):
        return super().write(stepper, prompts, replace(limits, forbidden=()), seed, told)


class KeepsTheStop(Writes):
    """What ended a text is its last token, and is told."""


class _KeepsTheStop(_RightFirst):
    def write(self, stepper, prompts, limits, seed=0, told=None):
        found = super().write(stepper, prompts, limits, seed, told)
        for place, [text] in enumerate(found):
            if text.ended:
                [stop] = limits.stop
                found[place] = [replace(text, ids=np.append(text.ids, stop), ended=False)]
                if told:
                    told(place, stop)
        return found


class FilteredProbability(Writes):
    """The probability of a text is that behind the temperature."""


class _FilteredProbability(_RightFirst):
    def write(self, stepper, prompts, limits, seed=0, told=None):
        found = super().write(stepper, prompts, limits, seed, told)
        return [[replace(text, log_probability=text.log_probability / 2) for text in texts] for texts in found]


class DrawsOn(Writes):
    """A second text goes on where the generator of the first one stopped."""


class _DrawsOn(_RightFirst):
    def __init__(self):
        self.calls = 0

    def write(self, stepper, prompts, limits, seed=0, told=None):
        self.calls += 1
        return super().write(stepper, prompts, limits, seed + self.calls, told)


class SharesAGenerator(Writes):
    """All texts draw from one generator."""


class _SharesAGenerator(Search):
    def write(self, stepper, prompts, limits, seed=0, told=None):
        random = np.random.default_rng(seed)
        return [
            [self.one(stepper, np.array(prompt), limits, random, place, told)] for place, prompt in enumerate(prompts)
        ]

    def one(self, stepper, prompt, limits, random, place, told):
        logits, state = stepper.start([prompt])
        ids, total = [], 0.0
        for _ in range(limits.max_length):
            values = forbid(logits.astype(float), limits.forbidden)
            token = drawn(np.exp(log_softmax(values)), random.random(1))
            total += log_softmax(logits.astype(float))[0, token[0]]
            if token[0] in limits.stop:
                return Written(np.array(ids, np.int64), total, True)
            ids.append(int(token[0]))
            if told:
                told(place, ids[-1])
            logits, state = stepper.step(token, state)
        return Written(np.array(ids, np.int64), total, False)


class TellsTheEnd(Writes):
    """What ended a text is told."""


class _TellsTheEnd(_RightFirst):
    def write(self, stepper, prompts, limits, seed=0, told=None):
        found = super().write(stepper, prompts, limits, seed, told)
        for place, [text] in enumerate(found if told else []):
            if text.ended:
                told(place, next(iter(limits.stop)))
        return found
