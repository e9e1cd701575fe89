"""What writes texts, on a model whose every step is known."""

import numpy as np
import pytest
from kerasseq_runtime.searches.chosen import search_of
from kerasseq_runtime.writing import Writer

from kerasseq.testing.chain import Chain

PIECES = ("", "[UNK]", "[END]", "a", "\n", "\n\n", "b")


class Pieces:
    """Ids and texts of a vocabulary in which one text may be written by several tokens."""

    end = 2

    def prompts(self, texts):
        return [np.array([PIECES.index(char) for char in text], dtype=np.int64) for text in texts]

    def decode(self, ids):
        return "".join(PIECES[token] for token in ids)

    def token(self, text):
        return PIECES.index(text) if text in PIECES else 1

    def speller(self):
        return PIECES.__getitem__


class Line(Chain):
    """a, a double end of line, b; then the end."""

    def __init__(self):
        super().__init__(np.zeros((5, len(PIECES))))
        self.logits[range(4), [3, 5, 6, 2]] = 9

    def start(self, prompts):
        return self.logits[[0]], np.array([0])

    def step(self, ids, state):
        return self.logits[state + 1], state + 1


@pytest.mark.parametrize(
    ("stop", "text", "tokens"),
    [("\n", "a", 2), ("\n\n", "a", 1), ("\nb", "a\n", 3), ("b", "a\n\n", 2), ("c", "a\n\nb", 3)],
)
def test_a_stop_ends_a_text_by_whichever_tokens_it_is_written(stop, text, tokens):
    [[draft]] = Writer(Pieces(), Line(), search_of("greedy", {})).write([""], 50, [stop])
    assert (draft.text, draft.tokens, draft.ended) == (text, tokens, True)
