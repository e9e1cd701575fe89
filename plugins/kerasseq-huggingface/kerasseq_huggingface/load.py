"""From a name or a folder to the splits of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasets

from kerasseq.plugin import DataError, DownloadError, KerasseqError

if TYPE_CHECKING:
    from kerasseq_huggingface.dataset import HuggingFace

__all__ = ["load"]

SAVED = ("dataset_dict.json", "state.json")
"""What `save_to_disk` writes, of several splits and of one."""


def load(spec: HuggingFace) -> dict[str, Any]:
    """Side -> a `datasets.Dataset`.

    Raises:
        DownloadError: The set is neither in the cache nor to be had from the Hub.
        DataError: The folder holds no data set, or a split is missing.
    """
    found = _splits(spec)
    where = spec.folder or spec.set
    for side, split in spec.sides.items():
        if split not in found:
            raise DataError(f"{where}: dataset.{side}: must be a split, one of {', '.join(found)}, got {split}")
    return {side: found[split] for side, split in spec.sides.items()}


def _splits(spec: HuggingFace) -> Mapping[str, Any]:
    saved = next((name for name in SAVED if (Path(spec.folder) / name).is_file()), "") if spec.folder else ""
    try:
        if saved:
            whole = datasets.load_from_disk(spec.folder)
            return whole if isinstance(whole, Mapping) else {spec.train: whole}
        loaded: Mapping[str, Any] = datasets.load_dataset(
            spec.folder or spec.set,
            spec.config or None,
            revision=spec.revision or None,
            cache_dir=spec.cache or None,
            streaming=False,
        )
    except Exception as cause:  # what a library over a network raises is its own, of many kinds
        raise _refused(spec, cause) from cause
    return loaded


def _refused(spec: HuggingFace, cause: Exception) -> KerasseqError:
    """What a person can do about it."""
    got = f"{type(cause).__name__}: {(str(cause).strip().splitlines() or [''])[0][:300]}".removesuffix(": ")
    if spec.folder:
        return DataError(
            f"{spec.folder}: must be a folder that save_to_disk wrote, or of csv, jsonl or parquet, got {got}"
        )
    if isinstance(cause, ValueError) and "onfig" in str(cause):
        return DataError(f"{spec.set}: dataset.config: must be a configuration of the set, got {got}")
    if isinstance(cause, RuntimeError) and "script" in str(cause):
        return DataError(f"{spec.set}: must be files of rows, got a program; a revision with parquet files can be read")
    hint = "check the name, or load it once where the network is; dataset.folder takes a copy that save_to_disk wrote"
    return DownloadError(f"{spec.set}: must be in the cache or to be had from the Hub, got {got}; {hint}")
