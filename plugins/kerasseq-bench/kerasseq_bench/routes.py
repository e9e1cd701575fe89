"""How a masked batch should go to cuDNN: packed, or its steps moved together; `python -m kerasseq_bench.routes`.

torch lets cuDNN keep the weights of small layers on the chip, but not for packed sequences; where that ends is
`kerasseq.backend.torch_kernels.PERSISTENT`. The table says whether it is the right place on this card.
"""

# B batch, T time, D features, H units

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click

from kerasseq_bench.layers.card import arrived, card, missing
from kerasseq_bench.tables import machine, markdown

__all__ = ["main"]

UNITS = (64, 128, 192, 256, 512)
KINDS = {"lstm": 4, "gru": 3, "rnn_tanh": 1}
ROUTES = ("packed", "compacted")


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The page.")
@click.option("--device", type=click.Choice(["cuda", "cpu"]), default="cuda", show_default=True)
@click.option("--units", type=int, multiple=True, default=UNITS, show_default=True, help="Units of a layer.")
@click.option("--rounds", type=click.IntRange(1), default=30, show_default=True, help="Samples of each way.")
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, help="Texts of a batch.")
@click.option("--time", "steps", type=click.IntRange(1), default=64, show_default=True, help="The longest text.")
def main(out: Path, device: str, units: Sequence[int], rounds: int, batch: int, steps: int) -> None:
    """Milliseconds of a masked layer that reads in both directions, forward and with its gradient."""
    if device == "cuda" and (rule := missing()):
        raise click.UsageError(f"--device: {rule}")
    rows = list(_rows(device, units, rounds, batch, steps))
    where = card() if device == "cuda" else machine()
    about = f"{where}; {batch} texts of 1 to {steps} steps, 128 features, both directions, medians of {rounds} rounds."
    out.parent.mkdir(parents=True, exist_ok=True)
    head = ["milliseconds", *(f"{mode}, {way}" for mode in ("forward", "with gradient") for way in ROUTES), "taken"]
    out.write_text(f"{about}\n\n{markdown(head, rows)}\n", encoding="utf-8")
    click.echo(str(out))


def _rows(device: str, units: Sequence[int], rounds: int, batch: int, steps: int) -> Iterator[list[str]]:
    from kerasseq.backend.torch_kernels import PERSISTENT

    for kind in KINDS:
        for size in units:
            forward, backward = (
                _milliseconds(kind, size, device, rounds, batch, steps, grad) for grad in (False, True)
            )
            taken = "compacted" if size <= PERSISTENT[kind] else "packed"
            yield [f"{kind} {size}", *(f"{value:.3f}" for value in (*forward, *backward)), taken]


def _milliseconds(kind: str, units: int, device: str, rounds: int, batch: int, steps: int, grad: bool) -> list[float]:
    """The medians of both ways, measured in turns."""
    calls = _calls(kind, units, device, batch, steps, grad)
    for call in calls * 2:
        call()
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, found in zip(calls, taken, strict=True):
            arrived()
            start = time.perf_counter()
            call()
            arrived()
            found.append(1e3 * (time.perf_counter() - start))
    return [median(found) for found in taken]


def _calls(kind: str, units: int, device: str, batch: int, steps: int, grad: bool) -> list[Callable[[], Any]]:
    import numpy as np
    import torch

    from kerasseq.backend import torch_kernels, torch_packed
    from kerasseq.backend.torch_host import note
    from kerasseq.backend.weights import Weights

    random = torch.Generator().manual_seed(0)
    wide = KINDS[kind] * units

    def drawn(*shape: int) -> Any:
        return (torch.randn(*shape, generator=random) / units**0.5).to(device).requires_grad_(grad)

    bias = (2, wide) if kind == "gru" else (wide,)
    weights = [Weights(drawn(128, wide), drawn(units, wide), drawn(*bias)) for _ in range(2)]
    x = drawn(batch, steps, 128)
    valid = np.arange(steps) < np.random.default_rng(0).integers(1, steps + 1, batch)[:, None]
    state = [torch.zeros(batch, units, device=device)] * (2 if kind == "lstm" else 1)
    how = {"zero_masked": False, "sequences": True}

    def batch_mask() -> Any:
        mask = torch.from_numpy(valid).to(device)
        note(mask, valid)
        return mask

    def packed() -> Any:
        return torch_packed.packed_both(kind, x, batch_mask(), weights, **how)

    def compacted() -> Any:
        mask = batch_mask()
        return [
            torch_kernels.compacted(kind, x, mask, one, state, backwards=back, states=False, **how).outputs
            for one, back in zip(weights, (False, True), strict=True)
        ]

    def whole(run: Callable[[], Any]) -> Callable[[], Any]:
        def call() -> None:
            with torch.set_grad_enabled(grad):
                outputs = run()
            if grad:
                sum(y.sum() for y in outputs).backward()

        return call

    return [whole(packed), whole(compacted)]


if __name__ == "__main__":
    main()
