"""From the splits of a data set to one standard table: a bad row is named or counted."""

# N rows

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from kerasseq.plugin import DataError

if TYPE_CHECKING:
    from kerasseq_huggingface.dataset import HuggingFace

__all__ = ["standard"]

log = logging.getLogger("kerasseq.datasets")

LISTED = 10
"""Bad rows that a message names before it only counts."""


def standard(spec: HuggingFace, sides: Mapping[str, Any]) -> pa.Table:
    """The table of the contract of `DatasetSpec.build`, sides one after another.

    Raises:
        DataError: A column is missing or of a type that cannot play its part, or rows are wrong.
    """
    where = spec.folder.rpartition("/")[2] or spec.set
    parts, problems = [], []
    for side, rows in sides.items():
        table, wrong = _side(spec, rows, side, f"{where}/{spec.sides[side]}")
        parts.append(table)
        problems += wrong
    if problems and spec.on_bad_row == "error":
        more = f"\nand {len(problems) - LISTED:,} more" if len(problems) > LISTED else ""
        hint = 'dataset.on_bad_row = "skip" leaves them out'
        raise DataError("\n".join(problems[:LISTED]) + f"{more}\n{len(problems):,} rows are wrong; {hint}")
    if problems:
        log.warning("%s: left out %d rows, first %s", where, len(problems), problems[0])
    info = next(iter(sides.values())).info
    said = {"target": spec.target, "licence": info.license or "", "citation": " ".join((info.citation or "").split())}
    if spec.set:
        said["hub"] = spec.set
    whole = pa.concat_tables(parts, promote_options="permissive")
    return whole.replace_schema_metadata({key: value for key, value in said.items() if value})


def _side(spec: HuggingFace, rows: Any, side: str, source: str) -> tuple[pa.Table, list[str]]:
    """The sound rows of one split, and a message for each other one."""
    _check_columns(spec, rows, source)
    wanted = [*spec.text, *(name for name in (spec.text_2, spec.target, spec.group, spec.weight) if name)]
    table = rows.select_columns(list(dict.fromkeys(wanted))).with_format("arrow")[:]
    count = len(rows)

    def text(name: str) -> Any:
        return _cast(table[name], pa.string(), f"{source}: {name}")

    columns = {
        "text": pc.binary_join_element_wise(*map(text, spec.text), " "),
        "target": _targets(table[spec.target], rows.features[spec.target], f"{source}: {spec.target}"),
        "source": pa.repeat(source, count),
        "line": pa.array(range(1, count + 1), pa.int64()),
    }
    if spec.text_2:
        columns["text_2"] = text(spec.text_2)
    if spec.group:
        columns["group"] = text(spec.group)
    if spec.weight:
        columns["weight"] = _cast(table[spec.weight], pa.float64(), f"{source}: {spec.weight}")
    if "split" in spec.provides:
        columns["split"] = pa.repeat(side, count)
    found = pa.table(columns)
    return _sound(spec, found, source)


def _check_columns(spec: HuggingFace, rows: Any, source: str) -> None:
    named = [("text", name) for name in spec.text]
    named += [(key, getattr(spec, key)) for key in ("text_2", "target", "group", "weight") if getattr(spec, key)]
    absent = [(key, name) for key, name in named if name not in rows.column_names]
    if absent:
        have = ", ".join(rows.column_names)
        raise DataError(
            "\n".join(f'{source}: dataset.{k}: must be a column, one of {have}, got "{n}"' for k, n in absent)
        )


def _targets(column: Any, feature: Any, where: str) -> Any:
    """Names of classes, texts, or numbers; null where there is none."""
    names = getattr(feature, "names", None)
    if names is not None:
        known = pc.if_else(pc.greater_equal(column, 0), column, None)
        return pc.take(pa.array(names, pa.string()), known.combine_chunks())
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "true", "false")
    if pa.types.is_integer(column.type):
        return _cast(column, pa.int64(), where)
    number = pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)
    return _cast(column, pa.float64() if number else pa.string(), where)


def _cast(column: Any, wanted: pa.DataType, where: str) -> Any:
    if pa.types.is_nested(column.type):
        raise DataError(f"{where}: must be a column of texts or numbers, got {column.type}")
    try:
        return pc.cast(column, wanted)
    except pa.ArrowInvalid as cause:
        raise DataError(f"{where}: must be {wanted}, got {column.type}; {str(cause).splitlines()[0]}") from cause


def _sound(spec: HuggingFace, table: pa.Table, source: str) -> tuple[pa.Table, list[str]]:
    texts = [("text", "+".join(spec.text)), *([("text_2", spec.text_2)] if spec.text_2 else [])]
    wrong = {name: pc.fill_null(pc.equal(pc.utf8_trim_whitespace(table[column]), ""), True) for column, name in texts}
    wrong[spec.target] = pc.is_null(table["target"], nan_is_null=True)
    if spec.weight:
        wrong[spec.weight] = pc.invert(pc.fill_null(pc.greater_equal(table["weight"], 0), False))
    rules = {spec.target: "must have a target", spec.weight: "must be a weight of at least 0"}
    found: dict[int, str] = {}
    for name, bad in wrong.items():
        for row in pc.indices_nonzero(bad).to_pylist():
            found.setdefault(row, f"{source}:{row + 1}: {name}: {rules.get(name, 'must have a text')}, got none")
    keep = [row for row in range(table.num_rows) if row not in found] if found else None
    return (table if keep is None else table.take(keep)), [found[row] for row in sorted(found)]
