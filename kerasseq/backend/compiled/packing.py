"""Valid steps end to end: the longest row first, step by step, so that each step is one block without padding.

Row `i` of the block of step `t` is the `t`-th valid step of the `i`-th longest row. Blocks only shrink, so the rows of
a block continue the first rows of the block before.
"""

# B rows of the batch, R rows of this job, T time, L longest row, S valid steps of all rows, F features

from __future__ import annotations

from typing import Any

import numba
import numpy as np

__all__ = ["before", "copy", "gather", "gather_gradient", "last", "last_gradient", "order", "pack"]

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@compiled
def order(mask: Any, first: int, stride: int, backwards: bool) -> Any:
    """How the rows `first`, `first + stride` ... of x `(B T, D)` are packed, where `mask` `(B, T)` says what is valid.

    Returns:
        The rows in the order of the blocks `(R,)`; their lengths; the offsets of the blocks `(L + 1,)`; and for each
        packed step the row of x that it is `(S,)`.
    """
    rows, lengths = _ordered(mask, first, stride)
    offsets, source = _blocks(mask, rows, lengths, backwards)
    return rows, lengths, offsets, source


@compiled
def pack(x: Any, source: Any) -> Any:
    """The rows `source` of x, `(S, D)`."""
    out = np.empty((len(source), x.shape[1]), dtype=np.float32)
    for p in range(len(source)):
        copy(out[p], x[source[p]])
    return out


@compiled
def copy(into: Any, values: Any) -> None:
    """Copy one vector. Plain loops, here and below, for they compile in a tenth of the time that slices take."""
    for f in range(len(into)):
        into[f] = values[f]


@compiled
def _ordered(mask: Any, first: int, stride: int) -> Any:
    """The rows and their lengths, longest first, and among equals in their own order."""
    batch, time = mask.shape
    count = max((batch - first + stride - 1) // stride, 0)
    found = np.zeros(count, dtype=np.int64)
    places = np.zeros(time + 2, dtype=np.int64)  # where rows of each length begin
    for i in range(count):
        for t in range(time):
            found[i] += mask[first + i * stride, t]
        places[found[i]] += 1
    after = 0
    for length in range(time, -1, -1):
        places[length], after = after, after + places[length]
    rows = np.empty(count, dtype=np.int64)
    lengths = np.empty(count, dtype=np.int64)
    for i in range(count):
        place = places[found[i]]
        places[found[i]] += 1
        rows[place] = first + i * stride
        lengths[place] = found[i]
    return rows, lengths


@compiled
def _blocks(mask: Any, rows: Any, lengths: Any, backwards: bool) -> Any:
    """Offsets of the blocks, and which step each packed step is."""
    time = mask.shape[1]
    longest = lengths[0] if len(lengths) else 0
    offsets = np.zeros(longest + 1, dtype=np.int64)
    for i in range(len(rows)):
        for t in range(lengths[i]):
            offsets[t + 1] += 1
    for t in range(longest):
        offsets[t + 1] += offsets[t]
    source = np.empty(offsets[longest], dtype=np.int64)
    for i in range(len(rows)):
        seen = 0
        for step in range(time):
            t = time - 1 - step if backwards else step
            if mask[rows[i], t]:
                source[offsets[seen] + i] = rows[i] * time + t
                seen += 1
    return offsets, source


@compiled
def gather(
    y: Any,
    offsets: Any,
    rows: Any,
    mask: Any,
    backwards: bool,
    zero_masked: bool,
    out: Any,
    column: int,
    in_text: bool,
) -> None:
    """Write the answers of `rows` to `out` `(B, T, W)`, or the last ones alone to `(B, 1, W)`.

    A masked step gets the newest answer before it, or zeros where there is none or `zero_masked` asks for it.

    Args:
        y: Packed answers, `(S, F)`.
        offsets: Of the blocks.
        rows: In the order of the blocks.
        mask: `(B, T)`.
        backwards: Steps were read from the last to the first.
        zero_masked: See above.
        out: Float32.
        column: Of `out`, where they begin.
        in_text: Steps stand as in the text, and not in the order in which they were read.
    """
    time = mask.shape[1]
    skipped = time - out.shape[1]
    for i in range(len(rows)):
        seen = 0
        for step in range(time):
            t = time - 1 - step if backwards else step
            valid = mask[rows[i], t]
            seen += valid
            if step < skipped:
                continue
            into = out[rows[i], t if in_text and not skipped else step - skipped, column : column + y.shape[1]]
            if seen == 0 or (zero_masked and not valid):
                for f in range(len(into)):
                    into[f] = np.float32(0)
            else:
                copy(into, y[offsets[seen - 1] + i])


@compiled
def gather_gradient(
    d: Any,
    offsets: Any,
    rows: Any,
    mask: Any,
    backwards: bool,
    zero_masked: bool,
    dy: Any,
    column: int,
    in_text: bool,
) -> None:
    """Add to `dy` `(S, F)` what `gather` handed on: `d` is the gradient of its `out`."""
    time = mask.shape[1]
    skipped = time - d.shape[1]
    for i in range(len(rows)):
        seen = 0
        for step in range(time):
            t = time - 1 - step if backwards else step
            valid = mask[rows[i], t]
            seen += valid
            if step < skipped or seen == 0 or (zero_masked and not valid):
                continue
            handed = d[rows[i], t if in_text and not skipped else step - skipped]
            _add(dy[offsets[seen - 1] + i], handed[column : column + dy.shape[1]])


@compiled
def _add(into: Any, values: Any) -> None:
    for f in range(len(into)):
        into[f] += values[f]


@compiled
def last(y: Any, offsets: Any, rows: Any, lengths: Any, start: Any, out: Any) -> None:
    """Write each row's last answer to `out` `(B, F)`; of a row without steps its `start` `(R, F)`."""
    for i in range(len(rows)):
        copy(out[rows[i]], y[offsets[lengths[i] - 1] + i] if lengths[i] else start[i])


@compiled
def last_gradient(d: Any, offsets: Any, rows: Any, lengths: Any, dy: Any, dstart: Any) -> None:
    """Add `d` `(B, F)`, the gradient of the last answers, to `dy` `(S, F)` or `dstart` `(R, F)`."""
    for i in range(len(rows)):
        _add(dy[offsets[lengths[i] - 1] + i] if lengths[i] else dstart[i], d[rows[i]])


@compiled
def before(h: Any, offsets: Any, rows: int) -> Any:
    """The state that each packed step began with, `(S, F)`; `h` `(R + S, F)` holds the start before the answers."""
    out = np.empty((len(h) - rows, h.shape[1]), dtype=np.float32)
    for t in range(len(offsets) - 1):
        count = offsets[t + 1] - offsets[t]
        source = rows + offsets[t - 1] if t else 0
        for i in range(count):
            copy(out[offsets[t] + i], h[source + i])
    return out
