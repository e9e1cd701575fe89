"""`min_gru` and `min_lstm`: gates that look at no state, so that all steps are computed at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq_cells.layered import Layered

if TYPE_CHECKING:
    from kerasseq.plugin import Graph

__all__ = ["MinGRU", "MinLSTM"]


class Parallel(Layered):
    """What both share."""

    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the state of one direction."""
    layers: Annotated[int, Field(ge=1, le=8)] = 2
    """Layers on top of each other; one alone adds up words and hears no order between them but in how they fade."""

    def _layer(self, name: str) -> Any:
        return self._kind()(self.units, self.bidirectional, name=name)

    def _kind(self) -> Callable[..., Any]:
        """The class of a layer."""
        raise NotImplementedError

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """A loop of one product and one sum a step; what is before it is computed for all steps at once."""
        from kerasseq_cells.layers.minimal_in_graph import walked

        return walked(built, graph, *inputs)


class MinGRU(Parallel):
    """Minimal GRU (Feng et al., 2024): `z = s(W_z x)`, `h' = (1 - z) * h + z * (W_h x)`."""

    name: str = "min_gru"

    def _kind(self) -> Callable[..., Any]:
        from kerasseq_cells.layers.minimal import MinGRULayer

        return MinGRULayer


class MinLSTM(Parallel):
    """Minimal LSTM (Feng et al., 2024): `f = s(W_f x)`, `i = s(W_i x)`, `h' = (f * h + i * (W_h x)) / (f + i)`."""

    name: str = "min_lstm"

    def _kind(self) -> Callable[..., Any]:
        from kerasseq_cells.layers.minimal import MinLSTMLayer

        return MinLSTMLayer
