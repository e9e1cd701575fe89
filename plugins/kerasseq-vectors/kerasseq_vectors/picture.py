"""Words as points: the two directions in which their vectors differ most."""

# N words, D numbers of a vector

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.plugin import UsageError, atomic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["check_name", "draw", "project"]

FORMS = (".png", ".svg")


def check_name(path: Path) -> None:
    """Nothing, where a picture can be written under this name.

    Raises:
        UsageError: It is neither .png nor .svg.
    """
    if path.suffix.lower() not in FORMS:
        raise UsageError(f"--plot: must end in {' or '.join(FORMS)}, got {path.name}")


def project(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Principal components: `(N, D)` to places `(N, 2)`, and the share of the variance of either axis `(2,)`.

    The largest number of each axis is positive, so that a picture does not turn from one machine to the next.
    """
    import numpy as np

    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(np.pad(centred, [(0, 0), (0, max(2 - centred.shape[1], 0))]), full_matrices=False)
    places = np.pad(left * sizes, [(0, 0), (0, max(2 - len(sizes), 0))])[:, :2]
    turned = np.where(places[np.abs(places).argmax(axis=0), [0, 1]] < 0, -1, 1)
    total = max(float((sizes**2).sum()), 1e-12)
    return places * turned, np.pad(sizes**2, (0, 2))[:2] / total


def draw(path: Path, words: Sequence[str], asked: Sequence[str], vectors: NDArray[np.float64]) -> None:
    """Write the picture; letters of Arabic join, and run from the right, whichever program shows it.

    Args:
        path: A .png or .svg.
        words: N words.
        asked: Those of them that stand out.
        vectors: `(N, D)`.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    places, shares = project(vectors)
    with rc_context({"svg.hashsalt": "kerasseq", "axes.unicode_minus": False}):
        figure = Figure(figsize=(7.0, 5.4), layout="constrained")
        axes = figure.add_subplot()
        for (x, y), word in zip(places, words, strict=True):
            known = word in asked
            axes.plot([x], [y], "o", color="#d2691e" if known else "#1f6fb4", markersize=6 if known else 4)
            style: dict[str, Any] = {"fontweight": "bold" if known else "normal", "parse_math": False, "ha": "center"}
            axes.annotate(word, (x, y), (0, 5), textcoords="offset points", **style)
        axes.margins(0.12)
        axes.set_xlabel(f"first component, {shares[0]:.0%} of the variance")
        axes.set_ylabel(f"second component, {shares[1]:.0%}")
        with atomic(path) as temporary:
            figure.savefig(temporary, dpi=150, metadata=_undated(path))


def _undated(path: Path) -> dict[str, None]:
    """The same picture has the same bytes."""
    return {"Date": None, "Creator": None} if path.suffix.lower() == ".svg" else {"Software": None}
