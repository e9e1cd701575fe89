"""Which words weighed most, within the bounds of the service; see `kerasseq_runtime.occlusion`."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq_runtime import occlusion
from kerasseq_runtime.occlusion import Word

from kerasseq_serve.errors import Refused
from kerasseq_serve.model import Answer, Text

__all__ = ["Word", "variants", "weights", "words"]


def words(text: Text, most: int) -> list[Word]:
    """The words of a text, then those of its second.

    Raises:
        Refused: 422, there are more than `most`.
    """
    found = occlusion.words(text)
    if len(found) > most:
        message = f"text: must have at most {most} words to be explained, got {len(found)}"
        raise Refused(422, f"{message}; shorten it, or start the service with a larger --max-words")
    return found


def variants(text: Text, found: Sequence[Word]) -> list[Text]:
    """The text as it is, then once without each word and the white space behind it."""
    return list(occlusion.variants(text, found))


def weights(answers: Sequence[Answer], labels: Sequence[str]) -> list[float]:
    """How much each word adds to the probability of the predicted label, or to the score.

    Args:
        answers: Of the variants, the whole text first.
        labels: Those of the model; empty for a regression.
    """
    if not labels:
        return occlusion.lost([float(answer.prediction) for answer in answers])
    place = labels.index(str(answers[0].prediction))
    return occlusion.lost([answer.probabilities[place] for answer in answers])
