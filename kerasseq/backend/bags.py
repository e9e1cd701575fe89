"""Sums of rows of a table, as many as each place names."""

# B batch, T time, K numbers of rows at a place, V rows of the table, D numbers of a row

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.select import current

__all__ = ["rows_summed"]

Tensor = Any


def rows_summed(table: Tensor, rows: Tensor) -> Tensor:
    """The sum of some rows of a table at each place.

    On torch only the rows that are named are read, and nothing of `(B, T, K, D)` is made.

    Args:
        table: `(V, D)`.
        rows: `(B, T, K)` whole numbers; 0 names no row.

    Returns:
        `(B, T, D)`, zeros where no row is named.
    """
    if current() == "torch" and not isinstance(rows, keras.KerasTensor):
        from kerasseq.backend.torch_kernels import traced

        if not traced(rows):
            return _bags(table, rows)
    there = ops.expand_dims(ops.cast(ops.not_equal(rows, 0), table.dtype), -2)  # (B, T, 1, K)
    return ops.squeeze(ops.matmul(there, ops.take(table, rows, axis=0)), axis=-2)


def _bags(table: Tensor, rows: Tensor) -> Tensor:
    import torch

    table = getattr(table, "value", table)
    if rows.device.type != "cpu":
        return _weighted(table, rows)
    there = rows != 0
    ends = there.sum(-1).flatten().cumsum(0)
    starts = torch.cat([ends.new_zeros(1), ends[:-1]]) if len(ends) else ends
    found = torch.nn.functional.embedding_bag(rows[there].long(), table, starts, mode="sum")
    return found.reshape(*rows.shape[:-1], table.shape[1])


def _weighted(table: Tensor, rows: Tensor) -> Tensor:
    """The same with row 0 read and multiplied by 0: how many rows are named a device would have to be asked for."""
    import torch

    flat = rows.reshape(-1, rows.shape[-1]).long()
    there = (flat != 0).to(table.dtype)
    found = torch.nn.functional.embedding_bag(flat, table, mode="sum", per_sample_weights=there)
    return found.reshape(*rows.shape[:-1], table.shape[1])
