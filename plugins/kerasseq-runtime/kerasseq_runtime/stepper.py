"""An exported language model a step at a time."""

# N prompts, B rows in hand, T time, U width of a state, V tokens of the vocabulary

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FileStepper"]

States = dict[str, Any]


class FileStepper:
    """See `kerasseq_runtime.searches.search.Stepper`.

    Args:
        session: An open file with the input `ids`, states, the output `logits` and the states behind the ids.
        states: The output that feeds each input.
        options: `onnxruntime.RunOptions`, or None.
    """

    def __init__(self, session: Any, states: Mapping[str, str], options: Any = None) -> None:
        self.session, self.states, self.options = session, dict(states), options
        shapes = {tensor.name: tensor.shape for tensor in (*session.get_inputs(), *session.get_outputs())}
        self._size = int(shapes["logits"][-1])
        self._widths = {name: int(shapes[name][-1]) for name in self.states}
        self.reads_text = "text" in shapes

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return self._size

    def zeros(self, rows: int) -> States:
        """The states where a text begins, `(B, U)` each."""
        import numpy as np

        return {name: np.zeros((rows, width), dtype=np.float32) for name, width in self._widths.items()}

    def read(self, rows: Sequence[NDArray[np.int64]], state: States) -> tuple[NDArray[np.float32], States]:
        """Read on, one id of each row at least.

        Returns:
            Logits of what follows the last id of each row, `(B, V)`, and the states behind it.
        """
        import numpy as np

        ids = np.zeros((len(rows), max(map(len, rows), default=1)), dtype=np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
        feeds = {"ids": ids, **state} | ({"text": np.array([], dtype=object)} if self.reads_text else {})
        logits, *ends = self.session.run(["logits", *self.states.values()], feeds, self.options)
        return logits, dict(zip(self.states, ends, strict=True))

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], States]:
        """Read the prompts, one token in each at least."""
        return self.read(prompts, self.zeros(len(prompts)))

    def step(self, ids: NDArray[np.int64], state: States) -> tuple[NDArray[np.float32], States]:
        """Read one token of each row."""
        return self.read(list(ids[:, None]), state)

    def take(self, state: States, rows: NDArray[np.int64]) -> States:
        """The states of some rows."""
        return {name: value[rows] for name, value in state.items()}

    def text_ids(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """What is read of each prompt, `(T,)`: where the file has the input `text`."""
        import numpy as np

        if not texts:
            return []
        given = np.array(
            [text.replace("\0", "\x01").encode("utf-8", "replace").decode() for text in texts], dtype=object
        )
        feeds = {"ids": np.ones((1, 1), dtype=np.int64), "text": given, **self.zeros(1)}
        [found] = self.session.run(["text_ids"], feeds, self.options)
        return [row[row != 0] for row in found]
