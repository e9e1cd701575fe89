"""A Keras model as one module of torch alone, and that as a program of any batch and any length."""

# B batch, T time, K classes

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.export import Dim, ExportedProgram
from torch.nn import functional

from kerasseq.backend.functional import calls
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch_recurrent import kept_whole
from kerasseq.exporters.torch_steps import Steps
from kerasseq.exporters.tracing import step_of

__all__ = ["Network", "exported", "program"]

Tensor = Any


class Network(nn.Module):
    """What a functional Keras model computes in use, step by step in its order.

    Args:
        model: A built functional model with a dict of outputs.
        labels: Whether it chooses a class.

    Called with ids `(B, T)` int64, 0 at padding, one tensor for each input; gives for classes `label` `(B,)` int64, the
    index of the likeliest one, and `probabilities` `(B, K)`, else `score` `(B,)`.

    Raises:
        Refused: A layer, an operation or the outputs have no form here.
    """

    def __init__(self, model: Any, labels: bool) -> None:
        super().__init__()
        self._answer = "logits" if labels else "score"
        if self._answer not in model.output:
            got = ", ".join(model.output)
            raise Refused(f"model.pt2: the model must give {self._answer}, got {got}; nothing was written")
        self.steps = Steps([step_of(node) for node in calls(model)], model.inputs, [model.output[self._answer]])

    def forward(self, tokens: Tensor, tokens_2: Tensor = None) -> dict[str, Tensor]:
        [answer] = self.steps(tokens) if tokens_2 is None else self.steps(tokens, tokens_2)
        if self._answer == "score":
            return {"score": answer}
        return {"label": answer.argmax(-1), "probabilities": torch.softmax(answer, -1)}


def program(network: Network, inputs: int) -> ExportedProgram:
    """The network as a program of torch.export.

    Args:
        network: See there.
        inputs: 1, or 2 for pairs that are read apart; their lengths are free of each other.

    Raises:
        Refused: torch cannot export it with free sizes.
    """
    example = torch.tensor([[1, 1, 0], [1, 0, 0]])
    names = ("tokens", "tokens_2")[:inputs]
    batch = Dim("batch")
    shapes = {name: {0: batch, 1: Dim(name.replace("tokens", "time"))} for name in names}
    arguments = tuple(example.clone() for _ in names)
    try:
        return exported(network, arguments, shapes)
    except Refused as cause:
        try:
            return exported(_Longer(network), arguments, shapes)
        except Refused:
            raise cause from None


class _Longer(nn.Module):
    """A network that reads each text with some padding more, which changes no answer.

    torch takes sizes apart that may be 1. Of a layer that looks at all steps but one there is such a size, unless every
    text is longer.
    """

    STEPS = 3

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor, tokens_2: Tensor = None) -> dict[str, Tensor]:
        given = [tokens] if tokens_2 is None else [tokens, tokens_2]
        answer: dict[str, Tensor] = self.network(*(functional.pad(ids, (0, self.STEPS)) for ids in given))
        return answer


def exported(module: nn.Module, arguments: tuple[Tensor, ...], shapes: dict[str, dict[int, Any]]) -> ExportedProgram:
    """A module as a program.

    Args:
        module: Of tensors alone.
        arguments: An example.
        shapes: Which axes of each argument are free.

    Raises:
        Refused: torch cannot export it with free sizes.
    """
    try:
        with torch.no_grad(), kept_whole():
            return torch.export.export(module.eval(), arguments, dynamic_shapes=shapes, strict=False)
    except Refused:
        raise
    except Exception as cause:  # what this torch cannot say comes in many kinds
        said = " ".join(str(cause).split())[:300]
        message = f"torch {torch.__version__} must export the network with free sizes, got: {said}"
        raise Refused(f"model.pt2: {message}; nothing was written") from cause
