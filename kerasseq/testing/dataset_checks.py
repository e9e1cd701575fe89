"""What holds for datasets: the columns of the Arrow table, their types and values."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from kerasseq.spec import DatasetSpec
from kerasseq.testing.faults import CheckFailed, shown

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_columns", "check_provides", "check_rows", "check_same_rows"]

OPTIONAL = ("text_2", "group", "weight", "split", "taught", "distribution", "deviation")
OF_TEXTS = ("text", "target")
"""What a dataset whose rows are no texts may lack, or have of another type: its tasks know what a row holds."""

SIDES = ("train", "validation", "test")


def check_columns(spec: DatasetSpec) -> None:
    """An Arrow table with the columns of the contract, each of its type."""
    import pyarrow as pa

    table = _table(spec)
    if not isinstance(table, pa.Table):
        raise CheckFailed(f"build must return a pyarrow.Table, got {type(table).__qualname__}")
    types: dict[str, Any] = {
        "text": pa.types.is_string,
        "target": lambda t: any(f(t) for f in (pa.types.is_string, pa.types.is_integer, pa.types.is_floating)),
        "source": pa.types.is_string,
        "line": pa.types.is_int64,
        "text_2": pa.types.is_string,
        "group": pa.types.is_string,
        "weight": pa.types.is_float64,
        "split": pa.types.is_string,
        "distribution": pa.types.is_struct,
        "deviation": pa.types.is_float64,
    }
    types["taught"] = types["target"]
    schema = f"columns {', '.join(f'{field.name} {field.type}' for field in table.schema)}"
    if spec.row_kind != "text":
        types = {name: right for name, right in types.items() if name not in OF_TEXTS}
        if not any(pa.types.is_nested(field.type) or pa.types.is_floating(field.type) for field in table.schema):
            raise CheckFailed(
                f"the table must have a column of lists or numbers, for rows are {spec.row_kind}, got {schema}"
            )
    for name, right in types.items():
        if name not in table.column_names:
            if name not in OPTIONAL:
                raise CheckFailed(f"the table must have the column {name}, got {schema}")
        elif not right(table.schema.field(name).type):
            raise CheckFailed(f"the column {name} must have the type of the contract, got {schema}")


def check_provides(spec: DatasetSpec) -> None:
    """`provides` says which optional columns come, before anything is read."""
    given = {name for name in _table(spec).column_names if name in OPTIONAL}
    if given != set(spec.provides):
        raise CheckFailed(
            f"provides must say which optional columns come, {sorted(given)}, got {sorted(spec.provides)}"
        )


def check_rows(spec: DatasetSpec) -> None:
    """Every row of texts has one, and all say where they stand; weights are no less than 0, sides are known."""
    table = _table(spec)
    if not table.num_rows:
        raise CheckFailed("the table must have rows, got none")
    for name in (*(["text"] if spec.row_kind == "text" else []), "source", "line"):
        if table[name].null_count:
            raise CheckFailed(f"every row must have a {name}, got {table[name].null_count} of {table.num_rows} without")
    for row, line in enumerate(table["line"].to_pylist()):
        if line < 1:
            raise CheckFailed(f"line must be 1 or more, got {line} in row {row}, {shown(str(table[0][row].as_py()))}")
    for row, side in enumerate(table["split"].to_pylist() if "split" in table.column_names else ()):
        if side not in SIDES:
            raise CheckFailed(f"split must be one of {', '.join(SIDES)}, got {side!r} in row {row}")
    for row, weight in enumerate(table["weight"].to_pylist() if "weight" in table.column_names else ()):
        if weight is None or not 0 <= weight < float("inf"):
            raise CheckFailed(f"weight must be a number of at least 0, got {weight} in row {row}")


def check_same_rows(spec: DatasetSpec) -> None:
    """Read again, the table is the same."""
    wanted, got = _table(spec), spec.build()
    if not wanted.equals(got):
        raise CheckFailed(
            f"read twice, the table must be the same, got {got.num_rows} rows of {got.column_names} after "
            f"{wanted.num_rows} of {wanted.column_names}, or other values in them"
        )


@functools.lru_cache(maxsize=1)
def _table(spec: DatasetSpec) -> pa.Table:
    """What the Spec reads, kept for the next check."""
    return spec.build()
