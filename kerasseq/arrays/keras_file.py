"""A `.keras` file from elsewhere, judged before Keras gives it memory: the archive, then the HDF5 inside.

Keras writes members that are not packed, and weights that lie in one piece. So a file asks for as much memory as it has
bytes, and what claims more is a trap: a page of zeros that unpacks to gigabytes, a dataset of a shape without numbers,
a link to another file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from kerasseq.errors import RunError

__all__ = ["check_keras_file"]

WEIGHTS = "model.weights.h5"
TEXT = 1 << 22
"""Bytes of each member beside the weights at the most, unpacked; a configuration has thousands."""
MEMBERS = 10_000
"""Members at the most."""


def check_keras_file(path: Path) -> tuple[int, int]:
    """Look at all that a file says of its sizes; no number of it is read.

    Returns:
        The largest axis of the weights, and how many bytes they are.

    Raises:
        RunError: It asks for more memory than it has bytes, or for a file outside of itself.
        zipfile.BadZipFile: It is no archive.
    """
    found = [(0, 0)]
    with zipfile.ZipFile(path) as archive:
        wrong = next(_members(archive), "") or next(_weights(archive, found), "")
    if wrong:
        raise RunError(f"{path}: {wrong}")
    return max(largest for largest, _ in found), sum(kept for _, kept in found)


def _members(archive: zipfile.ZipFile) -> Iterator[str]:
    """What is wrong with the archive."""
    members = archive.infolist()
    if len(members) > MEMBERS:
        yield f"must have at most {MEMBERS:,} members, got {len(members):,}"
    for info in members:
        if info.filename.startswith("/") or ".." in PurePosixPath(info.filename).parts:
            yield f"must hold files of its own, got one that is to lie elsewhere: {info.filename[:80]}"
        elif info.filename == WEIGHTS:
            if info.compress_type != zipfile.ZIP_STORED:
                yield f"{WEIGHTS}: must be stored as it is, as Keras does, got a packed one"
        elif info.file_size > TEXT:
            yield f"{info.filename[:80]}: must have at most {TEXT:,} bytes, got {info.file_size:,}"


def _weights(archive: zipfile.ZipFile, found: list[tuple[int, int]]) -> Iterator[str]:
    """What is wrong with the HDF5; the largest axis and the bytes of each array go to `found`."""
    import h5py

    if WEIGHTS not in archive.namelist():
        yield f"must hold {WEIGHTS}, got none"
        return
    with archive.open(WEIGHTS) as stream, h5py.File(stream, "r") as file:
        yield from _group(file, "", found)


def _group(group: Any, place: str, sizes: list[tuple[int, int]]) -> Iterator[str]:
    """What is wrong with the members of a group, and below."""
    import h5py

    for name in group:
        where = f"{place}/{name}"[:200]
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            yield f"{WEIGHTS}: {where}: must be in the file, got a link"
            return
        found = group[name]
        if isinstance(found, h5py.Group):
            yield from _group(found, where, sizes)
        elif fault := _dataset(found):
            yield f"{WEIGHTS}: {where}: {fault}"
        else:
            sizes.append((max(found.shape, default=0), found.nbytes))


def _dataset(dataset: Any) -> str:
    if dataset.external or dataset.is_virtual:
        return "must be in the file, got numbers of another one"
    if dataset.dtype.hasobject:
        return f"must be numbers, got {dataset.dtype}"
    kept = dataset.id.get_storage_size()
    if dataset.nbytes != kept:
        return f"must have as many bytes as its shape {dataset.shape} asks for, {dataset.nbytes:,}, got {kept:,}"
    return ""
