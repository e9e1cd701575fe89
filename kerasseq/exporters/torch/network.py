"""A Keras model as one module of torch alone, and that as a program of any batch and any length.

Keras has an export to torch of its own, `model.export(path, format="torch")`. With free sizes, Keras 3.15 fails there
on recurrent layers with attention behind them; and it does not know that a step of padding more changes nothing.
"""

# B batch, T time

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from kerasseq.backend.functional import calls
from kerasseq.corpus.examples import MASK
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.recurrent import kept_whole
from kerasseq.exporters.torch.steps import Steps
from kerasseq.exporters.tracing.trace import step_of
from kerasseq.pipelines.subwords import subwords_of
from kerasseq.pipelines.tokens import CHARACTERS

if TYPE_CHECKING:
    from kerasseq.tasks.task import Task

__all__ = ["Network", "exported", "program", "time_of"]

Tensor = Any


class Network(nn.Module):
    """What a functional Keras model computes in use, step by step in its order.

    Args:
        model: A built functional model with a dict of outputs.
        task: Makes answers of its outputs, see `Task.in_torch`.

    Called with one tensor for each input, ids `(B, T)` int64, 0 at padding; gives what the task makes of the outputs.

    Attributes:
        answers: Type and shape of each.

    Raises:
        Refused: A layer, an operation or the outputs have no form here.
    """

    def __init__(self, model: Any, task: Task) -> None:
        super().__init__()
        self._wanted = task.torch_outputs
        missing = [name for name in self._wanted if name not in model.output]
        if missing:
            got = ", ".join(model.output)
            raise Refused(f"model.pt2: the model must give {', '.join(missing)}, got {got}; nothing was written")
        self._in_torch = task.in_torch
        self.answers = task.torch_answers
        outputs = [model.output[name] for name in self._wanted]
        self.steps = Steps([step_of(node) for node in calls(model)], model.inputs, outputs)

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        return self._in_torch(dict(zip(self._wanted, self.steps(*inputs), strict=True)))


def time_of(name: str) -> str:
    """The name of an input's time axis: `"tokens_2"` -> `"time_2"`; what is said of the same steps shares theirs."""
    name = name.removesuffix(MASK)
    return _TIMES.get(name, name)


_TIMES = {
    **dict.fromkeys(("tokens", subwords_of("tokens"), CHARACTERS, "vectors"), "time"),
    **dict.fromkeys(("tokens_2", subwords_of("tokens_2")), "time_2"),
}


def program(network: Network, model: Any) -> ExportedProgram:
    """The network as a program of torch.export.

    Args:
        network: See there.
        model: What it was made from; the lengths of different inputs are free of each other.

    Raises:
        Refused: torch cannot export it with free sizes.
    """
    batch = Dim("batch")
    times: dict[str, Any] = {}
    arguments, sizes = [], []
    for tensor in model.inputs:
        kind = {"bool": torch.bool, "float32": torch.float32}.get(tensor.dtype, torch.int64)
        free = tensor.shape[1] is None
        example = torch.tensor([[1, 1, 0], [1, 0, 0]]) if free else torch.ones(2, tensor.shape[1])
        for size in tensor.shape[2:]:
            example = example[..., None].expand(*example.shape, size)
        arguments.append(example.clone().to(kind))
        time = time_of(tensor.name)
        sizes.append({0: batch, 1: times.setdefault(time, Dim(time))} if free else {0: batch})
    shapes = {"inputs": tuple(sizes)}
    try:
        return exported(network, tuple(arguments), shapes)
    except Refused as cause:
        try:
            return exported(_Longer(network, [1 in free for free in sizes]), tuple(arguments), shapes)
        except Refused:
            raise cause from None


class _Longer(nn.Module):
    """A network that reads each row with some padding more, which changes no answer.

    torch takes sizes apart that may be 1. Of a layer that looks at all steps but one there is such a size, unless every
    row is longer.

    Args:
        network: See there.
        timed: Of each input whether its second axis is time.
    """

    STEPS = 3

    def __init__(self, network: Network, timed: Sequence[bool]) -> None:
        super().__init__()
        self.network = network
        self.timed = timed

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        pairs = zip(inputs, self.timed, strict=True)
        found: dict[str, Tensor] = self.network(*(self._longer(x) if timed else x for x, timed in pairs))
        axes = {name: answer["shape"] for name, answer in self.network.answers.items()}
        return {name: y[:, : -self.STEPS] if "time" in axes[name] else y for name, y in found.items()}

    def _longer(self, x: Tensor) -> Tensor:
        return torch.cat([x, torch.zeros_like(x[:, :1]).repeat_interleave(self.STEPS, 1)], 1)


def exported(module: nn.Module, arguments: tuple[Tensor, ...], shapes: dict[str, Any]) -> ExportedProgram:
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
